"""What is wrong with a source or a loader, before a model finds out: for tests of your own."""

from amalthea.testing.fakes import Faulty, Racy
from amalthea.testing.findings import CheckError, Finding
from amalthea.testing.loaders import check_loader
from amalthea.testing.sources import check_source

__all__ = ["CheckError", "Faulty", "Finding", "Racy", "check_loader", "check_source"]
