"""Which records may have come to meet a plan's condition, or to meet it no more, since a moment."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.model import Plan
from engine.model.reads import Hops
from runtime.plans.needs import effects_of
from runtime.records.ids import chunks
from runtime.records.upkeep.statements import step_back
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["changed_since"]

_deleted, _history = system.deleted, system.history
_ALL = 10**9


def changed_since(connection: Connection, release: Release, plan: Plan, since: datetime.datetime) -> list[str]:
    """The records that may begin the plan of which something that it reads has changed since: rows, and whose child rows they are."""
    effects = effects_of(release)
    ways: set[tuple[str, Hops]] = {(plan.object, ())}
    for (object_name, _), pairs in effects.changed.items():
        ways.update((object_name, hops) for name, hops in pairs if name == plan.name)
    found: dict[str, None] = {}
    for object_name, hops in sorted(ways, key=repr):
        found.update(dict.fromkeys(_back(connection, release, plan, hops, _written(connection, release, object_name, since))))
    for (object_name, link), pairs in effects.moved.items():
        for hops in [hops for name, hops in pairs if name == plan.name]:
            left = _left(connection, release, object_name, link, since)
            found.update(dict.fromkeys(_back(connection, release, plan, hops, left)))
    return list(found)


def _back(connection: Connection, release: Release, plan: Plan, hops: Hops, ids: Iterable[str]) -> list[str]:
    """The records from which the hops lead to these."""
    reached = list(ids)
    for place in range(len(hops) - 1, -1, -1):
        before = hops[place - 1].object if place else plan.object
        reached = step_back(connection, release, before, hops[place], reached, _ALL) if reached else []
    return reached


def _written(connection: Connection, release: Release, object_name: str, since: datetime.datetime) -> list[str]:
    table = release.tables.object(object_name).table
    return list(connection.scalars(sa.select(table.c.id).where(table.c.updated_at >= since)))


def _left(connection: Connection, release: Release, object_name: str, link: str, since: datetime.datetime) -> set[str]:
    """The parents that rows of an object were under, by a link, before they were deleted or moved."""
    object = release.model.objects[object_name]
    field = object.fields[link]
    gone = connection.execute(
        sa.select(_deleted.c.record_id, _deleted.c.row).where(_deleted.c.object == object.id, _deleted.c.at >= since)).all()
    kept = [row.row["values"].get(field.id) for row in gone]
    ids = [*_written(connection, release, object_name, since), *(row.record_id for row in gone)]
    for chunk in chunks(ids) if ids else ():
        changes = sa.select(_history.c.changes).where(_history.c.record_id.in_(chunk), _history.c.at >= since)
        kept += [(each or {}).get(field.id, [None])[0] for each in connection.scalars(changes)]
    return {str(field.type.unarchive(each)) for each in kept if each is not None}
