"""When the steps of a plan come, and what is to be done now: pure, of the plan, what is known, and the time.

An occurrence is the n-th time of a step. Its time is always counted from the anchor, never from the occurrence before: a step of every
month from 31 January comes on 29 February and on 31 March. Then, for `calendar: clinic_hours`, it moves forward to when the clinic is open.
The same facts and the same `now` give the same answer, whenever and however often they are asked.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Callable, Collection, Iterator
from typing import Any

from engine.expressions import Env, refs, to_python
from engine.expressions.calendar import Calendar
from engine.expressions.tree import Path
from engine.model import Hours, Missed, Plan, PlanStep, Rule
from engine.targets.recurrence import Moment, Recurrence

__all__ = ["LATEST", "MOST", "Facts", "Moment", "Occurrence", "Verdict", "changed_steps", "due", "stopped"]

MOST = 1_000
"""So many times a step comes at most, unless it has no end."""
LATEST = 100
"""So many of those that have come are told at most, and the next, of a step without an end."""

_MAX_INSTANT = datetime.datetime.max.replace(tzinfo=datetime.UTC)


class Verdict(enum.Enum):
    """What an occurrence comes to."""

    WAITING = "waiting"
    """Its time is unknown until something else is known."""
    PLANNED = "planned"
    """It is to come."""
    DUE = "due"
    SKIPPED = "skipped"
    """It does not take place; `why` is `when`, `skip_when` or `stop_when`."""
    MISSED = "missed"
    """`why` is `window` when that passed, `merged` when a later one stands for it."""
    SETTLED = "settled"
    """Something was done about it before; it is never judged again."""


@dataclasses.dataclass(frozen=True, slots=True)
class Occurrence:
    """The `n`-th time of a step, from 1. `at` is a date or an instant (None: unknown yet); `starts` is the instant at which that begins
    in the clinics' zone, `until` the first instant at which it is too late (None: never)."""

    step: PlanStep
    n: int
    at: Moment | None
    starts: datetime.datetime | None
    until: datetime.datetime | None
    verdict: Verdict
    why: str = ""

    @property
    def key(self) -> tuple[str, int]:
        """The step's id and the number: what `Facts.settled` holds."""
        return self.step.id, self.n


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one person on a plan.

    `lookup` gives the values of the paths that the plan's rules name, as they are written: fields of the record that began it,
    ("subject", …), ("answers", step, …), ("today",), ("now",); ("anchor",) is asked of `anchor`.
    """

    anchor: Moment | None
    lookup: Callable[[Path], Any]
    zone: datetime.tzinfo
    calendar: Calendar = Calendar()
    hours: Hours = Hours()
    settled: Collection[tuple[str, int]] = frozenset()
    """`Occurrence.key` of those about which something was done: made, skipped, missed, whatever became of it."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Env:
    facts: Facts

    def lookup(self, path: Path) -> Any:
        return self.facts.anchor if path == ("anchor",) else self.facts.lookup(path)


def due(plan: Plan, facts: Facts, now: datetime.datetime) -> tuple[Occurrence, ...]:
    """Every occurrence that has come, and the next of each step; in the order of their times, those without a time last.

    Of a step with `times` all are told, also those to come, up to MOST. What is not settled is judged: `stop_when` first, then, once its
    time has come, `when` and `skip_when`, then the window, then `missed: merge`. Unknown is false.
    """
    env = _Env(facts)
    ends = stopped(plan, facts)
    found = [each for step in plan.steps.values() for each in _of_step(step, env, now, ends)]
    places = {step.id: place for place, step in enumerate(plan.steps.values())}
    return tuple(sorted(found, key=lambda each: (each.starts or _MAX_INSTANT, places[each.step.id], each.n)))


def stopped(plan: Plan, facts: Facts) -> bool:
    """Whether the plan's `stop_when` is true."""
    return plan.stop_when is not None and _true(plan.stop_when, _Env(facts))


def changed_steps(before: Plan, after: Plan) -> frozenset[str]:
    """Ids of the steps whose times may differ between two versions of a plan: new ones, gone ones, those that count otherwise, and
    those that count from the answers of one of these.

    A renamed step is the same one. When the object or the anchor differs, all do.
    """
    one, two = ({step.id: _timing(plan, step) for step in plan.steps.values()} for plan in (before, after))
    changed = {id for id in one.keys() | two.keys() if one.get(id) != two.get(id)}
    for step in after.steps.values():  # a step reads answers of those before it alone
        if any(name in after.steps and after.steps[name].id in changed for name in _answers(step)):
            changed.add(step.id)
    return frozenset(changed)


def _timing(plan: Plan, step: PlanStep) -> tuple[object, ...]:
    """What decides when a step comes; the answers that it reads by the ids of their steps."""
    texts = [rule.text if rule else "" for rule in (step.at, step.every, step.window)]
    for name in sorted(_answers(step), key=len, reverse=True):
        texts[0] = texts[0].replace(f"answers.{name}.", f"answers.{plan.steps[name].id if name in plan.steps else name}.")
    return (plan.object, plan.anchor, *texts, step.times, step.working)


def _answers(step: PlanStep) -> set[str]:
    """Names of the steps from whose answers the time of a step is counted."""
    return {path[1] for path in refs(step.at.tree) if path[0] == "answers"}


def _of_step(step: PlanStep, env: _Env, now: datetime.datetime, ends: bool) -> Iterator[Occurrence]:
    facts = env.facts
    times = Recurrence(step, env, facts.zone, facts.calendar, facts.hours)
    judge = _Judge(step, env, now, ends)
    if times.first is None:
        yield judge.waiting(1)
        return
    begin, end = 1, min(step.times or MOST, MOST)
    if not step.times:
        come = times.come(now)
        begin, end = max(1, come - LATEST + 1), come + 1
    listed = [judge.of(n, times) for n in range(begin, end + 1)]
    yield from _merged(step, [each for each in listed if each is not None])


def _merged(step: PlanStep, listed: list[Occurrence]) -> Iterator[Occurrence]:
    """For `missed: merge` the latest of several that are due stands for the others."""
    waiting = [each for each in listed if each.verdict is Verdict.DUE]
    latest = waiting[-1] if waiting and step.missed is Missed.MERGE else None
    for each in listed:
        if latest is not None and each.verdict is Verdict.DUE and each is not latest:
            each = dataclasses.replace(each, verdict=Verdict.MISSED, why="merged")
        yield each


class _Judge:
    """Says what occurrences of one step come to. The conditions are asked once: they are about now, not about an occurrence."""

    def __init__(self, step: PlanStep, env: _Env, now: datetime.datetime, ends: bool) -> None:
        self._step = step
        self._settled = env.facts.settled
        self._now = now
        self._ends = ends
        self._env = env
        self._skipped: str | None = None

    def waiting(self, n: int) -> Occurrence:
        settled = (self._step.id, n) in self._settled
        verdict = Verdict.SETTLED if settled else Verdict.SKIPPED if self._ends else Verdict.WAITING
        return Occurrence(self._step, n, None, None, None, verdict, "stop_when" if verdict is Verdict.SKIPPED else "")

    def of(self, n: int, times: Recurrence) -> Occurrence | None:
        """None for a time beyond the calendar."""
        at = times.at(n)
        if at is None:
            return None
        starts, until = times.starts(at), times.until(at)
        verdict, why = self._verdict(n, starts, until)
        return Occurrence(self._step, n, at, starts, until, verdict, why)

    def _verdict(self, n: int, starts: datetime.datetime, until: datetime.datetime | None) -> tuple[Verdict, str]:
        if (self._step.id, n) in self._settled:
            return Verdict.SETTLED, ""
        if self._ends:
            return Verdict.SKIPPED, "stop_when"
        if starts > self._now:
            return Verdict.PLANNED, ""
        if self._why_not():
            return Verdict.SKIPPED, self._why_not()
        if until is not None and until <= self._now:
            return Verdict.MISSED, "window"
        return Verdict.DUE, ""

    def _why_not(self) -> str:
        """Which condition keeps the step from taking place, '' for none."""
        if self._skipped is None:
            step = self._step
            if step.skip_when is not None and _true(step.skip_when, self._env):
                self._skipped = "skip_when"
            else:
                self._skipped = "when" if step.when is not None and not _true(step.when, self._env) else ""
        return self._skipped


def _true(rule: Rule, env: Env) -> bool:
    return rule.position.settle(to_python(rule.tree)(env)) is True
