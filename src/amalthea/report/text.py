"""A survey of a folder in words."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._units import amount, as_bytes
from amalthea._urls import is_url
from amalthea.report.advice import advice
from amalthea.report.survey import Survey
from amalthea.report.table import aligned, many, percent, printable, section
from amalthea.sources.paths import RelativePaths

__all__ = ["MODES", "as_text", "common"]

MOST_CLASSES = 24  # of more, the largest and the smallest are listed
MOST = 5  # examples of anything

MODES = {
    "1": "black and white",
    "CMYK": "CMYK",
    "F": "float",
    "I": "32 bits",
    "I;16": "grayscale, 16 bits",
    "I;16B": "grayscale, 16 bits",
    "L": "grayscale",
    "LA": "grayscale, alpha",
    "P": "palette",
    "PA": "palette, alpha",
    "": "unknown",
}


def as_text(found: Survey, report: str | None = None) -> str:
    """Returns the report on a folder, whose broken files are listed in the file `report` if that is given."""
    lines = [
        _headline(found),
        *section("Classes", _classes(found)),
        *section("Sizes", _sizes(found)),
        *section("Most frequent sizes (width x height in pixels)", _frequent(found)),
        *section("Formats", _counted(found.files["format"])),
        *section("Colours", _counted(found.files["mode"], MODES)),
        *section("Left out, since no loader takes them", _left_out(found)),
        *section("Suffixes that are not those of the content; files are read by their content", _misnamed(found)),
        *section(f"Broken files: {len(found.broken):,}", _broken(found)),
        *section(_copies_title(found), _copies(found)),
        *section("What to do", advice(found, report)),
    ]
    return "\n".join(lines)


def common(values: npt.NDArray[Any], most: int = MOST) -> list[tuple[Any, int]]:
    """Returns the most frequent values and how often each is there, the most frequent one first."""
    kinds, counts = np.unique(values, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:most]
    return [(kinds[place], int(counts[place])) for place in order]


def _headline(found: Survey) -> str:
    classes = f", {many(len(found.class_names), 'class')}" if found.class_names else ""
    how = "headers only" if found.quick else "each decoded"
    total = as_bytes(float(found.files["bytes"].sum()))
    return f"{printable(found.directory, None)}: {many(len(found.files), 'image')} ({how}){classes}, {total}"


def _classes(found: Survey) -> list[str]:
    names, counts, total = found.class_names, found.counts, len(found.files)
    if not names:
        return []
    places = np.arange(len(names))
    cut = len(names) > MOST_CLASSES
    if cut:
        places = np.argsort(-counts, kind="stable")
        places = np.concatenate([places[: MOST_CLASSES // 2], places[-MOST_CLASSES // 2 :]])
    rows = [
        [
            printable(names[place]),
            f"{counts[place]:,}",
            percent(counts[place], total),
            f"{found.broken_counts[place]:,} broken" if found.broken_counts[place] else "",
        ]
        for place in places.tolist()
    ]
    lines = aligned(rows)
    if cut:
        lines.insert(MOST_CLASSES // 2, f"... {len(names) - MOST_CLASSES:,} more between these")
    return lines


def _sizes(found: Survey) -> list[str]:
    width, height = found.known("width").astype(float), found.known("height").astype(float)
    rows = [["", "least", "median", "most"]]
    if len(width):
        rows.append(_range("width", width, _whole))
        rows.append(_range("height", height, _whole))
        rows.append(_range("width / height", width / height, amount))
    sizes = found.files["bytes"]
    rows.append(["size of a file", *map(as_bytes, (int(sizes.min()), found.median_bytes, int(sizes.max())))])
    return aligned(rows)


def _whole(number: float) -> str:
    return f"{number:,.0f}"


def _range(name: str, values: npt.NDArray[np.float64], shown: Any) -> list[str]:
    return [name, shown(values.min()), shown(float(np.median(values))), shown(values.max())]


def _frequent(found: Survey) -> list[str]:
    sizes = (found.known("width").astype(np.uint64) << np.uint64(32)) | found.known("height")
    most = common(sizes)
    if len(most) == 1:
        return [f"{_size(most[0][0])}, all of them"]
    rows = [[_size(size), f"{count:,}", percent(count, len(sizes))] for size, count in most]
    return aligned(rows) if rows else []


def _size(packed: Any) -> str:
    return f"{int(packed) >> 32} x {int(packed) & 0xFFFFFFFF}"


def _counted(values: npt.NDArray[Any], names: dict[str, str] | None = None) -> list[str]:
    counts: Counter[str] = Counter()
    for value, count in common(values, most=len(values)):
        counts[(names or {"": "unknown"}).get(value.decode("ascii"), value.decode("ascii"))] += count
    return aligned([[name, f"{count:,}", percent(count, len(values))] for name, count in counts.most_common()])


def _left_out(found: Survey) -> list[str]:
    rows = [[printable(kind), f"{count:,}"] for kind, count in found.left_out.most_common(MOST)]
    return aligned(rows) if rows else []


def _misnamed(found: Survey) -> list[str]:
    return _few(
        [f"{_path(found, index)} is {_kind(found, index)}" for index in found.misnamed[:MOST].tolist()],
        len(found.misnamed),
    )


def _broken(found: Survey) -> list[str]:
    some = sorted(found.broken.items())[:MOST]
    return _few(
        [f"{_path(found, index)}: {printable(reason.removeprefix('ValueError: '), None)}" for index, reason in some],
        len(found.broken),
    )


def _copies_title(found: Survey) -> str:
    copies = found.copies
    what = "copy" if copies.extra == 1 else "copies"
    return f"{copies.extra:,} {what} of {many(len(copies.pairs), 'file')}, byte for byte"


def _copies(found: Survey) -> list[str]:
    lines = [
        f"{_path(found, first)} = {_path(found, second)}{', in another class' if across else ''} ({members:,} files)"
        for (first, second), members, across in zip(*(each[:MOST].tolist() for each in found.copies), strict=True)
    ]
    return _few(lines, len(found.copies.pairs))


def _few(lines: list[str], total: int) -> list[str]:
    return lines if total <= len(lines) else [*lines, f"... and {total - len(lines):,} more"]


def _path(found: Survey, index: int) -> str:
    return printable(_relative(found.listing.paths[index], found.directory), None)


def _relative(path: str, directory: str) -> str:
    return RelativePaths([path], directory)[0] if is_url(path) else os.path.relpath(path, directory)


def _kind(found: Survey, index: int) -> str:
    return str(found.files["format"][index], "ascii")
