"""Values spelled as texts and texts read as values, total: what a text does not spell is None. The forms are CEL's where it has one."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal

from engine.expressions import values
from engine.expressions.limits import DECIMAL_DIGITS, MAX_MICROSECONDS, MAX_PLACES

__all__ = [
    "SPACES", "as_bool", "as_decimal", "as_double", "as_duration", "as_int", "duration_text", "fixed", "float_text", "instant_text",
    "time_text",
]

# The characters with the property White_Space in Unicode, which differ from what str.strip() takes.
SPACES = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"

INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,10})?")
DOUBLE = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?")
DURATION = re.compile(r"[+-]?([0-9]{1,15}(\.[0-9]{1,15})?(h|m|s|ms|us|ns))+")
PART = re.compile(r"([0-9]+)(?:\.([0-9]+))?(h|ms|m|s|us|ns)")
NANOSECONDS = {"h": 3_600_000_000_000, "m": 60_000_000_000, "s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
TRUE, FALSE = frozenset({"1", "t", "true", "TRUE", "True"}), frozenset({"0", "f", "false", "FALSE", "False"})


def as_int(text: str) -> int | None:
    """Digits with or without a sign, within the bounds of integers."""
    return values.in_range(int(text)) if INTEGER.fullmatch(text) else None


def as_decimal(text: str) -> Decimal | None:
    """A plain number with at most 10 digits after the point, within the bounds of a decimal with 10 places."""
    if not DECIMAL.fullmatch(text):
        return None
    found = values.rescale(Decimal(text), MAX_PLACES)
    return found if abs(found) < Decimal(10) ** (DECIMAL_DIGITS - MAX_PLACES) else None


def as_double(text: str) -> float | None:
    """A number with or without a point and an exponent, within the bounds of floats."""
    return values.as_float(float(text)) if DOUBLE.fullmatch(text) else None


def as_bool(text: str) -> bool | None:
    """One of CEL's spellings."""
    return True if text in TRUE else False if text in FALSE else None


def as_duration(text: str) -> datetime.timedelta | None:
    """CEL's form, `1h30m`, `90s`, `-1.5h`, cut to whole microseconds; null beyond 2,000,000 hours."""
    if not DURATION.fullmatch(text):
        return None
    nanoseconds = 0
    for whole, part, unit in PART.findall(text):
        nanoseconds += int(whole) * NANOSECONDS[unit]
        nanoseconds += int(part or 0) * NANOSECONDS[unit] // 10 ** len(part)
    microseconds = nanoseconds // 1_000
    if microseconds > MAX_MICROSECONDS:
        return None
    return datetime.timedelta(microseconds=-microseconds if text[0] == "-" else microseconds)


def float_text(number: float) -> str:
    """The fewest digits that say the number; plain from 1e-6 to 1e21, else with an exponent, as in `1.5e+30` and `2e-7`."""
    if number == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits)).rstrip("0")
    point = len(digits) + exponent
    if -6 < point <= 21:
        plain = "0." + "0" * -point + text if point <= 0 else text.ljust(point, "0")
        if 0 < point < len(text):
            plain = f"{text[:point]}.{text[point:]}"
    else:
        plain = text[0] + ("." + text[1:] if len(text) > 1 else "") + f"e{point - 1:+d}"
    return "-" + plain if sign else plain


def _seconds(microseconds: int) -> str:
    """Whole seconds with the digits of a fraction, none at the end that say nothing."""
    whole, part = divmod(microseconds, 1_000_000)
    return f"{whole}.{part:06d}".rstrip("0") if part else str(whole)


def duration_text(span: datetime.timedelta) -> str:
    """CEL's form: seconds, as in `90.5s`."""
    microseconds = span // datetime.timedelta(microseconds=1)
    return ("-" if microseconds < 0 else "") + _seconds(abs(microseconds)) + "s"


def instant_text(at: datetime.datetime) -> str:
    """RFC 3339 in UTC, with a fraction of a second only where there is one: `2026-11-22T08:00:00.5Z`."""
    text = at.astimezone(datetime.UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return text.rstrip("0").rstrip(".") + "Z"


def time_text(at: datetime.time) -> str:
    """`12:30`, and `12:30:15` where there are seconds."""
    return at.isoformat(timespec="seconds" if at.second else "minutes")


def fixed(number: int | Decimal, places: int) -> str:
    """The number with so many digits after the point, rounded half-even; no minus before zero."""
    text = format(values.rescale(Decimal(number), places), "f")
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text
