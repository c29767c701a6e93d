"""A survey of a folder as a picture: files of each class, sizes in pixels, sizes of files, formats."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._units import as_bytes
from amalthea.errors import ConfigurationError
from amalthea.report.survey import Survey
from amalthea.report.table import many, printable
from amalthea.report.targets import check_target
from amalthea.report.text import MODES, common

__all__ = ["check_chart", "draw_chart"]

FORMATS = (".png", ".svg", ".pdf")
MOST_KINDS = 8  # of more, the rest is one bar
MOST_BARS = 40  # of more classes, a curve
MOST_BUBBLES = 1000  # of more sizes, how many there are in each part of the plane
INK, QUIET, PAPER = "#22303c", "#8a97a3", "#ffffff"
BLUE, RED = "#2a7f9e", "#d1495b"
FEW_TO_MANY = ["#cfe6ee", BLUE, "#0b2f3d"]
STYLE = {"fontsize": 9, "color": INK}


def check_chart(out: str, directory: str) -> None:
    """Checks, before anything is looked at, that a chart can be drawn and written.

    Raises:
        ConfigurationError: If matplotlib is missing, or the suffix is no format, or the file cannot be written or is
            one of the images.
    """
    _figure(1)
    check_target("--out", out, directory, FORMATS)


def draw_chart(found: Survey, out: str) -> None:
    """Draws the distributions of a folder into a file, whose suffix says its format.

    Raises:
        ConfigurationError: If matplotlib is missing.
    """
    bars = len(found.class_names)
    figure = _figure(height=max(7.5, 1.5 + 0.24 * bars) if bars <= MOST_BARS else 7.5)
    _title(figure, found)
    grid = figure.add_gridspec(3, 2) if bars else figure.add_gridspec(2, 2)
    (_classes if bars else _pixels)(figure.add_subplot(grid[:, 0]), found)
    right: list[Any] = [_pixels, _file_sizes, _kinds] if bars else [_file_sizes, _kinds]
    for row, draw in enumerate(right):
        draw(figure.add_subplot(grid[row, 1]), found)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names of classes may have letters that the font has not
        figure.savefig(out, dpi=150)


def _figure(height: float) -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ConfigurationError('Charts are drawn by matplotlib: pip install "amalthea[plot]".') from error
    return Figure(figsize=(12, height), layout="constrained", facecolor=PAPER)


def _title(figure: Any, found: Survey) -> None:
    broken = f", {len(found.broken):,} of them broken" if found.broken else ""
    total = as_bytes(float(found.files["bytes"].sum()))
    text = f"{printable(found.directory, 60)}\n{many(len(found.files), 'image')}{broken}, {total}"
    figure.suptitle(text, x=0.01, ha="left", fontsize=13, color=INK, parse_math=False)


def _classes(axes: Any, found: Survey) -> None:
    order = np.argsort(-found.counts, kind="stable")
    if len(order) > MOST_BARS:
        _many_classes(axes, found, order)
        return
    counts, broken = found.counts[order], found.broken_counts[order]
    _bars(axes, [printable(found.class_names[place], 28) for place in order.tolist()], counts, broken, least=20)
    _dress(axes, "Files of each class", grid="x")


def _many_classes(axes: Any, found: Survey, order: npt.NDArray[np.int64]) -> None:
    counts = found.counts[order]
    axes.fill_between(np.arange(1, len(counts) + 1), counts, step="mid", color=BLUE, alpha=0.85, linewidth=0)
    if counts.max() > 50 * max(1, counts.min()):
        axes.set_yscale("symlog", linthresh=1)
    axes.set_xlim(0.5, len(counts) + 0.5)
    axes.set_ylim(0)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    places = {"largest": 0, "median": len(counts) // 2, "smallest": -1}
    names = {word: printable(found.class_names[order[place]], 28) for word, place in places.items()}
    lines = [f"{word}: {name}, {counts[places[word]]:,}" for word, name in names.items()]
    axes.set_xlabel("\n".join([f"{len(counts):,} classes, from the largest to the smallest", *lines]), **STYLE)
    axes.xaxis.label.set_parse_math(False)
    _dress(axes, "Files of each class", grid="y")


def _pixels(axes: Any, found: Survey) -> None:
    _dress(axes, "Width and height in pixels", grid="both")
    width, height = found.known("width").astype(float), found.known("height").astype(float)
    if not len(width):
        return
    sizes, counts = np.unique(np.stack([width, height]), axis=1, return_counts=True)
    if sizes.shape[1] > MOST_BUBBLES:
        bins = [np.geomspace(0.9 * each.min(), 1.1 * each.max(), 60) for each in (width, height)]
        density, *_ = np.histogram2d(width, height, bins)
        axes.pcolormesh(*bins, np.ma.masked_equal(density.T, 0), norm="log", cmap=_colors())
    else:
        largest = 150 if len(counts) < 50 else 60
        axes.scatter(*sizes, s=10 + largest * counts / max(20, counts.max()), color=BLUE, alpha=0.5, linewidth=0)
    _scale(axes, "x", width)
    _scale(axes, "y", height)
    axes.set_xlabel("width", **STYLE)
    axes.set_ylabel("height", **STYLE)


def _colors() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("few to many", FEW_TO_MANY)


def _scale(axes: Any, axis: str, pixels: npt.NDArray[np.float64]) -> None:
    low, high = 0.85 * float(pixels.min()), 1.15 * float(pixels.max())
    axes.set(**{f"{axis}lim": (low, high)})
    if high > 8 * low:
        axes.set(**{f"{axis}scale": "log"})
        ticks = _round_numbers(low, high)
        getattr(axes, f"set_{axis}ticks")(ticks, [f"{tick:,.0f}" for tick in ticks])
        getattr(axes, f"set_{axis}ticks")([], minor=True)


def _round_numbers(low: float, high: float) -> list[float]:
    """Returns places to mark between two numbers, on a scale of their logarithms."""
    for firsts in ((1,), (1, 2, 5)):
        numbers = [first * 10.0**power for power in range(13) for first in firsts if low <= first * 10**power <= high]
        if len(numbers) >= 3:
            return numbers[:: -(-len(numbers) // 8)]
    from matplotlib.ticker import MaxNLocator

    return [float(number) for number in MaxNLocator(4).tick_values(low, high) if low <= number <= high]


def _file_sizes(axes: Any, found: Survey) -> None:
    sizes = found.files["bytes"].astype(float)
    sizes = sizes[sizes > 0]
    _dress(axes, "Sizes of the files", grid="y")
    if not len(sizes):
        return
    axes.hist(sizes, bins=np.geomspace(0.9 * sizes.min(), 1.1 * sizes.max(), 41), color=BLUE, alpha=0.85)
    axes.locator_params(axis="y", integer=True)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_xscale("log")
    ticks = _round_numbers(0.9 * float(sizes.min()), 1.1 * float(sizes.max()))
    axes.set_xticks(ticks, [re.sub(r"\.0+ ", " ", as_bytes(tick)) for tick in ticks])
    axes.set_xticks([], minor=True)
    if found.median_bytes:
        axes.axvline(found.median_bytes, color=INK, linewidth=1)
    empty = len(found.files) - len(sizes)
    words = f"line: the median, {as_bytes(found.median_bytes)}" + (f"; {empty:,} empty, not drawn" if empty else "")
    axes.set_xlabel(words, **STYLE)
    axes.set_ylabel("files", **STYLE)


def _kinds(axes: Any, found: Survey) -> None:
    pairs = found.files[["format", "mode"]]
    names, counts = [], []
    kinds = common(pairs, most=len(pairs))
    cut = len(kinds) if len(kinds) <= MOST_KINDS else MOST_KINDS - 1
    for pair, count in kinds[:cut]:
        kind, mode = (part.decode("ascii") for part in pair)
        names.append(f"{kind}, {MODES.get(mode, mode)}" if kind else "unknown")
        counts.append(count)
    if kinds[cut:]:
        names.append(f"{len(kinds) - cut} others")
        counts.append(sum(count for _, count in kinds[cut:]))
    _bars(axes, names, np.array(counts), np.zeros(len(counts), np.int64), least=MOST_KINDS)
    _dress(axes, "Formats and colours", grid="x")


def _bars(
    axes: Any, names: list[str], counts: npt.NDArray[np.int64], broken: npt.NDArray[np.int64], *, least: int
) -> None:
    """Draws a bar for each name, with room for some more: a few bars need not be fat."""
    places = np.arange(len(names))
    axes.barh(places, counts - broken, height=0.72, color=BLUE, alpha=0.85)
    axes.barh(places, broken, left=counts - broken, height=0.72, color=RED)
    for place, (count, bad) in enumerate(zip(counts.tolist(), broken.tolist(), strict=True)):
        words = f"{count:,}, {bad:,} broken" if bad else f"{count:,}"
        axes.annotate(words, (count, place), (4, 0), textcoords="offset points", va="center", **STYLE)
    axes.set_yticks(places, names, parse_math=False)
    axes.set_ylim(max(len(names), least) - 0.4, -0.6)
    axes.set_xlim(0, counts.max() * (1.35 if broken.any() else 1.15))
    axes.locator_params(axis="x", integer=True, nbins=6)
    axes.xaxis.set_major_formatter("{x:,.0f}")


def _dress(axes: Any, title: str, *, grid: str) -> None:
    axes.set_title(title, loc="left", fontsize=11, color=INK)
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    axes.tick_params(labelsize=9, labelcolor=INK, color=QUIET, length=0)
    axes.set_axisbelow(True)
    axes.grid(axis=grid, color=QUIET, alpha=0.25, linewidth=0.8)
