"""What was measured of a folder, in words."""

from __future__ import annotations

import os

from amalthea._units import amount, as_bytes
from amalthea.report.table import aligned, many, percent, printable, section
from amalthea.speed.bench import Bench

__all__ = ["as_text"]

BEST = "<- fewest workers that are within 5 % of the fastest"


def as_text(result: Bench) -> str:
    """Returns the report."""
    return "\n".join(
        [
            _headline(result),
            *section("Reading the files", _reading(result)),
            *section("Each step alone, images/s", _steps(result)),
            *section("The loader, images/s", _loader(result)),
            *section("What limits", _limits(result)),
            *section(f"An epoch of all {result.files:,} images", _epoch(result)),
            *section("What to pass to the loader", _choice(result)),
        ]
    )


def _headline(result: Bench) -> str:
    broken = f" ({result.sample.broken:,} broken left out)" if result.sample.broken else ""
    size = as_bytes(result.sample.file_bytes)
    return (
        f"{printable(result.directory, None)}: {many(result.files, 'image')}; "
        f"{len(result.sample.source):,} of them measured{broken}, {size} each on average, "
        f"as {result.image_size} x {result.image_size} pixels, in batches of {result.batch_size}, "
        f"on {many(result.cores, 'core')}"
    )


def _reading(result: Bench) -> list[str]:
    size = result.sample.file_bytes
    rows = [["", "images/s", "MB/s"]]
    for name, done in (("first time", result.sample.first), ("again, from memory", result.sample.again)):
        rows.append([name, amount(done.per_second), amount(done.per_second * size / 1e6)])
    lines = aligned(rows)
    if not _from_disk(result):
        lines.append("The first time is about as fast: the files were in memory before, or the disk is as fast.")
    return lines


def _steps(result: Bench) -> list[str]:
    one = result.steps[1]
    whole, counts = sum(one.values()), list(result.steps)
    rows = [["", *(many(count, "thread") for count in counts), "share of the time"]]
    for step, seconds in one.items():
        rates = [_rate(result.steps[count][step] / count) for count in counts]
        rows.append([step, *rates, percent(seconds, whole)])
    rows.append(["together", *(_rate(sum(result.steps[count].values()) / count) for count in counts), ""])
    return aligned(rows)


def _loader(result: Bench) -> list[str]:
    rows = []
    for count, rate in result.threads.items():
        name = many(count, "worker") if count else "no worker"
        rows.append([name, amount(rate), BEST if count == result.workers else ""])
    rows.append([many(result.cores, "process"), amount(result.processes), ""])
    rows.append([f"{many(result.cores, 'worker')}, no augmentation", amount(result.plain), ""])
    rows.append([f"{many(result.cores, 'worker')}, images from a cache", amount(result.cached), ""])
    lines = aligned([row[:2] for row in rows])
    return [f"{line}  {row[2]}".rstrip() for line, row in zip(lines, rows, strict=True)]


def _limits(result: Bench) -> list[str]:
    one, best = result.steps[1], result.best
    step = max(one, key=lambda name: one[name])
    lines = [f"{step.capitalize()} takes {percent(one[step], sum(one.values()))} of the time of a core."]
    if _from_disk(result) and result.sample.first.per_second < best:
        lines.append(
            f"The disk: files that are not in memory come at {amount(result.sample.first.per_second)} images/s."
        )
    floor = result.cores / sum(one.values())
    if best < 0.7 * floor:
        lines.append(
            f"{many(result.cores, 'worker')} make {percent(best, floor)} of {result.cores} times what one thread "
            "makes alone: the cores are not all free, or wait for memory or for Python's lock."
        )
    elif result.workers == result.cores:
        lines.append("The cores: each one more makes it faster.")
    return lines


def _epoch(result: Bench) -> list[str]:
    rows = [["as measured", _seconds(result.files / result.best)]]
    if _from_disk(result):
        slower = min(result.best, result.sample.first.per_second)
        rows.append(["files that are not in memory", _seconds(result.files / slower)])
    rows.append(["without augmentation", _seconds(result.files / result.plain)])
    rows.append(["from a cache", _seconds(result.files / result.cached)])
    return aligned(rows)


def _choice(result: Bench) -> list[str]:
    lines = [f"`workers={result.workers}`"]
    best = result.best
    if result.processes > 1.2 * best:
        lines.append(f"`use_multiprocessing=True`: processes are {result.processes / best:.1f} times as fast")
    if result.cached > 1.2 * best:
        lines.append(
            f"`cache=`: {as_bytes(result.cache_bytes)}{_of_memory()} for {result.cached / best:.1f} times the speed "
            "from the second epoch on"
        )
    return lines


def _from_disk(result: Bench) -> bool:
    """Whether the files were much slower to read for the first time: they were not in memory before."""
    return result.sample.first.per_second < 0.3 * result.sample.again.per_second


def _of_memory() -> str:
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # no such question here
        return ""
    return f" (this machine has {as_bytes(memory)} of memory)"


def _rate(seconds: float) -> str:
    return amount(1 / seconds) if seconds else "-"


def _seconds(seconds: float) -> str:
    if seconds < 120:
        return f"{amount(seconds)} s"
    return f"{amount(seconds / 60)} min" if seconds < 7200 else f"{amount(seconds / 3600)} h"
