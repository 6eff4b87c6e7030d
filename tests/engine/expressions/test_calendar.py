"""Working days: the closed form agrees with counting day by day, at the ends of the calendar too."""

import datetime
from random import Random

import pytest

from engine.expressions.calendar import WEEKEND, Calendar

DAY = datetime.timedelta(days=1)
OCTOBER = [datetime.date(2026, 10, day) for day in range(1, 32)]


def counted(calendar: Calendar, day: datetime.date, count: int) -> datetime.date:
    """The shift made by walking."""
    step = DAY if count > 0 else -DAY
    left = abs(count)
    while left:
        day += step
        regular = day.isoweekday() not in calendar.weekend and day not in calendar.holidays
        left -= regular or day in calendar.make_up_days
    return day


def test_agrees_with_walking() -> None:
    """200 random calendars of one October, with weekends of none to three days: shift, between and works by day."""
    random = Random(7)
    for _ in range(200):
        calendar = Calendar(
            frozenset(random.sample(range(1, 8), random.randint(0, 3))),
            frozenset(random.sample(OCTOBER, random.randint(0, 12))),
            frozenset(random.sample(OCTOBER, random.randint(0, 6))),
        )
        day, count = random.choice(OCTOBER), random.randint(-30, 30)
        found = calendar.shift(day, count)
        assert found == counted(calendar, day, count)
        assert found is not None and (count == 0 or calendar.works(found))
        low, high = min(day, found), max(day, found)
        walked = sum(calendar.works(low + DAY * step) for step in range(1, (high - low).days + 1))
        assert calendar.between(low, high) == walked == -calendar.between(high, low)


@pytest.mark.parametrize(
    ("day", "count", "wanted"),
    [
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-11-21", 0, "2026-11-21"),
        ("2026-11-21", 1, "2026-11-23"),
        ("2026-11-21", -1, "2026-11-20"),
        ("2026-11-20", 1_000_000, "5859-12-16"),
        ("9999-12-31", 1, None),
        ("9999-12-30", 1, "9999-12-31"),
        ("0001-01-01", -1, None),
        ("0001-01-02", -1, "0001-01-01"),
    ],
)
def test_shift(day: str, count: int, wanted: str | None) -> None:
    """A weekend is skipped; 0 leaves the day; outside the years 1 to 9999 there is none."""
    found = Calendar().shift(datetime.date.fromisoformat(day), count)
    assert (found and found.isoformat()) == wanted


def test_make_up_day_is_worked_though_a_holiday() -> None:
    """A make-up day wins over weekend and holiday, a holiday over a day of the week, and neither counts twice."""
    saturday, monday = datetime.date(2026, 10, 10), datetime.date(2026, 10, 12)
    calendar = Calendar(WEEKEND, frozenset({saturday, monday}), frozenset({saturday}))
    assert calendar.works(saturday) and not calendar.works(monday)
    assert calendar.between(saturday - DAY, monday) == 1
    assert Calendar(WEEKEND, frozenset(), frozenset({monday})).between(saturday, monday) == 1


def test_no_working_day_at_all() -> None:
    """Where no day is worked a shift leads nowhere, and none lie between."""
    never = Calendar(frozenset(range(1, 8)))
    assert never.shift(OCTOBER[0], 1) is None and never.shift(OCTOBER[0], -1) is None
    assert never.shift(OCTOBER[0], 0) == OCTOBER[0] and never.between(OCTOBER[0], OCTOBER[9]) == 0


def test_equal_by_what_was_given() -> None:
    """Calendars are values: they compare and hash by weekend, holidays and make-up days."""
    assert Calendar() == Calendar(frozenset({7, 6})) and hash(Calendar()) == hash(Calendar(WEEKEND))
    assert Calendar() != Calendar(holidays=frozenset(OCTOBER))
