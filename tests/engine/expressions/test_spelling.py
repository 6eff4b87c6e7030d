"""Values as texts and back, formats and time zones: every form, and nothing raised for what is none."""

import datetime
import math
import struct
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from engine.expressions import moments, spelling, zones

UTC = datetime.UTC


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-2.5, "-2.5"), (0.1, "0.1"), (1e-6, "0.000001"), (1.5e-6, "0.0000015"), (1e-7, "1e-7"),
        (123456789012345680000.0, "123456789012345680000"), (1e20, "100000000000000000000"), (1e21, "1e+21"), (1.25e30, "1.25e+30"),
        (-1e-150, "-1e-150"), (0.3333333333333333, "0.3333333333333333"), (100.0, "100"), (1e150, "1e+150"),
    ],
)
def test_float_text(number: float, text: str) -> None:
    """The form of JavaScript, which has the fewest digits that say the number."""
    assert spelling.float_text(number) == text


def test_float_text_says_the_number() -> None:
    """Read back, the text is the same float, for 2,000 random ones."""
    random = Random(3)
    for _ in range(2_000):
        [number] = struct.unpack("d", random.randbytes(8))
        if math.isfinite(number) and 1e-150 < abs(number) < 1e150:
            text = spelling.float_text(number)
            assert spelling.as_double(text) == number and float(text) == number


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("90s", 90_000_000), ("1h30m", 5_400_000_000), ("-1.5h", -5_400_000_000), ("+1ms", 1_000), ("1us", 1), ("1999ns", 1),
        ("-1999ns", -1), ("0.1s0.1s", 200_000), ("0s", 0), ("2000000h", 7_200_000_000_000_000),
        ("2000001h", None), ("", None), ("-", None), ("1", None), ("1d", None), ("1 s", None), ("s", None), ("1.s", None), (".5s", None),
        ("1e3s", None), ("１s", None), ("1" * 16 + "s", None),
    ],
)
def test_duration(text: str, microseconds: int | None) -> None:
    """CEL's form, cut to microseconds towards zero."""
    found = spelling.as_duration(text)
    assert (found and found // datetime.timedelta(microseconds=1)) == microseconds or (found == datetime.timedelta(0) and microseconds == 0)


@pytest.mark.parametrize("seconds", ["0s", "90s", "-90.5s", "0.000001s", "7200000000s"])
def test_duration_text(seconds: str) -> None:
    """A duration says its seconds, and reads them back."""
    found = spelling.as_duration(seconds)
    assert found is not None and spelling.duration_text(found) == seconds


@pytest.mark.parametrize(
    ("number", "places", "text"),
    [
        (Decimal("2.5"), 0, "2"), (Decimal("3.5"), 0, "4"), (Decimal("-0.5"), 0, "0"), (Decimal("-0.05"), 1, "0.0"), (Decimal("-0.06"), 1, "-0.1"),
        (7, 2, "7.00"), (Decimal("0E-10"), 3, "0.000"), (Decimal("1E+3"), 1, "1000.0"),
    ],
)
def test_fixed(number: Any, places: int, text: str) -> None:
    """Rounded half-even, without exponent and without a minus before zero."""
    assert spelling.fixed(number, places) == text


def test_spaces_are_those_of_unicode() -> None:
    """25 characters, each White_Space in Unicode; what str.strip() takes besides stays."""
    assert len(spelling.SPACES) == len(set(spelling.SPACES)) == 25
    assert all(char.isspace() for char in spelling.SPACES)
    assert "\x1c".isspace() and "\x1c" not in spelling.SPACES and "\u200b" not in spelling.SPACES


@pytest.mark.parametrize(
    ("name", "hours"),
    [("UTC", 0.0), ("Asia/Shanghai", 8.0), ("+08:00", 8.0), ("-09:30", -9.5), ("02:00", 2.0), ("-00:00", 0.0), ("America/Argentina/Ushuaia", -3.0)],
)
def test_zone(name: str, hours: float) -> None:
    """A name of the IANA, or an offset with or without its sign."""
    found = zones.zone(name)
    assert found is not None
    assert datetime.datetime(2026, 11, 22, tzinfo=UTC).astimezone(found).utcoffset() == datetime.timedelta(hours=hours)


@pytest.mark.parametrize(
    "name",
    ["", "Mars/Base", "+24:00", "+08:60", "+8:00", "0800", "../../etc/passwd", "/etc/localtime", "Asia//Shanghai", "Asia/", "a" * 5_000, "Asia\x00"],
)
def test_no_zone(name: str) -> None:
    """Anything else is none, and no path on the disk."""
    assert zones.zone(name) is None


def test_clock_beyond_the_calendar() -> None:
    """An instant whose clock would show the year 0 or 10000 has no parts there."""
    east, west = zones.zone("+10:00"), zones.zone("-10:00")
    assert east is not None and west is not None
    assert zones.local(datetime.datetime.max.replace(tzinfo=UTC), east) is None
    assert zones.local(datetime.datetime.min.replace(tzinfo=UTC), west) is None


@pytest.mark.parametrize(
    ("form", "bad"),
    [("yyyy-MM-dd", None), ("d.M.", None), ("yy", "yy"), ("MMM", "MMM"), ("D", "D"), ("yyyyy", "yyyyy"), ("年月日", None), ("ddThh", "T")],
)
def test_letters_of_a_format(form: str, bad: str | None) -> None:
    """A run of one letter that means nothing is found, signs and letters of other scripts stand for themselves."""
    assert moments.unknown(form, moments.DAY) == bad
