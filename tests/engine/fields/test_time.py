"""Dates, instants and times of day: strict in JSON, forgiving in form but not in meaning when typed (threats A-60)."""

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fields.base import Locale
from engine.fields.time import Date, DateTime, TimeOfDay
from tests.engine.fields.refusals import SHANGHAI, read, typed

BERLIN = Locale("Europe/Berlin", "DE", "en")
NOON = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(("value", "found"), [
    ("2026-11-22", dt.date(2026, 11, 22)), ("0001-01-01", dt.date.min), ("9999-12-31", dt.date.max), ("", None),
    ("2026-02-30", "invalid_date"), ("0000-01-01", "invalid_date"), ("10000-01-01", "invalid_date"), ("2026-2-3", "invalid_date"),
    ("20261122", "invalid_date"), ("2026-W47-7", "invalid_date"), ("２０２６-11-22", "invalid_date"), (20261122, "not_date"),
    ("2026-11-22T00:00:00Z", "invalid_date"), ("2026-11-22\n", "invalid_date"), (True, "not_date"), ([], "not_date"),
    ("2023-02-29", "invalid_date"), ("2024-02-29", dt.date(2024, 2, 29)),
])
def test_date_from_json(value: object, found: object) -> None:
    """Exactly YYYY-MM-DD of the calendar, years 1 to 9999."""
    assert read(Date(), value) == found


@pytest.mark.parametrize("text", ["2026-11-22", "2026/11/22", "2026.11.22", "2026年11月22日", " 2026-11-22 "])
def test_typed_dates(text: str) -> None:
    """The ways in which dates are written in the clinics."""
    assert typed(Date(), text) == dt.date(2026, 11, 22)


@pytest.mark.parametrize("text", ["22/11/2026", "2026/11-22", "2026-11-22日", "26-11-22", "2026-13-01", "2026年11月", "tomorrow", "45000"])
def test_typed_dates_that_could_mean_two_things_are_refused(text: str) -> None:
    """Nothing is guessed: no day-first dates, no two-digit years, no serial numbers."""
    assert typed(Date(), text) == "invalid_date"


@pytest.mark.parametrize(("value", "found"), [
    ("2026-11-22T12:00:00+08:00", NOON), ("2026-11-22T04:00:00Z", NOON), ("2026-11-22t04:00:00z", NOON),
    ("2026-11-22T04:00:00.000001Z", NOON.replace(microsecond=1)), ("2026-11-22T04:00:00.5000000Z", NOON.replace(microsecond=500_000)),
    ("2026-11-22T04:00:00.0000001Z", "too_precise"), ("2026-11-22T12:00:00", "invalid_datetime"), ("2026-11-22T12:00Z", "invalid_datetime"),
    ("2026-11-22 12:00:00Z", "invalid_datetime"), ("2026-02-30T12:00:00Z", "invalid_date"), ("2026-11-22T24:00:00Z", "invalid_datetime"),
    ("2026-11-22T23:59:60Z", "invalid_datetime"), ("0001-01-01T00:00:00+08:00", "invalid_datetime"), ("", None),
    ("9999-12-31T23:59:59-08:00", "invalid_datetime"), ("0001-01-01T08:00:00+08:00", dt.datetime.min.replace(tzinfo=dt.UTC)),
    ("2026-11-22T12:00:00+24:00", "invalid_datetime"), ("2026-11-22T12:00:00.Z", "invalid_datetime"), (1763800000, "not_datetime"),
])
def test_datetime_from_json(value: object, found: object) -> None:
    """RFC 3339 with an offset, kept in UTC; nothing is rounded, nothing assumed about a missing offset."""
    assert read(DateTime(), value) == found


@pytest.mark.parametrize("text", [
    "2026-11-22 12:00", "2026-11-22T12:00", "2026-11-22 12:00:00", "2026/11/22 12:00", "2026年11月22日 12:00", "2026年11月22日12:00",
    "2026-11-22T12:00:00.000", "2026-11-22T05:00:00+01:00", "2026-11-22 12\uff1a00",
])
def test_typed_datetimes_are_of_the_clinics_zone(text: str) -> None:
    """A wall-clock time means the organisation's; one with an offset means that."""
    assert typed(DateTime(), text) == NOON


@pytest.mark.parametrize(("text", "found"), [
    ("2026-03-29 02:30", "skipped_time"), ("2026-10-25 02:30", dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)),
    ("2026-11-22", "invalid_datetime"), ("2026-11-22 25:00", "invalid_datetime"), ("0001-01-01 00:00", "invalid_datetime"),
    ("12:00", "invalid_datetime"), ("2026-11-22  9:05", dt.datetime(2026, 11, 22, 8, 5, tzinfo=dt.UTC)),
])
def test_clocks_that_change(text: str, found: object) -> None:
    """A time that the clocks skip is refused; of a time they show twice the earlier is meant."""
    assert typed(DateTime(), text, BERLIN) == found


def test_datetime_texts() -> None:
    """People read the clinic's time, JSON is UTC with Z, an input gives the same instant back."""
    odd = NOON.replace(second=7, microsecond=250_000)
    assert DateTime().text(NOON, SHANGHAI) == "2026-11-22 12:00"
    assert DateTime().dump(NOON) == "2026-11-22T04:00:00Z"
    assert DateTime().input_text(NOON, SHANGHAI) == "2026-11-22T12:00"
    assert typed(DateTime(), DateTime().input_text(odd, SHANGHAI)) == odd
    last = dt.datetime.max.replace(tzinfo=dt.UTC)
    assert DateTime().text(last, SHANGHAI) == "9999-12-31 23:59"


@given(st.datetimes(min_value=dt.datetime(1, 1, 2), max_value=dt.datetime(9999, 12, 30), timezones=st.just(dt.UTC)))
def test_every_instant_survives(instant: dt.datetime) -> None:
    """JSON gives every instant back to the microsecond."""
    assert DateTime().parse(DateTime().dump(instant)) == instant


@pytest.mark.parametrize(("value", "found"), [
    ("12:30", dt.time(12, 30)), ("12:30:45", dt.time(12, 30, 45)), ("00:00", dt.time(0)), ("", None), ("24:00", "invalid_time"),
    ("9:30", "invalid_time"), ("12:60", "invalid_time"), ("12:30:60", "invalid_time"),
    ("12:30Z", "invalid_time"), ("12:30:45.5", "invalid_time"),
    (750, "not_time"),
])
def test_time_of_day(value: object, found: object) -> None:
    """HH:MM or HH:MM:SS, strict in JSON."""
    assert read(TimeOfDay(), value) == found


def test_typed_times() -> None:
    """A typed hour may have one digit; midnight is a time and not nothing."""
    assert typed(TimeOfDay(), "9:05") == dt.time(9, 5)
    assert typed(TimeOfDay(), "12\uff1a30") == dt.time(12, 30)
    assert TimeOfDay().dump(dt.time(0)) == "00:00"


@pytest.mark.corpus
def test_date_formats_of_the_corpus(shared_data: Path) -> None:
    """The JSON Schema suite's dates are taken and refused as it says, years beyond the calendar apart."""
    texts = _cases(shared_data, "date.json")
    assert texts and {t: isinstance(read(Date(), t), dt.date) for t in texts} == texts


@pytest.mark.corpus
def test_time_formats_of_the_corpus_never_fail(shared_data: Path) -> None:
    """RFC 3339 times carry zones, which a time of day has not: those are refused by code, none raises anything else."""
    for text in _cases(shared_data, "time.json"):
        assert isinstance(read(TimeOfDay(), text), dt.time | str)


def _cases(shared_data: Path, name: str) -> dict[str, bool]:
    groups = json.loads((shared_data / "bad_input/formats" / name).read_text())
    return {case["data"]: case["valid"] for group in groups for case in group["tests"] if isinstance(case["data"], str)}
