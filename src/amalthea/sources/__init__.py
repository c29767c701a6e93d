"""Sources: one sample by index. They know nothing of batches, epochs or Keras."""

from amalthea.sources._remote_settings import configure_remote
from amalthea.sources.arrays import Arrays
from amalthea.sources.audio import AudioFiles
from amalthea.sources.cached import Cached
from amalthea.sources.characters import CharacterCodes
from amalthea.sources.combined import Concatenated, Mapped
from amalthea.sources.hdf5 import HDF5
from amalthea.sources.images import ImageFiles
from amalthea.sources.labelled import Labelled
from amalthea.sources.masks import Masks
from amalthea.sources.noise import Noise
from amalthea.sources.paired import files, paired
from amalthea.sources.subset import Subset
from amalthea.sources.text_files import Contents, TextFiles
from amalthea.sources.texts import Texts
from amalthea.sources.windows import Windows
from amalthea.sources.zipped import Zipped

__all__ = [
    "HDF5",
    "Arrays",
    "AudioFiles",
    "Cached",
    "CharacterCodes",
    "Concatenated",
    "Contents",
    "ImageFiles",
    "Labelled",
    "Mapped",
    "Masks",
    "Noise",
    "Subset",
    "TextFiles",
    "Texts",
    "Windows",
    "Zipped",
    "configure_remote",
    "files",
    "paired",
]
