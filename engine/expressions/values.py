"""What values do: calendar arithmetic, exact numbers and texts, total. Python closures and SQLite's functions share them."""

from __future__ import annotations

import datetime
import decimal
import re
from dataclasses import dataclass
from decimal import Decimal

from engine.expressions.limits import DECIMAL_DIGITS, MAX_FLOAT, MAX_INTEGER, MAX_MICROSECONDS, MIN_FLOAT

__all__ = [
    "EXACT", "Months", "Workdays", "add_months", "age", "as_float", "bounded_days", "decimal_text", "divide_scaled", "in_range", "lower",
    "parse_date", "parse_instant", "parse_time", "rescale", "upper",
]

# Wide enough that no sum, product or quotient of two decimals is rounded before the language rounds it; nothing raises.
EXACT = decimal.Context(prec=80, rounding=decimal.ROUND_HALF_EVEN, traps=[])

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})")
TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?")
# Letters of bytes are those of ASCII, and in UTF-8 no other character has such a byte: far quicker than a table of letters.
_BYTES = ("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A span of calendar months; `years(1)` is 12 of them."""

    count: int


@dataclass(frozen=True, slots=True, order=True)
class Workdays:
    """A span of working days, which a calendar says what they are."""

    count: int


def lower(text: str) -> str:
    """A-Z in small letters; every other character stays."""
    return text.lower() if text.isascii() else text.encode(*_BYTES).lower().decode(*_BYTES)


def upper(text: str) -> str:
    """a-z in capital letters; every other character stays."""
    return text.upper() if text.isascii() else text.encode(*_BYTES).upper().decode(*_BYTES)


def in_range(number: int) -> int | None:
    return number if -MAX_INTEGER <= number <= MAX_INTEGER else None


def as_float(number: float) -> float | None:
    """The float within the bounds: null beyond the greatest, zero below the least."""
    size = abs(number)
    if size <= MAX_FLOAT:
        return number if size >= MIN_FLOAT else 0.0
    return None


def add_months(day: datetime.date, count: int) -> datetime.date | None:
    """The same day of another month, or its last day when the month is shorter; null outside the years 1 to 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if not 1 <= year <= 9999:
        return None
    return datetime.date(year, month + 1, min(day.day, _length(year, month + 1)))


def _length(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def bounded_days(day: datetime.date, count: int) -> datetime.date | None:
    number = day.toordinal() + count
    return datetime.date.fromordinal(number) if 1 <= number <= 3_652_059 else None


def age(born: datetime.date, today: datetime.date) -> int | None:
    """Full years; who was born on 29 February has the birthday on 1 March in other years; null before the birth."""
    if born > today:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def parse_date(text: str) -> datetime.date | None:
    """The date of `2026-11-22`; null for any other form and for a day that does not exist."""
    if not DATE.fullmatch(text):
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def parse_instant(text: str) -> datetime.datetime | None:
    """The instant of an RFC 3339 text with its offset from UTC, cut to microseconds; null for any other form."""
    found = INSTANT.fullmatch(text)
    if not found:
        return None
    if found[1] and len(found[1]) > 6:
        text = text[: found.start(1) + 6] + found[2]
    try:
        return datetime.datetime.fromisoformat(text).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        return None


def parse_time(text: str) -> datetime.time | None:
    """The time of day of `12:30` or `12:30:15`; null for any other form."""
    if not TIME.fullmatch(text):
        return None
    try:
        return datetime.time.fromisoformat(text)
    except ValueError:
        return None


def divide_scaled(numerator: int, denominator: int) -> int | None:
    """The quotient of two integers, half-even; null for zero below and beyond 18 digits."""
    if denominator == 0:
        return None
    quotient, rest = divmod(abs(numerator), abs(denominator))
    if 2 * rest > abs(denominator) or (2 * rest == abs(denominator) and quotient % 2):
        quotient += 1
    if quotient >= 10**DECIMAL_DIGITS:
        return None
    return quotient if (numerator < 0) == (denominator < 0) else -quotient


def rescale(number: Decimal, places: int) -> Decimal:
    """The decimal rounded half-even to these places."""
    return number.quantize(Decimal(1).scaleb(-places), context=EXACT)


def decimal_text(number: Decimal) -> str:
    """The shortest plain text: no exponent, no zeros at the end, no minus before zero."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def bounded_span(microseconds: int) -> int | None:
    return microseconds if -MAX_MICROSECONDS <= microseconds <= MAX_MICROSECONDS else None
