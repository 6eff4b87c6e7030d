"""An enrolment and the times of its steps, as their rows say it; loaded and written many at a time."""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection
from sqlalchemy.dialects import postgresql, sqlite

from runtime.records.ids import chunks
from runtime.store import system

__all__ = ["Cause", "Enrolment", "State", "StepRow", "StepState", "active", "hold", "insert", "load", "steps_of", "write", "write_steps"]

_enrolment, _step = system.enrolment, system.enrolment_step
_CHUNK = 500


class State(enum.Enum):
    """Where an enrolment stands."""

    ACTIVE = "active"
    FINISHED = "finished"
    STOPPED = "stopped"


class StepState(enum.Enum):
    """Where one time of one step stands."""

    PLANNED = "planned"
    CREATED = "created"
    """Its record is there and open."""
    DONE = "done"
    SKIPPED = "skipped"
    MISSED = "missed"
    STOPPED = "stopped"
    """The plan ended before."""

    @property
    def settled(self) -> bool:
        """Whether nothing more is waited for."""
        return self not in (StepState.PLANNED, StepState.CREATED)


class Cause(enum.Enum):
    """How somebody came onto a plan."""

    RULE = "rule"
    HAND = "hand"
    EFFECT = "effect"


@dataclasses.dataclass(slots=True, kw_only=True)
class Enrolment:
    """A record on a plan. `plan` and `object` are element ids."""

    id: str
    plan: str
    object: str
    record_id: str
    subject_id: str | None
    clinic_id: str | None
    release: str
    """The hash of the release whose plan it follows."""
    anchor: str | None
    """The date or instant that the steps were last counted from, as text."""
    state: State
    turn: int
    """The number of its next job; it grows whenever one has done all there was to do."""
    cause: Cause
    begun_at: datetime.datetime
    begun_by: str
    ended_at: datetime.datetime | None = None
    ended_by: str | None = None
    why: str | None = None
    """A code of `runtime.plans.reasons` for how it ended."""
    reason: str | None = None
    """What the person who stopped it said."""

    @property
    def key(self) -> str:
        """The idempotency key of its job."""
        return f"plan:{self.id}:{self.turn}"


@dataclasses.dataclass(slots=True, kw_only=True)
class StepRow:
    """The `n`-th time of a step (an element id)."""

    enrolment_id: str
    step: str
    n: int
    state: StepState
    due_at: datetime.datetime
    due_date: datetime.date | None = None
    """For a step of a day, that day; `due_at` is then when it begins in the clinics' zone."""
    until: datetime.datetime | None = None
    object: str | None = None
    """The element id of the object of its record."""
    record_id: str | None = None
    why: str | None = None
    settled_at: datetime.datetime | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        """Its primary key."""
        return self.enrolment_id, self.step, self.n


active = _enrolment.c.state == sa.literal(State.ACTIVE.value, literal_execute=True)
"""The condition that an enrolment is under way, spelled out, because an index over part of a table needs that."""


def load(connection: Connection, *where: ColumnElement[bool], limit: int | None = None) -> list[Enrolment]:
    """The enrolments that fulfil some conditions, in the order of their ids."""
    statement = sa.select(_enrolment).where(*where).order_by(_enrolment.c.id).limit(limit)
    return [_enrolment_of(row) for row in connection.execute(statement)]


def hold(connection: Connection, ids: Iterable[str], *, wait: bool = True) -> list[Enrolment]:
    """The enrolments with these ids, kept from others until the transaction ends; without `wait` those that nobody keeps."""
    found: list[Enrolment] = []
    for chunk in chunks(sorted(set(ids))):
        statement = sa.select(_enrolment).where(_enrolment.c.id.in_(chunk)).order_by(_enrolment.c.id)
        if connection.dialect.name == "postgresql":
            statement = statement.with_for_update(skip_locked=not wait)
        found += [_enrolment_of(row) for row in connection.execute(statement)]
    return found


def steps_of(connection: Connection, ids: Iterable[str]) -> dict[str, list[StepRow]]:
    """The times of the steps of enrolments, by enrolment, the earliest first."""
    ids = tuple(ids)
    found: dict[str, list[StepRow]] = {id: [] for id in ids}
    for chunk in chunks(ids):
        statement = sa.select(_step).where(_step.c.enrolment_id.in_(chunk)).order_by(_step.c.due_at, _step.c.step, _step.c.n)
        for row in connection.execute(statement):
            found[row.enrolment_id].append(StepRow(**{**row._mapping, "state": StepState(row.state)}))
    return found


def insert(connection: Connection, rows: Sequence[Enrolment]) -> list[Enrolment]:
    """Write new enrolments; those whose record is on the plan already are left out. The others come back."""
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(_enrolment).on_conflict_do_nothing()
    ordered = sorted(rows, key=lambda row: (row.record_id, row.plan))
    for start in range(0, len(ordered), _CHUNK):
        connection.execute(statement, [_row(one) for one in ordered[start:start + _CHUNK]])
    there: set[str] = set()
    for chunk in chunks([row.id for row in ordered]):
        there.update(connection.execute(sa.select(_enrolment.c.id).where(_enrolment.c.id.in_(chunk))).scalars())
    return [row for row in rows if row.id in there]


def write(connection: Connection, rows: Sequence[Enrolment]) -> None:
    """Write what may change of enrolments."""
    if not rows:
        return
    names = ("subject_id", "clinic_id", "release", "anchor", "state", "turn", "ended_at", "ended_by", "why", "reason")
    statement = sa.update(_enrolment).where(_enrolment.c.id == sa.bindparam("the_id")).values(
        {name: sa.bindparam(f"new_{name}") for name in names})
    connection.execute(statement, [
        {"the_id": row.id, **{f"new_{name}": value for name, value in _row(row).items() if name in names}} for row in rows])


def write_steps(connection: Connection, kept: Sequence[StepRow], gone: Sequence[StepRow] = ()) -> None:
    """Write times of steps as they are now, and remove others."""
    if gone:
        statement = sa.delete(_step).where(
            _step.c.enrolment_id == sa.bindparam("the_id"), _step.c.step == sa.bindparam("the_step"), _step.c.n == sa.bindparam("the_n"))
        connection.execute(statement, [{"the_id": row.enrolment_id, "the_step": row.step, "the_n": row.n} for row in gone])
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    insert_step = dialect.insert(_step)
    columns = ("state", "due_at", "due_date", "until", "object", "record_id", "why", "settled_at")
    statement = insert_step.on_conflict_do_update(
        index_elements=[_step.c.enrolment_id, _step.c.step, _step.c.n],
        set_={name: insert_step.excluded[name] for name in columns})
    for start in range(0, len(kept), _CHUNK):
        connection.execute(statement, [
            {**{field.name: getattr(row, field.name) for field in dataclasses.fields(row)}, "state": row.state.value}
            for row in kept[start:start + _CHUNK]])


def _row(enrolment: Enrolment) -> dict[str, Any]:
    found = {field.name: getattr(enrolment, field.name) for field in dataclasses.fields(enrolment)}
    return {**found, "state": enrolment.state.value, "cause": enrolment.cause.value}


def _enrolment_of(row: Any) -> Enrolment:
    return Enrolment(**{**row._mapping, "state": State(row.state), "cause": Cause(row.cause)})
