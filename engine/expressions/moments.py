"""Formats of dates, instants and times: `yyyy-MM-dd HH:mm`, a few letters that mean a part, everything else as it stands."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

__all__ = ["CLOCK", "DAY", "formatter", "unknown"]

Moment = datetime.date | datetime.time

PARTS: dict[str, Callable[[Moment], str]] = {
    "yyyy": lambda x: f"{x.year:04d}",  # type: ignore[union-attr]
    "MM": lambda x: f"{x.month:02d}",  # type: ignore[union-attr]
    "M": lambda x: str(x.month),  # type: ignore[union-attr]
    "dd": lambda x: f"{x.day:02d}",  # type: ignore[union-attr]
    "d": lambda x: str(x.day),  # type: ignore[union-attr]
    "HH": lambda x: f"{x.hour:02d}",  # type: ignore[union-attr]
    "mm": lambda x: f"{x.minute:02d}",  # type: ignore[union-attr]
    "ss": lambda x: f"{x.second:02d}",  # type: ignore[union-attr]
}
DAY = frozenset({"yyyy", "MM", "M", "dd", "d"})
CLOCK = frozenset({"HH", "mm", "ss"})
WORD = re.compile(r"([A-Za-z])\1*|[^A-Za-z]+")


def unknown(form: str, allowed: frozenset[str]) -> str | None:
    """The first run of letters that means nothing here; None when there is none."""
    return next((match[0] for match in WORD.finditer(form) if match[1] and match[0] not in allowed), None)


def formatter(form: str) -> Callable[[Moment], str]:
    """The function that writes a moment in this form, which has no unknown letters."""
    words = [(PARTS.get(match[0]), match[0]) for match in WORD.finditer(form)]
    return lambda moment: "".join([part(moment) if part else word for part, word in words])
