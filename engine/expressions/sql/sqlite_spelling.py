"""Functions of SQLite that spell values as texts and read them from texts, by the same Python as everywhere.

Values are as SQLite stores them: instants and times as text, decimals as whole numbers, durations as whole microseconds.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.expressions import spelling, values
from engine.expressions.limits import MAX_PLACES

__all__ = ["FUNCTIONS", "instant_text"]

MICROSECOND = datetime.timedelta(microseconds=1)
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def instant_text(at: datetime.datetime) -> str:
    """The text that instants are stored as: UTC, always six digits of a second, so that texts sort as instants do."""
    return at.astimezone(datetime.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def as_decimal(text: str) -> int | None:
    found = spelling.as_decimal(text)
    return None if found is None else int(found.scaleb(MAX_PLACES, values.EXACT))


def as_time(text: str) -> str | None:
    found = values.parse_time(text)
    return None if found is None else found.isoformat(timespec="seconds")


def as_instant(text: str) -> str | None:
    found = values.parse_instant(text)
    return None if found is None else instant_text(found)


def as_duration(text: str) -> int | None:
    found = spelling.as_duration(text)
    return None if found is None else found // MICROSECOND


def from_seconds(seconds: int) -> str | None:
    try:
        return instant_text(EPOCH + datetime.timedelta(seconds=seconds))
    except OverflowError:
        return None


def seconds_of(at: str) -> int:
    return (datetime.datetime.fromisoformat(at) - EPOCH) // datetime.timedelta(seconds=1)


def spelled_instant(at: str) -> str:
    return spelling.instant_text(datetime.datetime.fromisoformat(at))


def spelled_time(at: str) -> str:
    return spelling.time_text(datetime.time.fromisoformat(at))


def spelled_span(microseconds: int) -> str:
    return spelling.duration_text(microseconds * MICROSECOND)


def fixed(number: int, places: int, wanted: int) -> str:
    return spelling.fixed(Decimal(number).scaleb(-places, values.EXACT), wanted)


def substring(text: str, start: int, end: int) -> str | None:
    return text[start:end] if 0 <= start <= end <= len(text) else None


def substring_from(text: str, start: int) -> str | None:
    return substring(text, start, len(text))


def join(items: str, between: str) -> str:
    return between.join([item for item in json.loads(items) if item is not None])


# Name -> (function of values that are not null, number of arguments).
FUNCTIONS: dict[str, tuple[Callable[..., Any], int]] = {
    "cw_as_int": (spelling.as_int, 1),
    "cw_as_decimal": (as_decimal, 1),
    "cw_as_double": (spelling.as_double, 1),
    "cw_as_bool": (spelling.as_bool, 1),
    "cw_as_time": (as_time, 1),
    "cw_as_instant": (as_instant, 1),
    "cw_as_duration": (as_duration, 1),
    "cw_from_seconds": (from_seconds, 1),
    "cw_seconds_of": (seconds_of, 1),
    "cw_float_text": (spelling.float_text, 1),
    "cw_instant_text": (spelled_instant, 1),
    "cw_time_text": (spelled_time, 1),
    "cw_span_text": (spelled_span, 1),
    "cw_fixed": (fixed, 3),
    "cw_substring": (substring, 3),
    "cw_substring_from": (substring_from, 2),
    "cw_join": (join, 2),
}
