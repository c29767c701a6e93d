"""Numbers as people read them."""

from __future__ import annotations

import math

__all__ = ["amount", "as_bytes"]


def amount(number: float) -> str:
    """Returns a number with three digits that count.

    Example:
    >>> amount(1234.5), amount(56.78), amount(0.1234), amount(0)
    ('1,234', '56.8', '0.123', '0')
    """
    if not number:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(number))))
    return f"{number:,.{digits}f}"


def as_bytes(count: float) -> str:
    """Returns a number of bytes in the unit that suits it.

    Example:
    >>> as_bytes(999), as_bytes(52_100), as_bytes(3e12)
    ('999 B', '52.1 kB', '3.00 TB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < 999.5:
            return f"{amount(count)} {unit}" if unit != "B" else f"{count:.0f} B"
        count /= 1000
    return f"{amount(count)} TB"
