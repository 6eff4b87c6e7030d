"""Works through all records of a plan in slices: after a publish that changed it, and after a change that reaches too many."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import sqlalchemy as sa

from engine.model import Plan
from runtime.jobs.job import NewJob
from runtime.jobs.queue import schedule
from runtime.plans.enrolling import consider
from runtime.plans.enrolment import active, hold
from runtime.plans.progress import go_on
from runtime.plans.round import Round, plan_of
from runtime.store import system

__all__ = ["SWEEP", "forget_job", "slice_of", "sweep", "sweep_job"]

SWEEP = "plan_sweep"
_enrolment = system.enrolment
_SLICE = 200


def sweep(round: Round, plan: Plan, *, whole: bool = True, replan: bool = False) -> None:
    """Have every record on the plan looked at, and with `whole` every one that might begin it."""
    job = sweep_job(plan.id, round.now, round.new_id, whole=whole, replan=replan)
    schedule(round.connection, [job], now=round.now, new_id=round.new_id, release=round.release)


def sweep_job(plan_id: str, now: datetime.datetime, new_id: Callable[[], str], *, whole: bool, replan: bool = False) -> NewJob:
    """The job that begins it. No two are the same: one that is half way through has not seen what the next is for in its first half."""
    return NewJob(
        kind=SWEEP, key=f"{SWEEP}:{new_id()}", due_at=now, object=plan_id, payload={"plan": plan_id, "whole": whole, "replan": replan})


def forget_job(key: str, now: datetime.datetime, new_id: Callable[[], str]) -> NewJob:
    """The job that begins to take out what is remembered of a condition that counts no more."""
    return NewJob(kind=SWEEP, key=f"{SWEEP}:{new_id()}", due_at=now, payload={"forget": key})


def slice_of(round: Round, plan_id: str, after: str, *, whole: bool, replan: bool) -> str | None:
    """Look at the records or enrolments behind `after`; the last one's id, None when there were no more."""
    plan = plan_of(round.release, plan_id)
    if whole and plan is not None:
        table = round.release.tables.object(plan.object).table
        statement = sa.select(table.c.id).where(table.c.id > after).order_by(table.c.id).limit(_SLICE)
        ids = list(round.connection.execute(statement).scalars())
        if ids:
            consider(round, plan, ids, replan=replan)
    else:
        own = _enrolment.c
        statement = sa.select(own.id).where(own.plan == plan_id, own.id > after, active).order_by(own.id).limit(_SLICE)
        ids = list(round.connection.execute(statement).scalars())
        if ids:
            go_on(round, hold(round.connection, ids), replan=replan)
    return ids[-1] if len(ids) == _SLICE else None
