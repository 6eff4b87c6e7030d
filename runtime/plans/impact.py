"""Counts what a publish does to people on plans, for the release plan; reads alone."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from engine.model import Model, Plan, Running
from engine.targets.layout import Layout
from engine.targets.operations import Operation
from engine.targets.plans_under_way import EndPlan, MovePlan
from engine.targets.tables import tables
from runtime.identity.actor import system_actor
from runtime.identity.callers import clinic_day
from runtime.plans.enrolment import Enrolment, StepRow, StepState, active, load, steps_of
from runtime.plans.judging import Coming, judge
from runtime.plans.made import answers_of, look_up
from runtime.plans.round import Round, plan_of
from runtime.plans.values import begun
from runtime.records.commands import Command
from runtime.records.outcomes import Outcome
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["MOST", "counted"]

MOST = 5_000
"""So many enrolments are looked at one by one; beyond, the release plan says that all move."""
_PAGE = 500
_enrolment = system.enrolment


def counted(
    connection: Connection, operations: Sequence[Operation], model: Model, layout: Layout, now: datetime.datetime,
) -> tuple[Operation, ...]:
    """The operations, those about plans with how many people and tasks they are about. `model` is what the publish leads to."""
    release = Release(model.hash, model, layout, tables(model, layout), {})
    found = []
    for operation in operations:
        if isinstance(operation, EndPlan):
            operation = dataclasses.replace(operation, people=_people(connection, operation.id))
        elif isinstance(operation, MovePlan):
            operation = _moves(connection, release, operation, now)
        found.append(operation)
    return tuple(found)


def _people(connection: Connection, plan_id: str) -> int:
    who = sa.func.coalesce(_enrolment.c.subject_id, _enrolment.c.record_id)
    return int(connection.scalar(sa.select(sa.func.count(who.distinct())).where(_enrolment.c.plan == plan_id, active)) or 0)


def _moves(connection: Connection, release: Release, operation: MovePlan, now: datetime.datetime) -> MovePlan:
    people = _people(connection, operation.id)
    plan = plan_of(release, operation.id)
    if plan is None or operation.running is Running.KEEP or not people:
        nothing = 0 if not people else None
        return dataclasses.replace(operation, people=people, tasks=nothing, overdue=nothing)
    try:
        with connection.begin_nested():
            found = _each(connection, release, plan, now)
    except DBAPIError:  # the plan reads columns that the publish has yet to make, in all of which is nothing
        found = None
    tasks, overdue = found if found is not None else (None, None)
    return dataclasses.replace(operation, people=people, tasks=tasks, overdue=overdue)


def _each(connection: Connection, release: Release, plan: Plan, now: datetime.datetime) -> tuple[int, int] | None:
    """How many tasks move, and how many of them are due at once; None for too many to look at."""
    moved = overdue = seen = 0
    last = ""
    while some := load(connection, _enrolment.c.plan == plan.id, _enrolment.c.id > last, active, limit=_PAGE):
        seen += len(some)
        if seen > MOST:
            return None
        one, two = _page(connection, release, plan, some, now)
        moved, overdue, last = moved + one, overdue + two, some[-1].id
    return moved, overdue


def _page(connection: Connection, release: Release, plan: Plan, some: Sequence[Enrolment], now: datetime.datetime) -> tuple[int, int]:
    actor = system_actor(clinic_day(release, now))
    round = Round(connection=connection, release=release, now=now, new_id=_no_id, command=_no_command, by="system")
    reads = begun(connection, release, actor, plan, [each.record_id for each in some], now)
    rows = steps_of(connection, [each.id for each in some])
    made = look_up(round, release, plan, [row for each in some for row in rows[each.id]])
    moved = overdue = 0
    for each in some:
        read = reads.get(each.record_id)
        if read is None:
            continue
        read = dataclasses.replace(read, answers=answers_of(plan, rows[each.id], made))
        one, two = _compare(judge(release.model, plan, read, rows[each.id], now).coming, rows[each.id], plan.running, now)
        moved, overdue = moved + one, overdue + two
    return moved, overdue


def _compare(coming: Sequence[Coming], rows: Sequence[StepRow], running: Running, now: datetime.datetime) -> tuple[int, int]:
    open_ = {StepState.PLANNED} if running is Running.MOVE_AT_NEXT_STEP else {StepState.PLANNED, StepState.CREATED}
    before = {(row.step, row.n): row for row in rows}
    after = {(each.step.id, each.n): each.due_at for each in coming}
    moved = overdue = 0
    for key, at in after.items():
        row = before.get(key)
        if row is None or (row.state in open_ and row.due_at != at):
            moved += 1
            overdue += at <= now and (row is None or row.due_at > now)
    return moved + sum(row.state in open_ for key, row in before.items() if key not in after), overdue


def _no_id() -> str:
    raise AssertionError("counting writes nothing")


def _no_command(commands: Sequence[Command]) -> list[Outcome]:
    raise AssertionError("counting writes nothing")
