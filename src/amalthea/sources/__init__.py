"""Sources: one sample by index. They know nothing of batches, epochs or Keras."""

from amalthea.sources.images import ImageFiles
from amalthea.sources.labelled import Labelled

__all__ = ["ImageFiles", "Labelled"]
