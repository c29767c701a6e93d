"""A progress bar for what may take minutes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

__all__ = ["progress"]


@contextlib.contextmanager
def progress(what: str, total: int | None = None, *, show: bool = True) -> Iterator[Callable[[int], None]]:
    """Shows how far something is on standard error, where that is a terminal or a notebook; it leaves no trace there.

    Args:
        what: What is being done.
        total: How many steps it takes, if that is known.
        show: Whether to show anything.

    Yields:
        A function that is told how many steps have been done since it was called last, in any thread.

    Example:
    >>> with progress("Counting", total=3) as advance:
    ...     for _ in range(3):
    ...         advance(1)
    """
    if not show:
        yield lambda steps: None
        return
    # Imported here: no worker process needs it.
    from rich import progress as bars
    from rich.console import Console

    console = Console(stderr=True)
    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
        bars.TimeRemainingColumn(),
    )
    shown = console.is_terminal or console.is_jupyter
    with bars.Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task(what, total=total)
        yield lambda steps: bar.advance(task, steps)
