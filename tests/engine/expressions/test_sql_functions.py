"""Functions that depend on what the organisation says: its calendar and its time zone, in Python and on both databases alike."""

import datetime
from collections.abc import Iterable

from engine.expressions import check, to_python
from engine.expressions.calendar import Calendar
from engine.expressions.types import Type
from tests.engine.expressions.clinic import Clinic, opened, values

DAY = datetime.date.fromisoformat
SPRING = Calendar(
    holidays=frozenset(map(DAY, ("2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20", "2026-02-23"))),
    make_up_days=frozenset(map(DAY, ("2026-02-14", "2026-02-28"))),
)
CALENDARS = {
    "spring": SPRING,
    "gulf": Calendar(weekend=frozenset({5, 6})),
    "never": Calendar(weekend=frozenset(range(1, 8))),
    "market": Calendar(weekend=frozenset({1, 2, 3, 4, 5, 6}), make_up_days=frozenset({DAY("2026-02-18")})),
}


class Settled(Clinic):
    """The clinic with constants of its organisation."""

    def __init__(self, calendar: Calendar, zone: str) -> None:
        self.calendar, self.zone = calendar, zone

    def names(self, owner: Type | None) -> Iterable[str]:
        return super().names(owner)


DAYS = ["0001-01-01", "2026-02-12", "2026-02-13", "2026-02-14", "2026-02-15", "2026-02-21", "2026-02-24", "2026-03-01", "9999-12-31"]
SHIFTS = [-400, -7, -1, 0, 1, 2, 5, 20, 1_000_000]


def test_working_days(expressions_url: str) -> None:
    """Holidays, make-up days, another weekend, no working day at all, and both ends of the calendar."""
    rows = [values({"born": day, "due": due, "n": shift}) for day in DAYS for due in DAYS[::3] for shift in SHIFTS]
    wrong = []
    with opened(expressions_url) as database:
        database.insert(rows)
        for name, calendar in CALENDARS.items():
            texts = ["born + workdays(n)", "born - workdays(n)", "workdays_between(born, due)", "workdays(n) + due"]
            trees = [check(text, Settled(calendar, "UTC")).tree for text in texts]
            found = database.select([tree for tree in trees if tree], rows[0])
            for place, row in enumerate(rows):
                wanted = tuple(to_python(tree)(row) for tree in trees if tree)
                if found[place] != wanted:
                    wrong.append((name, row["born",], row["due",], row["n",], wanted, found[place]))
    assert wrong == []


INSTANTS = ["0001-01-01T00:30:00+00:00", "1890-06-01T12:00:00+00:00", "2026-03-08T06:59:59.999999+00:00", "2026-03-08T07:00:00+00:00",
            "2026-11-01T05:30:00+00:00", "2050-07-01T00:00:00+00:00", "9999-12-31T23:30:00+00:00"]


def test_the_clinics_day_and_clock(expressions_url: str) -> None:
    """Zones with daylight saving time, with offsets, and where their clocks leave the years 1 to 9999."""
    rows = [values({"seen": at}) for at in INSTANTS]
    texts = ["date(seen)", "format(seen, 'yyyy-MM-dd HH:mm:ss')", "seen.getHours('America/New_York')", "seen.getMinutes('-03:30')"]
    wrong = []
    with opened(expressions_url) as database:
        database.insert(rows)
        for zone in ("Asia/Shanghai", "America/New_York", "Asia/Kolkata", "UTC"):
            trees = [tree for text in texts if (tree := check(text, Settled(SPRING, zone)).tree)]
            assert len(trees) == len(texts)
            found = database.select(trees, rows[0])
            wrong += [
                (zone, text, row["seen",], wanted, value)
                for row, values_found in zip(rows, found, strict=True)
                for text, tree, value in zip(texts, trees, values_found, strict=True)
                if (wanted := to_python(tree)(row)) != value
            ]
    assert wrong == []
