"""Asks the schedule what an enrolment's steps come to, given what their rows say already."""

from __future__ import annotations

import dataclasses
import datetime
import zoneinfo
from collections.abc import Collection

from engine.model import Missed, Model, Plan, PlanStep
from engine.targets.schedule import Facts, Occurrence, Verdict, due
from runtime.plans.enrolment import StepRow, StepState
from runtime.plans.reasons import Why
from runtime.plans.values import Read

__all__ = ["LATE", "Coming", "Judgement", "Verdict", "judge"]

LATE = datetime.timedelta(hours=1)
"""A time so long ago that it passed while nothing ran; of a day, that the day is over."""


@dataclasses.dataclass(frozen=True, slots=True)
class Coming:
    """An occurrence whose time is known."""

    step: PlanStep
    n: int
    due_at: datetime.datetime
    due_date: datetime.date | None
    until: datetime.datetime | None
    verdict: Verdict
    why: str | None
    now: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Judgement:
    """What the schedule says. `waiting`: the time of some step is not known yet."""

    coming: tuple[Coming, ...]
    waiting: bool


def judge(model: Model, plan: Plan, read: Read, rows: Collection[StepRow], now: datetime.datetime) -> Judgement:
    """What every step comes to; rows that are more than planned are settled for the schedule."""
    organisation = model.organisation
    settled = {(row.step, row.n) for row in rows if row.state is not StepState.PLANNED}
    facts = Facts(
        anchor=read.anchor, lookup=read.lookup, zone=zoneinfo.ZoneInfo(organisation.timezone), calendar=organisation.calendar,
        hours=organisation.hours, settled=settled)
    found = due(plan, facts, now)
    waiting = any(each.verdict is Verdict.WAITING for each in found)
    return Judgement(tuple(_coming(each, read.today, now) for each in found if each.at is not None), waiting)


def _coming(each: Occurrence, today: datetime.date, now: datetime.datetime) -> Coming:
    assert each.starts is not None
    date = None if isinstance(each.at, datetime.datetime) else each.at
    verdict, why = each.verdict, each.why or None
    if verdict is Verdict.DUE and each.step.missed is Missed.SKIP and (date < today if date else each.starts < now - LATE):
        verdict, why = Verdict.MISSED, Why.DOWNTIME
    return Coming(each.step, each.n, each.starts, date, each.until, verdict, why, now)
