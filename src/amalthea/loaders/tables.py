"""The columns of a table that lists files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from amalthea.errors import ConfigurationError

__all__ = ["check_columns", "column_of", "labels_of"]


def check_columns(options: dict[str, Any]) -> None:
    """Raises ConfigurationError for options of a loader that a table has columns for."""
    for name, remedy in (
        ("labels", "name their column by `y_col`; for masks write `ImageLoader(paths, sources.Masks(...))`"),
        ("sample_weight", "name their column by `weight_col`"),
    ):
        if name in options:
            raise ConfigurationError(f"`{name}` is for the loader itself; here they are in the table: {remedy}.")


def labels_of(dataframe: Any, y_col: Any, label_mode: str | None) -> Any:
    """Returns a label for each file, or a tuple of such columns for `"multi_output"`, or `None`.

    Raises:
        ConfigurationError: If `label_mode` does not go with `y_col`, or there is no such column.
    """
    if label_mode in (None, "input"):
        return None
    several = isinstance(y_col, Iterable) and not isinstance(y_col, str)
    y_col = list(y_col) if several else y_col
    if label_mode == "multi_output" and not (several and y_col):
        raise ConfigurationError(
            f"`label_mode` is 'multi_output' and `y_col` {y_col!r}; it must be a list of the columns, one for each "
            "output of the model."
        )
    if several and label_mode not in ("raw", "multi_output"):
        raise ConfigurationError(
            f"`y_col` is the list {y_col!r}, which goes with `label_mode` 'raw', one array of all columns, or "
            f"'multi_output', an array for each; it is {label_mode!r}."
        )
    if y_col is None:
        return None
    if not several:
        return column_of(dataframe, "y_col", y_col)
    columns = tuple(column_of(dataframe, "y_col", name) for name in y_col)
    return columns if label_mode == "multi_output" else list(zip(*columns, strict=True))


def column_of(dataframe: Any, argument: str, name: Any) -> list[Any]:
    """Returns a column; those of a pandas table may be named by numbers.

    Raises:
        ConfigurationError: If there is none of that name.
    """
    try:
        return list(dataframe[name])
    except KeyError as error:
        columns = list(getattr(dataframe, "columns", dataframe))
        raise ConfigurationError(f"`{argument}` is {name!r}; the columns of the table are {columns}.") from error
