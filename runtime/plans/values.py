"""Loads what the rules of plans read, for many records at a time, and lets expressions look it up."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.types import Text

from engine.expressions.tree import Path
from engine.fields.base import Locale
from engine.model import Model, Plan
from engine.targets.plan_reads import real_path
from runtime.access import Access
from runtime.identity.actor import Actor
from runtime.plans.needs import needs_of
from runtime.records.binds import dialect_name, expression_binds
from runtime.records.ids import chunks
from runtime.records.prepared import LruCache, Prepared, lru_of
from runtime.records.selecting import RawReader, Selecting
from runtime.records.sources import RowSource
from runtime.records.writing.children import gather
from runtime.store.compiled import Release

__all__ = ["Read", "begun", "values_of"]

Values = Mapping[Path, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Read:
    """An Env over a record that begins a plan: its values by real path, and those of the records of steps."""

    model: Model
    plan: Plan
    values: Values
    today: datetime.date
    now: datetime.datetime
    answers: Mapping[str, Values] = dataclasses.field(default_factory=dict)
    """By the step's name: the values of the latest record that it made."""

    def lookup(self, path: Path) -> Any:
        """See `engine.expressions.Env`."""
        if path == ("today",):
            return self.today
        if path == ("now",):
            return self.now
        if path[0] == "answers":
            return self.answers.get(path[1], {}).get(path[2:] or ("id",))
        return self.values.get(real_path(self.model, self.plan, path))

    @property
    def anchor(self) -> datetime.date | datetime.datetime | None:
        """The date that the steps count from."""
        found: datetime.date | datetime.datetime | None = self.values.get(self.plan.anchor)
        return found


def begun(connection: Connection, release: Release, actor: Actor, plan: Plan, ids: Iterable[str], now: datetime.datetime) -> dict[str, Read]:
    """What the plan's rules read of the records with these ids; without `answers`. One that is gone is left out."""
    needs = needs_of(release, plan)
    found = values_of(connection, release, actor, plan.object, needs.paths, ids, now)
    if needs.children and found:
        access = Access.of(release, actor)
        binds = _binds(connection, release, actor, now)
        object = release.model.objects[plan.object]
        rows = list(found.items())
        for (id, values), more in zip(rows, gather(connection, release, access, binds, object, rows, needs.children), strict=True):
            found[id] = {**values, **more}
    return {id: Read(release.model, plan, values, actor.today, now) for id, values in found.items()}


def values_of(
    connection: Connection, release: Release, actor: Actor, object_name: str, paths: Sequence[Path], ids: Iterable[str],
    now: datetime.datetime,
) -> dict[str, Values]:
    """Values in memory form by path, for the records of an object that are there; whatever anybody may see."""
    ids = tuple(dict.fromkeys(ids))
    if not ids:
        return {}
    kept: LruCache[_Statement] = lru_of(release.cache, "plans.values", 256)
    statement = kept.get((object_name, tuple(paths)), lambda: _Statement(connection, release, actor, object_name, paths))
    binds = _binds(connection, release, actor, now)
    found: dict[str, Values] = {}
    for chunk in chunks(ids):
        found.update(statement.rows(connection, {**binds, "ids": chunk}))
    return found


def _binds(connection: Connection, release: Release, actor: Actor, now: datetime.datetime) -> dict[str, Any]:
    return expression_binds(actor, now, release.model, dialect_name(connection))


class _Statement:
    """The prepared SELECT of some paths."""

    def __init__(self, connection: Connection, release: Release, actor: Actor, object_name: str, paths: Sequence[Path]) -> None:
        source = RowSource(release, object_name, dialect_name(connection))
        selecting = Selecting(Access.of(release, actor), source, connection.dialect, Locale())
        self._id: RawReader = selecting.plain(source.id)
        self._values = [(path, selecting.plain(source.whole.column(path))) for path in paths]
        statement = select(*selecting.columns).select_from(source.clause)
        self._prepared = Prepared(statement.where(source.id.in_(bindparam("ids", expanding=True, type_=Text()))), connection.dialect)

    def rows(self, connection: Connection, binds: Mapping[str, Any]) -> dict[str, Values]:
        raws = self._prepared.fetch(connection, binds)
        columns = [(path, read(raws)) for path, read in self._values]
        return {id: {path: column[place] for path, column in columns} for place, id in enumerate(self._id(raws))}
