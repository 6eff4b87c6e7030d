"""Functions that the SQL for SQLite needs; the store registers each on every connection.

Values are as SQLite stores them: dates and instants as text, decimals as whole numbers, lists as JSON. Null gives null.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import re2

from engine.expressions import values
from engine.expressions.limits import MAX_MICROSECONDS
from engine.expressions.sql import sqlite_moments, sqlite_spelling
from engine.expressions.sql.sqlite_spelling import instant_text

__all__ = ["FUNCTIONS", "date_text", "instant_text"]

# For the sets of places that re2 remembers of a pattern. With its own 8 MB it goes on making new ones for as long as no text has
# filled them; with this little it soon walks through the places instead, which takes a fifth of the time for the worst patterns.
PATTERN_MEMORY = 512 * 1024
MICROSECOND = datetime.timedelta(microseconds=1)


def date_text(day: datetime.date) -> str:
    return day.isoformat()


def _instant(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def add_days(day: str, count: int) -> str | None:
    found = values.bounded_days(datetime.date.fromisoformat(day), count)
    return found.isoformat() if found else None


def add_months(day: str, count: int) -> str | None:
    found = values.add_months(datetime.date.fromisoformat(day), count)
    return found.isoformat() if found else None


def add_microseconds(at: str, count: int) -> str | None:
    try:
        return instant_text(_instant(at) + datetime.timedelta(microseconds=count))
    except OverflowError:
        return None


def microseconds_between(later: str, earlier: str) -> int | None:
    span = (_instant(later) - _instant(earlier)) // MICROSECOND
    return span if -MAX_MICROSECONDS <= span <= MAX_MICROSECONDS else None


def parse_date(text: str) -> str | None:
    found = values.parse_date(text)
    return found.isoformat() if found else None


@functools.lru_cache(maxsize=512)
def pattern(text: str) -> Any:
    """The compiled pattern of `matches`; the text has passed `portable`."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = PATTERN_MEMORY
    return re2.compile(text, options)


def matches(text: str, expression: str) -> bool:
    return pattern(expression).search(text) is not None


def bounded(value: float, most: int) -> float | None:
    return value if -most <= value <= most else None


def divide(left: int, right: int, shift: int) -> int | None:
    """left / right as whole number, shifted by `shift` decimal places, half-even."""
    up, down = (10**shift, 1) if shift >= 0 else (1, 10**-shift)
    return values.divide_scaled(left * up, right * down)


def multiply(left: int, right: int, drop: int) -> int | None:
    return values.divide_scaled(left * right, 10**drop)


def rescale(number: int, drop: int) -> int | None:
    return values.divide_scaled(number, 10**drop)


def decimal_float(number: int, places: int) -> float:
    return float(Decimal(number).scaleb(-places, values.EXACT))


def decimal_text(number: int, places: int) -> str:
    return values.decimal_text(Decimal(number).scaleb(-places, values.EXACT))


def join_lists(one: str, two: str) -> str:
    """Two lists one after the other, as text: what is within is not touched."""
    between = "," if one.strip() != "[]" and two.strip() != "[]" else ""
    return f"{one.rstrip()[:-1]}{between}{two.lstrip()[1:]}"


def pack_float(number: float) -> str:
    return repr(number + 0.0)


def average(upper: int, lower: int, count: int, shift: int) -> int | None:
    """The mean of `count` numbers that add up to upper * 2^32 + lower, with `shift` decimal places more, half-even."""
    return divide(upper * 2**32 + lower, count, shift)


def ends_with(text: str, end: str) -> bool:
    return text.endswith(end)


def _strict(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def strict(*args: Any) -> Any:
        return None if None in args else function(*args)

    return strict


# Name -> (function, number of arguments, deterministic).
FUNCTIONS: dict[str, tuple[Callable[..., Any], int, bool]] = {
    "cw_add_days": (_strict(add_days), 2, True),
    "cw_add_months": (_strict(add_months), 2, True),
    "cw_add_microseconds": (_strict(add_microseconds), 2, True),
    "cw_microseconds_between": (_strict(microseconds_between), 2, True),
    "cw_parse_date": (_strict(parse_date), 1, True),
    "cw_matches": (_strict(matches), 2, True),
    "cw_bounded": (_strict(bounded), 2, True),
    "cw_divide": (_strict(divide), 3, True),
    "cw_multiply": (_strict(multiply), 3, True),
    "cw_rescale": (_strict(rescale), 2, True),
    "cw_float": (_strict(values.as_float), 1, True),
    "cw_decimal_float": (_strict(decimal_float), 2, True),
    "cw_decimal_text": (_strict(decimal_text), 2, True),
    "cw_join_lists": (_strict(join_lists), 2, True),
    "cw_pack_float": (_strict(pack_float), 1, True),
    "cw_unpack_float": (_strict(float), 1, True),
    "cw_average": (_strict(average), 4, True),
    "cw_ends_with": (_strict(ends_with), 2, True),
    **{name: (_strict(function), count, True) for name, (function, count) in {**sqlite_spelling.FUNCTIONS, **sqlite_moments.FUNCTIONS}.items()},
}
