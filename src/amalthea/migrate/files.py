"""A file of a program: read as its encoding says, and written as a whole or not at all."""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import secrets
import tokenize
from pathlib import Path
from typing import NamedTuple

from amalthea.errors import AmaltheaError

__all__ = ["NOTEBOOK", "File", "RefusedError", "read", "write"]

NOTEBOOK = ".ipynb"


class RefusedError(AmaltheaError):
    """A file is left as it is.

    Args:
        line: Where the reason is, counted from 1; `None` if it is about the whole file.
        reason: Why.
    """

    def __init__(self, line: int | None, reason: str) -> None:
        super().__init__(line, reason)
        self.line, self.reason = line, reason

    def __str__(self) -> str:
        return self.reason if self.line is None else f"line {self.line}: {self.reason}"


class File(NamedTuple):
    """A file as it was read.

    Attributes:
        path: Where it is.
        data: Its bytes.
        text: What they say, with the ends of lines that they have.
        encoding: By which they say it; `"utf-8-sig"` is UTF-8 with a byte order mark.
    """

    path: Path
    data: bytes
    text: str
    encoding: str

    def encoded(self, text: str) -> bytes:
        """Returns the bytes that say another text in the encoding of the file.

        Raises:
            RefusedError: If the encoding has no bytes for a letter of it.
        """
        try:
            data = text.encode(self.encoding)
        except UnicodeEncodeError as error:
            letter, line = text[error.start], text.count("\n", 0, error.start) + 1
            reason = f"its encoding, {self.encoding}, has no {letter!r}, which would be written: save it as UTF-8 first"
            raise RefusedError(line, reason) from None
        if self.text.encode(self.encoding) != self.data:  # some encodings have several ways to say the same
            raise RefusedError(None, f"its encoding, {self.encoding}, does not give its bytes back: save it as UTF-8")
        return data


def read(path: Path) -> File:
    """Reads a program in the encoding that its first lines declare, and a notebook as UTF-8.

    Raises:
        OSError: If it cannot be read.
        RefusedError: If its bytes are nothing in its encoding.
    """
    data = path.read_bytes()
    encoding = _encoding_of(path, data)
    try:
        return File(path, data, data.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        reason = f"it is not in its encoding, {encoding}: {error.reason} 0x{data[error.start]:02x}"
        raise RefusedError(data.count(b"\n", 0, error.start) + 1, reason) from None
    except LookupError:
        raise RefusedError(1, f"{encoding} is no encoding of text") from None


def _encoding_of(path: Path, data: bytes) -> str:
    if path.suffix == NOTEBOOK:
        return "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-8"
    lines = iter(data.splitlines(keepends=True))
    try:
        return tokenize.detect_encoding(lines.__next__)[0]
    except SyntaxError as error:
        raise RefusedError(1, str(error)) from None


def write(file: File, data: bytes) -> None:
    """Puts other bytes into a file, with its owner and its permissions; a link stays a link.

    Whatever happens, it holds the old bytes or the new ones as a whole.

    Args:
        file: As it was read.
        data: The new bytes.

    Raises:
        OSError: If it cannot be written; it is as it was then.
        RefusedError: If it has changed since it was read.
    """
    target = Path(os.path.realpath(file.path))
    there = target.stat()
    # To put another file in its place would be possible all the same, and so would be to write it for the superuser.
    if not there.st_mode & 0o222 or not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "the file is read-only", str(file.path))
    part = target.with_name(f".amalthea-{secrets.token_hex(8)}")
    try:
        with open(part, "xb", opener=_private) as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())  # or a loss of power might leave the new name on no bytes
        _dress(part, there)
        if target.read_bytes() != file.data:
            raise RefusedError(None, "it was changed by another program after it was read: run this again")
        part.replace(target)
    except BaseException:  # an interrupt too
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)  # until it has the permissions of the file, which may be as few as these


def _dress(part: Path, there: os.stat_result) -> None:
    """Gives a new file the owner and the permissions of the old one."""
    mine = part.stat()
    if (mine.st_uid, mine.st_gid) != (there.st_uid, there.st_gid):
        os.chown(part, there.st_uid, there.st_gid)
    part.chmod(there.st_mode & 0o7777)  # last: another owner takes some permissions away
