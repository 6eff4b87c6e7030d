"""What must hold of enrolments, for `carework doctor`: whoever is on a plan is waited for by something, and nothing happens twice."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import Connection

from runtime.jobs.job import State as JobState
from runtime.plans.enrolment import State, StepState, active
from runtime.plans.reasons import Why
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["faults"]

SHOWN = 20
_enrolment, _step, _job = system.enrolment, system.enrolment_step, system.job


def faults(connection: Connection, release: Release | None) -> Iterator[str]:
    """Each breach in words, by ids."""
    yield from _asleep(connection)
    yield from _left_over(connection)
    if release is not None:
        yield from _without_record(connection, release)


def _asleep(connection: Connection) -> Iterator[str]:
    """Under way with something planned, or with a window that ends, and no job that will come back to it."""
    key = sa.literal("plan:") + _enrolment.c.id + ":" + sa.cast(_enrolment.c.turn, sa.Text)
    held = sa.exists().where(_job.c.key == key, _job.c.state.in_(
        [JobState.WAITING.value, JobState.SENDING.value, JobState.ASIDE.value]))
    to_come = sa.exists().where(_step.c.enrolment_id == _enrolment.c.id, sa.or_(
        _step.c.state == StepState.PLANNED.value, sa.and_(_step.c.state == StepState.CREATED.value, _step.c.until.is_not(None))))
    open_ = sa.exists().where(_step.c.enrolment_id == _enrolment.c.id, _step.c.state == StepState.CREATED.value)
    idle = sa.and_(sa.func.coalesce(_enrolment.c.why, "") != Why.WAITING.value, ~open_)
    statement = sa.select(_enrolment.c.id).where(active, ~held, sa.or_(to_come, idle)).order_by(_enrolment.c.id).limit(SHOWN)
    for id in connection.execute(statement).scalars():
        yield f"enrolment {id} is under way, and no job will come back to it"


def _left_over(connection: Connection) -> Iterator[str]:
    """Steps still planned of a plan that is over."""
    statement = (
        sa.select(_step.c.enrolment_id, _step.c.step, _step.c.n).select_from(_step.join(_enrolment))
        .where(_step.c.state == StepState.PLANNED.value, _enrolment.c.state != State.ACTIVE.value).limit(SHOWN))
    for row in connection.execute(statement):
        yield f"enrolment {row.enrolment_id} is over, but its step {row.step} {row.n} is still planned"


def _without_record(connection: Connection, release: Release) -> Iterator[str]:
    """Steps whose record is said to be there and is not, or is about somebody else."""
    for object in release.model.objects.values():
        table = release.tables.object(object.name).table
        joined = _step.join(_enrolment).outerjoin(table, table.c.id == _step.c.record_id)
        other = sa.and_(table.c.subject_id.is_not(None), table.c.subject_id != _enrolment.c.subject_id)
        statement = sa.select(_step.c.enrolment_id, _step.c.step, _step.c.n, table.c.id).select_from(joined).where(
            _step.c.object == object.id, _step.c.state == StepState.CREATED.value, sa.or_(table.c.id.is_(None), other)).limit(SHOWN)
        for row in connection.execute(statement):
            what = "is gone" if row.id is None else "is about somebody else"
            yield f"the record of step {row.step} {row.n} of enrolment {row.enrolment_id} {what}"
