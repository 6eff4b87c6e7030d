"""When the steps of a plan come, and what is to be done now (issue 4, 1).

Requirements
1. Times are counted from the anchor: ends of months, leap days, as relativedelta counts them; never from the time before.
2. A date begins with the clinics' day, in zones that change their clocks too; days and months go by the clocks, hours by what passes.
3. `calendar: clinic_hours` moves days off to the next open day and times to when the clinics are open; the window counts from there.
4. Conditions are judged when a step is due and not before; unknown is false; `stop_when` ends what is not settled.
5. Windows: a date may be done until so long after its day; past it the step is missed. `missed: merge` lets the latest stand for others.
6. A step whose time is not known yet waits.
7. Whatever is asked, whenever: no occurrence twice, times in order, the same answer, a bounded number; as time passes, verdicts only go on.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.expressions.calendar import Calendar
from engine.expressions.values import Months
from engine.model import Hours, Plan
from engine.targets.recurrence import Recurrence
from engine.targets.schedule import MOST, Facts, Moment, Occurrence, Verdict, due, stopped
from tests.builders import model_of

SHANGHAI, NEW_YORK, SANTIAGO = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York"), ZoneInfo("America/Santiago")
FILES = {
    "objects/visit.yaml": """
name: visit
subject: patient
fields:
  patient: {type: link, to: patient, required: true}
  day: {type: date}
  at: {type: datetime}
  kind: {type: text}
""",
    "objects/call.yaml": """
name: call
subject: patient
task: {due: due}
fields:
  patient: {type: link, to: patient, required: true}
  due: {type: date, required: true}
  pain: {type: integer}
  next: {type: date}
""",
}
_PLANS: dict[tuple[str, str], Plan] = {}


def plan(steps: str, anchor: str = "visit.day", more: str = "") -> Plan:
    """The plan with some steps, compiled once."""
    key = steps, anchor + more
    if key not in _PLANS:
        text = f"name: p\nsubject: patient\nanchor: {anchor}\n{more}\nsteps:\n{steps}\n"
        _PLANS[key] = model_of({**FILES, "plans/p.yaml": text}).plans["p"]
    return _PLANS[key]


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime.datetime:
    """An instant as the clocks of a zone show it."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(datetime.UTC)


def facts(anchor: Moment | None, known: Mapping[str, Any] | None = None, **more: Any) -> Facts:
    known = known or {}
    return Facts(anchor=anchor, lookup=lambda path: known.get(".".join(path)), **{"zone": SHANGHAI, **more})


def asked(steps: str, given_: Facts, now: datetime.datetime, **more: str) -> list[Occurrence]:
    return list(due(plan(steps, **more), given_, now))


def days(found: list[Occurrence], step: str = "one") -> list[Moment | None]:
    return [each.at for each in found if each.step.name == step]


def verdicts(found: list[Occurrence]) -> list[tuple[str, int, str, str]]:
    return [(each.step.name, each.n, each.verdict.value, each.why) for each in found]


# Requirement 1

EARLY = datetime.datetime(1990, 1, 1, tzinfo=datetime.UTC)


def test_months_are_counted_from_the_anchor() -> None:
    """Requirement 1: 31 January, a leap year."""
    found = asked("  one: {every: months(1), from: anchor + months(1), times: 4, create: call}", facts(day("2024-01-31")), EARLY)
    assert days(found) == [day("2024-02-29"), day("2024-03-31"), day("2024-04-30"), day("2024-05-31")]


def test_the_first_time_may_be_off_the_month() -> None:
    """Requirement 1: a week after each month of the anchor."""
    found = asked("  one: {every: months(1), from: anchor + months(1) + days(7), times: 3, create: call}", facts(day("2023-01-31")), EARLY)
    assert days(found) == [day("2023-03-07"), day("2023-04-07"), day("2023-05-07")]
    found = asked("  one: {every: months(1), from: 'months(1) + anchor', times: 3, create: call}", facts(day("2023-12-31")), EARLY)
    assert days(found) == [day("2024-01-31"), day("2024-02-29"), day("2024-03-31")]
    found = asked("  one: {every: months(1), from: 'anchor - days(1)', times: 3, create: call}", facts(day("2024-03-01")), EARLY)
    assert days(found) == [day("2024-02-29"), day("2024-03-31"), day("2024-04-30")]


@given(anchor=st.dates(day("1900-01-01"), day("2200-12-31")), first=st.integers(0, 40), every=st.integers(1, 30), times=st.integers(1, 12))
@example(anchor=day("2024-02-29"), first=12, every=12, times=5)
@settings(max_examples=60, deadline=None)
def test_months_are_those_of_relativedelta(anchor: datetime.date, first: int, every: int, times: int) -> None:
    """Requirement 1."""
    steps = f"  one: {{every: months({every}), from: anchor + months({first}), times: {times}, create: call}}"
    expected = [anchor + relativedelta(months=first + every * n) for n in range(times)]
    assert days(asked(steps, facts(anchor), EARLY)) == expected


def test_counting_from_the_time_before_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirement 1, a planted fault: months added to the first time."""
    monkeypatch.setattr(Recurrence, "_months_later", lambda self, count: self._later(self.first, Months(count), 1, whole_days=True))
    with pytest.raises(AssertionError):
        test_months_are_counted_from_the_anchor()
    with pytest.raises(AssertionError):
        test_months_are_those_of_relativedelta()


def test_days_workdays_and_years() -> None:
    """Requirement 1: working days are the organisation's; from a Friday, over a holiday and a day worked to make up for it."""
    calendar = Calendar(holidays=frozenset({day("2026-10-01")}), make_up_days=frozenset({day("2026-10-10")}))
    given_ = facts(day("2026-09-25"), calendar=calendar)
    found = asked("  one: {every: workdays(5), from: anchor, times: 3, create: call}", given_, EARLY)
    assert days(found) == [day("2026-09-25"), day("2026-10-05"), day("2026-10-10")]
    found = asked("  one: {every: years(1), from: anchor, times: 5, create: call}", facts(day("2024-02-29")), EARLY)
    assert [str(each) for each in days(found)] == ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]
    assert days(asked("  one: {at: anchor + days(10), create: call}", facts(day("2024-02-20")), EARLY)) == [day("2024-03-01")]


def test_steps_end_with_the_calendar() -> None:
    """Requirement 1: beyond the year 9999 there is no time."""
    found = asked("  one: {every: months(12), from: anchor, create: call}", facts(day("9998-06-01")), at("9999-12-30T00:00"))
    assert days(found) == [day("9998-06-01"), day("9999-06-01")]


# Requirement 2

def test_a_day_begins_where_the_clinics_are() -> None:
    """Requirement 2: also on days when the clocks change, and where they leap over midnight."""
    steps = "  one: {every: days(1), from: anchor, times: 2, create: call}"
    found = asked(steps, facts(day("2026-03-08"), zone=NEW_YORK), EARLY)
    assert [each.starts for each in found] == [at("2026-03-08T05:00", ZoneInfo("UTC")), at("2026-03-09T04:00", ZoneInfo("UTC"))]
    found = asked(steps, facts(day("2026-09-06"), zone=SANTIAGO), EARLY)  # 00:00 there is 01:00
    assert found[0].starts == at("2026-09-06T04:00", ZoneInfo("UTC"))


def test_hours_pass_and_days_go_by_the_clocks() -> None:
    """Requirement 2: over the night of 8 March 2026 in New York."""
    anchor = at("2026-03-07T09:00", NEW_YORK)
    by_days = asked("  one: {every: days(1), from: anchor, times: 2, create: call}", facts(anchor, zone=NEW_YORK), EARLY, anchor="visit.at")
    assert days(by_days) == [anchor, at("2026-03-08T09:00", NEW_YORK)]
    by_hours = asked("  one: {every: hours(24), from: anchor, times: 2, create: call}", facts(anchor, zone=NEW_YORK), EARLY, anchor="visit.at")
    assert days(by_hours) == [anchor, at("2026-03-08T10:00", NEW_YORK)]
    by_months = asked("  one: {every: months(1), from: anchor, times: 3, create: call}", facts(at("2026-01-31T09:00", NEW_YORK), zone=NEW_YORK),
                      EARLY, anchor="visit.at")
    assert days(by_months) == [at("2026-01-31T09:00", NEW_YORK), at("2026-02-28T09:00", NEW_YORK), at("2026-03-31T09:00", NEW_YORK)]


# Requirement 3

CALENDAR = Calendar(holidays=frozenset({day("2026-11-23")}), make_up_days=frozenset({day("2026-11-28")}))
TIMES = ((datetime.time(8, 30), datetime.time(12)), (datetime.time(13, 30), datetime.time(17, 30)))
HOURS = Hours(dict.fromkeys(range(1, 6), TIMES))


@pytest.mark.parametrize(("counted", "moved"), [
    ("2026-11-20", "2026-11-20"),  # a Friday
    ("2026-11-21", "2026-11-24"),  # Saturday, Sunday, a holiday
    ("2026-11-28", "2026-11-28"),  # a Saturday that is worked
    ("2026-11-29", "2026-11-30"),
])
def test_a_day_off_moves_on(counted: str, moved: str) -> None:
    """Requirement 3."""
    for hours in (Hours(), HOURS):
        found = asked("  one: {at: anchor, create: call, calendar: clinic_hours, window: days(1)}",
                      facts(day(counted), calendar=CALENDAR, hours=hours), EARLY)
        assert days(found) == [day(moved)]
        assert found[0].until == at(moved + "T00:00") + datetime.timedelta(days=2)


@pytest.mark.parametrize(("counted", "moved"), [
    ("2026-11-20T09:00", "2026-11-20T09:00"),
    ("2026-11-20T07:00", "2026-11-20T08:30"),
    ("2026-11-20T12:00", "2026-11-20T13:30"),  # closed over noon
    ("2026-11-20T17:30", "2026-11-24T08:30"),
    ("2026-11-22T10:00", "2026-11-24T08:30"),
    ("2026-11-28T10:00", "2026-11-28T10:00"),  # worked, with the hours of a Monday
])
def test_a_time_moves_to_when_they_are_open(counted: str, moved: str) -> None:
    """Requirement 3."""
    given_ = facts(at(counted), calendar=CALENDAR, hours=HOURS)
    found = asked("  one: {at: anchor, create: call, calendar: clinic_hours}", given_, EARLY, anchor="visit.at")
    assert days(found) == [at(moved)]


def test_without_hours_the_time_of_day_stays() -> None:
    """Requirement 3."""
    given_ = facts(at("2026-11-21T20:00"), calendar=CALENDAR)
    found = asked("  one: {at: anchor, create: call, calendar: clinic_hours}", given_, EARLY, anchor="visit.at")
    assert days(found) == [at("2026-11-24T20:00")]


def test_repeats_count_from_before_the_move() -> None:
    """Requirement 3: a Sunday's call on Monday does not make Mondays of the next ones."""
    found = asked("  one: {every: days(6), from: anchor, times: 3, create: call, calendar: clinic_hours}", facts(day("2026-11-01")), EARLY)
    assert days(found) == [day("2026-11-02"), day("2026-11-09"), day("2026-11-13")]


# Requirements 4 and 5

STEPS = """
  one: {at: anchor + days(1), create: call}
  two: {at: anchor + days(7), create: call, window: days(2), skip_when: answers.one.pain == 0, when: kind != 'no'}
"""
ANCHOR = day("2026-11-01")
TWO = "test:p.two"


def of_two(now: str, known: Mapping[str, Any], **more: Any) -> tuple[str, str]:
    found = asked(STEPS, facts(ANCHOR, {"kind": "x", **known}, settled={("test:p.one", 1)}), at(now), **more)
    assert found[0].verdict is Verdict.SETTLED
    return found[1].verdict.value, found[1].why


@pytest.mark.parametrize(("now", "known", "expected"), [
    ("2026-11-07T23:59", {"answers.one.pain": 0}, ("planned", "")),
    ("2026-11-08T00:00", {"answers.one.pain": 0}, ("skipped", "skip_when")),
    ("2026-11-08T00:00", {"answers.one.pain": 3}, ("due", "")),
    ("2026-11-08T00:00", {}, ("due", "")),  # unknown: not left out
    ("2026-11-08T00:00", {"kind": None}, ("skipped", "when")),  # unknown: does not take place
    ("2026-11-08T00:00", {"kind": "no", "answers.one.pain": 0}, ("skipped", "skip_when")),
    ("2026-11-10T23:59", {}, ("due", "")),
    ("2026-11-11T00:00", {}, ("missed", "window")),
    ("2026-12-11T00:00", {"kind": "no"}, ("skipped", "when")),
])
def test_conditions_and_windows(now: str, known: Mapping[str, Any], expected: tuple[str, str]) -> None:
    """Requirements 4 and 5."""
    assert of_two(now, known) == expected


@pytest.mark.parametrize(("kind", "ends"), [("end", True), ("x", False), (None, False)])
def test_a_plan_that_stops(kind: str | None, ends: bool) -> None:
    """Requirement 4: what is settled stays so."""
    made = plan(STEPS, more="stop_when: kind == 'end'")
    given_ = facts(ANCHOR, {"kind": kind}, settled={("test:p.one", 1)})
    assert stopped(made, given_) is ends
    found = due(made, given_, at("2026-11-05T00:00"))
    assert verdicts(list(found)) == [("one", 1, "settled", ""), ("two", 1, "skipped" if ends else "planned", "stop_when" if ends else "")]


@pytest.mark.parametrize(("window", "until"), [
    ("hours(12)", "2026-11-03T12:00"), ("days(1)", "2026-11-04T00:00"), ("months(1)", "2026-12-03T00:00"), ("workdays(3)", "2026-11-06T00:00"),
])
def test_the_window_of_a_date(window: str, until: str) -> None:
    """Requirement 5: it counts from the end of the day."""
    found = asked(f"  one: {{at: anchor + days(1), create: call, window: {window}}}", facts(ANCHOR), EARLY)
    assert found[0].until == at(until)


def test_the_window_of_an_instant() -> None:
    """Requirement 5."""
    found = asked("  one: {at: anchor + hours(5), create: call, window: hours(2)}", facts(at("2026-11-01T09:00")), EARLY, anchor="visit.at")
    assert (found[0].at, found[0].until) == (at("2026-11-01T14:00"), at("2026-11-01T16:00"))


def test_the_latest_stands_for_others() -> None:
    """Requirement 5."""
    steps = "  one: {every: days(1), from: anchor, times: 5, create: call, missed: merge}"
    found = asked(steps, facts(ANCHOR, settled={("test:p.one", 1)}), at("2026-11-04T08:00"))
    assert verdicts(found) == [
        ("one", 1, "settled", ""), ("one", 2, "missed", "merged"), ("one", 3, "missed", "merged"), ("one", 4, "due", ""), ("one", 5, "planned", "")]


# Requirement 6

def test_a_step_waits_for_what_is_unknown() -> None:
    """Requirement 6: no anchor yet; a date that an earlier step asks for."""
    steps = "  one: {at: anchor + days(1), create: call}\n  two: {every: days(7), from: answers.one.next, times: 2, create: call}"
    now = at("2026-11-10T00:00")
    assert verdicts(asked(steps, facts(None), now)) == [("one", 1, "waiting", ""), ("two", 1, "waiting", "")]
    assert verdicts(asked(steps, facts(ANCHOR), now)) == [("one", 1, "due", ""), ("two", 1, "waiting", "")]
    found = asked(steps, facts(ANCHOR, {"answers.one.next": day("2026-11-08")}), now)
    assert verdicts(found) == [("one", 1, "due", ""), ("two", 1, "due", ""), ("two", 2, "planned", "")]


# Requirement 7

MANY = """
  one: {at: anchor + days(1), create: call, window: days(3)}
  two: {every: months(1), from: anchor + months(1), create: call, calendar: clinic_hours}
  three: {every: days(3), from: anchor, times: 9, create: call, missed: merge, window: hours(30), skip_when: kind == 'skip'}
  four: {every: hours(7), from: now_at, create: call}
"""


@st.composite
def questions(draw: st.DrawFn) -> tuple[Facts, list[datetime.datetime]]:
    """Facts, and instants in their order."""
    zone = draw(st.sampled_from([SHANGHAI, NEW_YORK, SANTIAGO]))
    anchor = draw(st.none() | st.dates(day("2000-01-01"), day("2040-12-31")))
    begins = draw(st.datetimes(datetime.datetime(2000, 1, 1), datetime.datetime(2040, 1, 1)))
    times = draw(st.lists(st.datetimes(datetime.datetime(1999, 1, 1), datetime.datetime(2045, 1, 1)), min_size=1, max_size=3))
    steps = st.sampled_from([f"test:p.{name}" for name in ("one", "two", "three", "four")])
    settled = draw(st.frozensets(st.tuples(steps, st.integers(1, 12)), max_size=6))
    kind = draw(st.sampled_from([None, "skip", "x"]))
    hours = draw(st.sampled_from([Hours(), HOURS]))
    known = {"at": begins.replace(tzinfo=datetime.UTC), "kind": kind}
    return facts(anchor, known, zone=zone, hours=hours, settled=settled), sorted(each.replace(tzinfo=datetime.UTC) for each in times)


_ORDER = [Verdict.WAITING, Verdict.PLANNED, Verdict.DUE, Verdict.MISSED]


@given(question=questions())
@settings(max_examples=60, deadline=None)
def test_what_always_holds(question: tuple[Facts, list[datetime.datetime]]) -> None:
    """Requirement 7."""
    known, times = question
    made = plan(MANY.replace("now_at", "at"))
    before: dict[tuple[str, int], Occurrence] = {}
    for now in times:
        found = due(made, known, now)
        keys = [each.key for each in found]
        assert len(keys) == len(set(keys)) and len(found) <= 4 * MOST
        assert due(made, known, now) == found
        for step in made.steps.values():
            own = [each for each in found if each.step is step]
            assert [each.n for each in own] == list(range(own[0].n, own[0].n + len(own)))
            assert all(one.starts <= two.starts for one, two in zip(own, own[1:], strict=False))  # type: ignore[operator]
            if own[0].at is not None and not step.times:  # the next one is told, and all before it have come
                assert own[-1].starts > now and all(each.starts <= now for each in own[:-1])  # type: ignore[operator]
        for each in found:
            assert (each.verdict is Verdict.SETTLED) is (each.key in known.settled)
            earlier = before.get(each.key)
            if earlier is not None:
                assert (earlier.at, earlier.starts, earlier.until) == (each.at, each.starts, each.until)
                if earlier.verdict in _ORDER and each.verdict in _ORDER:
                    assert _ORDER.index(earlier.verdict) <= _ORDER.index(each.verdict)
                elif earlier.verdict is not Verdict.PLANNED:
                    assert earlier.verdict is each.verdict
        before = {each.key: each for each in found}
