"""The file of a cache that lasts: named by all that decides its samples, which stands at its beginning too."""

from __future__ import annotations

import errno
import hashlib
import importlib
import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import PIL
import simplejpeg

from amalthea._shared import SharedFile
from amalthea._urls import is_url
from amalthea.errors import ConfigurationError

__all__ = ["digest_of", "header_of", "open_file", "path_of", "versions"]

FORMAT = 1  # a file of another one is not read
PAGE = 4096
CHUNK = 4096  # paths at a time

NOT_WRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS)


def header_of(**recipe: Any) -> bytes:
    """Returns the beginning of a file: all that decides what is in it, but for what its samples are made from."""
    whole = {"format": FORMAT, "byte order": sys.byteorder, **recipe}
    text = json.dumps(whole, indent=1, sort_keys=True).encode()
    return text.ljust((len(text) // PAGE + 1) * PAGE)


def path_of(folder: Path, header: bytes) -> Path:
    """Returns the path of the file that begins so."""
    return folder / f"{hashlib.blake2b(header, digest_size=16).hexdigest()}.amalthea"


def versions() -> dict[str, str]:
    """Returns the versions of what decides pixels."""
    return {
        "amalthea": importlib.import_module("amalthea").__version__,
        "machine": platform.machine(),
        "opencv": cv2.__version__,
        "pillow": PIL.__version__,
        "simplejpeg": simplejpeg.__version__,
    }


def digest_of(paths: Sequence[str]) -> str:
    """Returns a digest of paths in their order; relative ones are others in another working directory."""
    rooted = is_url(paths[0]) or Path(paths[0]).is_absolute()
    digest = hashlib.blake2b(b"" if rooted else bytes(Path.cwd()), digest_size=16)
    for start in range(0, len(paths), CHUNK):
        digest.update(os.fsencode("\0".join(["", *paths[start : start + CHUNK]])))
    return digest.hexdigest()


def open_file(path: Path, header: bytes, size: int, reserved: int) -> tuple[SharedFile, bool]:
    """Opens a file of a cache, or makes one.

    What is written here is the same whoever writes it, so it does no harm when several programs do so at once.

    Args:
        path: Its path.
        header: How it begins.
        size: How long it must be.
        reserved: So many bytes at its beginning are read before they are written.

    Returns:
        The file, and whether it can only be read.

    Raises:
        ConfigurationError: If it cannot be opened or made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file, read_only = _opened(path)
        begins = _beginning(file, len(header))
        if read_only:
            if begins != header or file.size < size:
                raise OSError(errno.EROFS, "it is not whole, and it cannot be written to")
            return file, True
        if begins != header and begins.strip(b"\0"):  # it is broken: whoever has it open keeps it
            path.unlink()
            file, _ = _opened(path)
        file.extend(size)
        file.reserve(0, reserved)  # a full file system in memory answers with a bus error where there is nothing yet
        os.lseek(file.handle, 0, os.SEEK_SET)
        os.write(file.handle, header)
    except OSError as error:
        raise ConfigurationError(
            f"`cache` is {str(path.parent)!r}, where the file {path.name!r} of {size:,} bytes cannot "
            f"be opened or made: {error.strerror or error}. It must be a folder that can be written to."
        ) from error
    return file, False


def _opened(path: Path) -> tuple[SharedFile, bool]:
    binary = getattr(os, "O_BINARY", 0)
    try:
        return SharedFile(os.open(path, os.O_RDWR | os.O_CREAT | binary, 0o666)), False
    except OSError as error:
        if error.errno not in NOT_WRITABLE or not path.exists():
            raise
        return SharedFile(os.open(path, os.O_RDONLY | binary)), True


def _beginning(file: SharedFile, size: int) -> bytes:
    os.lseek(file.handle, 0, os.SEEK_SET)
    return os.read(file.handle, size)
