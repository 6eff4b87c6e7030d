"""The days of a calendar and where its entries stand.

1. A span is a day, a week from Monday, or the whole weeks of a month; before and after it lie the next ones.
2. Entries that overlap share the width, others take all of it; at most six stand side by side.
3. An entry over midnight stands on both days, one that ends at midnight only on the first; whole days stand apart.
4. The grid shows working hours, and more where something is earlier or later.
5. What lasts beyond the end of the calendar, or stands at it, keeps nobody from the other entries (A-60).
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from runtime.screens.agenda import Entry, Scale, Span, entry_of, hours_of, placed

DAY = date(2026, 3, 2)


def _at(id: str, start: str, end: str) -> Entry:
    return Entry(id, datetime.fromisoformat(start), datetime.fromisoformat(end))


@pytest.mark.parametrize(("scale", "day", "first", "until", "after"), [
    (Scale.DAY, date(2024, 2, 29), date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 1)),
    (Scale.WEEK, date(2026, 3, 1), date(2026, 2, 23), date(2026, 3, 2), date(2026, 3, 8)),
    (Scale.MONTH, date(2026, 2, 14), date(2026, 1, 26), date(2026, 3, 2), date(2026, 3, 1)),
    (Scale.MONTH, date(2026, 12, 31), date(2026, 11, 30), date(2027, 1, 4), date(2027, 1, 1)),
])
def test_spans(scale: Scale, day: date, first: date, until: date, after: date) -> None:
    """Requirement 1."""
    span = Span(scale, day)
    assert (span.first, span.until, span.moved(1)) == (first, until, after)
    assert span.days[0] == first and span.days[-1] == until - timedelta(1)
    assert Span(scale, span.moved(-1)).until <= span.until


def test_side_by_side() -> None:
    """Requirement 2."""
    entries = [_at("a", "2026-03-02T09:00", "2026-03-02T10:00"), _at("b", "2026-03-02T09:30", "2026-03-02T10:30"),
               _at("c", "2026-03-02T10:00", "2026-03-02T10:15"), _at("d", "2026-03-02T10:30", "2026-03-02T11:00")]
    [day] = placed(entries, [DAY])
    assert [(one.entry.id, one.at, one.quarters, one.part, one.parts) for one in day.placed] == [
        ("a", 36, 4, 1, 2), ("b", 38, 4, 2, 2), ("c", 40, 1, 1, 2), ("d", 42, 2, 1, 1)]
    [crowd] = placed([_at(f"{n}", "2026-03-02T09:00", "2026-03-02T10:00") for n in range(9)], [DAY])
    assert max(one.parts for one in crowd.placed) == 6


def test_midnight_and_whole_days() -> None:
    """Requirement 3."""
    days = [DAY, DAY + timedelta(1)]
    entries = [_at("over", "2026-03-02T23:00", "2026-03-03T01:00"), _at("until", "2026-03-02T22:00", "2026-03-03T00:00"),
               Entry("whole", DAY, DAY + timedelta(1))]
    first, second = placed(entries, days)
    assert [one.entry.id for one in first.placed] == ["until", "over"]
    assert [(one.entry.id, one.at, one.quarters) for one in second.placed] == [("over", 0, 4)]
    assert [[entry.id for entry in day.whole] for day in (first, second)] == [["whole"], ["whole"]]


def test_hours() -> None:
    """Requirement 4."""
    assert hours_of(placed([], [DAY])) == (8, 19)
    assert hours_of(placed([_at("a", "2026-03-02T06:50", "2026-03-02T07:00"), _at("b", "2026-03-02T20:10", "2026-03-02T20:40")], [DAY])) == (6, 21)


def test_values_become_clinic_time() -> None:
    """An instant is the clinic's wall clock; without an end half an hour, never before its start."""
    zone = ZoneInfo("Asia/Shanghai")
    start = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert entry_of("a", start, None, None, zone) == _at("a", "2026-03-02T09:30", "2026-03-02T10:00")
    assert entry_of("a", start, None, 45, zone).end == datetime.fromisoformat("2026-03-02T10:15")
    assert entry_of("a", start, start - timedelta(hours=1), None, zone).end == datetime.fromisoformat("2026-03-02T09:30")
    assert entry_of("a", DAY, DAY - timedelta(1), None, zone) == Entry("a", DAY, None)


@pytest.mark.parametrize(("start", "end", "minutes"), [
    (datetime(2026, 3, 2, 9, tzinfo=UTC), None, 2**53 - 1), (datetime(2026, 3, 2, 9, tzinfo=UTC), None, -(2**53 - 1)),
    (datetime(2026, 3, 2, 9, tzinfo=UTC), datetime.max.replace(tzinfo=UTC), None), (datetime.max.replace(tzinfo=UTC), None, 30),
    (datetime.min.replace(tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=UTC), None),
])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_the_ends_of_the_calendar(start: datetime, end: datetime | None, minutes: int | None, zone: str) -> None:
    """Requirement 5."""
    entry = entry_of("far", start, end, minutes, ZoneInfo(zone))
    good = _at("good", "2026-03-02T09:00", "2026-03-02T10:00")
    [day] = placed([entry, good], [DAY])
    assert "good" in [one.entry.id for one in day.placed] and all(1 <= one.quarters <= 96 for one in day.placed)
    assert hours_of([day])[1] <= 24
