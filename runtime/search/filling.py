"""Brings the index to what a release searches: slice by slice, as jobs, after a publish and after an upgrade of the program."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Collection, Mapping

import orjson
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.model import Model, Object
from engine.targets.search import searched
from runtime.jobs.job import Job, NewJob, State
from runtime.jobs.kinds import Aside, Inside, Later, Retry, Workplace
from runtime.jobs.queue import cancel, is_state, schedule
from runtime.search.writing import forget, keep, rows_of
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["NAME", "SLICE", "FillKind", "begin", "begun_for", "wanted"]

NAME = "search"
SLICE = 500
_SETTING = "search"


def wanted(model: Model) -> dict[str, str]:
    """What the index should hold: object id → a fingerprint of its searched fields."""
    named = ((object, searched(object)) for object in model.objects.values())
    return {
        object.id: hashlib.sha256(" ".join(sorted(f"{field.id} {field.type.name}" for field in fields)).encode()).hexdigest()[:16]
        for object, fields in named if fields
    }


def begin(
    connection: Connection, release: Release, *, now: datetime.datetime, new_id: Callable[[], str], also: Collection[str] = (),
) -> list[str]:
    """Schedule the filling of what differs from what was begun before, and of the objects (ids) in `also`; their ids."""
    begun, target = begun_for(connection), wanted(release.model)
    gone = begun.keys() - target.keys()
    differing = sorted([*gone, *(id for id, print in target.items() if begun.get(id) != print or id in also)])
    if target != begun:
        table = system.setting
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        value = orjson.dumps(target, option=orjson.OPT_SORT_KEYS).decode()
        statement = insert(table).values(name=_SETTING, value=value)
        connection.execute(statement.on_conflict_do_update(index_elements=[table.c.name], set_={"value": value}))
    if differing:
        run = new_id()
        overtaken = _waiting(connection, differing)
        if overtaken:
            cancel(connection, keys=overtaken, now=now)
        schedule(connection, [_slice(id, run, "", now) for id in differing], now=now, new_id=new_id, release=release)
    return differing


def begun_for(connection: Connection) -> Mapping[str, str]:
    """What the index was last brought to, in the form of `wanted`."""
    table = system.setting
    text = connection.execute(select(table.c.value).where(table.c.name == _SETTING)).scalar()
    return dict(orjson.loads(text)) if text else {}


def _waiting(connection: Connection, object_ids: Collection[str]) -> list[str]:
    """Keys of slices that wait: of runs which another one overtakes."""
    job = system.job
    return list(connection.scalars(select(job.c.key).where(job.c.kind == NAME, is_state(State.WAITING), job.c.object.in_(object_ids))))


def _slice(object_id: str, run: str, after: str, now: datetime.datetime) -> NewJob:
    return NewJob(kind=NAME, key=f"{NAME}:{run}:{object_id}:{after}", due_at=now, payload={"run": run, "after": after}, object=object_id)


class FillKind(Inside):
    """The next records of one object, in the order of their ids."""

    name = NAME

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace

    def run(self, connection: Connection, job: Job, release: Release, now: datetime.datetime) -> None | Later | Retry | Aside:
        """One slice, and the job of the next, by whatever the live release searches; none once another run has begun."""
        object = next((each for each in release.model.objects.values() if each.id == job.object), None)
        run, after = str(job.payload["run"]), str(job.payload["after"])
        if object is None or not searched(object):
            done = _empty(connection, str(job.object))
        else:
            done = _fill(connection, release, object, after)
        if len(done) == SLICE and not set(_waiting(connection, [str(job.object)])) - {job.key}:
            schedule(connection, [_slice(str(job.object), run, done[-1], now)], now=now, new_id=self._workplace.new_id, release=release)
        return None


def _empty(connection: Connection, object_id: str) -> list[str]:
    """Take the next entries of an object out that is searched no more; their numbers, for the key of the next slice."""
    table = system.search
    numbers = connection.scalars(select(table.c.number).where(table.c.object == object_id).limit(SLICE)).all()
    connection.execute(delete(table).where(table.c.number.in_(numbers)))
    return [f"gone {number}" for number in numbers]


def _fill(connection: Connection, release: Release, object: Object, after: str) -> list[str]:
    """Index the records behind `after` anew; their ids. They are held, so that nobody's change is overwritten by an older value."""
    table = release.tables.object(object.name)
    id = table.column("id")
    columns = {field.name: table.column(field.name) for field in searched(object)}
    statement = select(id, *columns.values()).where(id > after).order_by(id).limit(SLICE).with_for_update()
    rows = [dict(zip(("id", *columns), row, strict=True)) for row in connection.execute(statement)]
    ids = [row["id"] for row in rows]
    forget(connection, ids)
    keep(connection, [entry for row in rows for entry in rows_of(object, row)])
    return ids
