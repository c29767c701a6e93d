"""Values in a JSON text, with their places: to change one of them, and no letter besides."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["Value"]

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_ROW = re.compile(r"[^\n]*\n|[^\n]+")


class Value:
    r"""A value in a JSON text.

    Args:
        text: The text.
        start: Where the value begins, or space before it.

    Attributes:
        value: What it is in Python.
        start, end: Where it stands.

    Raises:
        ValueError: If there is no value.

    Example:
    >>> text = '{"a": 1, "b": ["x\\n",   "y"]}'
    >>> value = Value(text).members()["b"]
    >>> value.value, text[value.start : value.end]
    (['x\n', 'y'], '["x\\n",   "y"]')
    >>> value.spelled("x\nz")
    '["x\\n",   "z"]'
    """

    def __init__(self, text: str, start: int = 0) -> None:
        self.text, self.start = text, _after_space(text, start)
        self.value: Any
        self.value, self.end = _DECODER.raw_decode(text, self.start)

    def members(self) -> dict[str, Value]:
        """Returns the members of an object; none for what is no object."""
        found: dict[str, Value] = {}
        if not isinstance(self.value, dict) or not self.value:
            return found
        place = self.start + 1
        while place < self.end:
            key = Value(self.text, place)
            member = found[key.value] = Value(self.text, _after_space(self.text, key.end) + 1)
            place = _after_space(self.text, member.end) + 1
        return found

    def items(self) -> list[Value]:
        """Returns the items of an array; none for what is no array."""
        found: list[Value] = []
        if not isinstance(self.value, list) or not self.value:
            return found
        place = self.start + 1
        while place < self.end:
            found.append(Value(self.text, place))
            place = _after_space(self.text, found[-1].end) + 1
        return found

    def spelled(self, source: str) -> str:
        """Returns a text as this value has one, as a string or as an array of lines, in the same spacing."""
        rows, items = _ROW.findall(source), self.items()
        if isinstance(self.value, str):
            return self._string(source)
        if not items:
            return f"[{', '.join(map(self._string, rows))}]"
        before, after = self.text[self.start + 1 : items[0].start], self.text[items[-1].end : self.end - 1]
        between = self.text[items[0].end : items[1].start] if len(items) > 1 else f",{before}"
        known = {item.value: self.text[item.start : item.end] for item in items}
        return f"[{before}{between.join(known.get(row) or self._string(row) for row in rows)}{after}]"

    def _string(self, text: str) -> str:
        escaped = self.text.isascii() and "\\u" in self.text  # as the rest of it
        return json.dumps(text, ensure_ascii=escaped)


def _after_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    assert found is not None
    return found.end()
