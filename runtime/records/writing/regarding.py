"""Records as the clinic's own rules see them, whoever asks: values, what lies behind links, child rows. For what runs by itself."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.types import Text

from engine.expressions.scope import BOUND_ROOTS
from engine.expressions.tree import Node, Path, refs, rows_read
from engine.fields.base import Locale
from runtime.access import Access
from runtime.identity.actor import Actor, system_actor
from runtime.records.binds import dialect_name, expression_binds
from runtime.records.ids import chunks
from runtime.records.prepared import Prepared
from runtime.records.selecting import RawReader, Selecting
from runtime.records.sources import RowSource
from runtime.records.writing.checks import RowValues, row_values
from runtime.records.writing.children import gather
from runtime.records.writing.loading import prepared_once
from runtime.store.compiled import Release

__all__ = ["Needs", "needs_of", "regard"]

_ALWAYS: tuple[Path, ...] = (("id",), ("clinic_id",), ("subject_id",), ("version",))


@dataclasses.dataclass(frozen=True, slots=True)
class Needs:
    """Paths from a record, and child rows by path with the paths read of each."""

    paths: tuple[Path, ...]
    children: Mapping[Path, tuple[Path, ...]] = dataclasses.field(default_factory=dict, hash=False)


def needs_of(trees: Iterable[Node], paths: Iterable[Path] = ()) -> Needs:
    """What expressions over a record read, and some paths besides."""
    found: set[Path] = {*_ALWAYS, *paths}
    children: dict[Path, set[Path]] = {}
    for tree in trees:
        rows = rows_read(tree)
        for path, parts in rows.items():
            children.setdefault(path, set()).update(parts)
            found.add(path[:-1] or ("id",))
        found |= {path for path in refs(tree) if path not in rows and path[0] not in BOUND_ROOTS}
    return Needs(tuple(sorted(found)), {path: tuple(sorted(parts)) for path, parts in sorted(children.items())})


def regard(
    connection: Connection, release: Release, object_name: str, ids: Iterable[str], needs: Needs, actor: Actor, now: datetime.datetime,
    *, lock: bool = False,
) -> dict[str, RowValues]:
    """The Env of each record that is there, by id. `actor` is who `user` means; rights of his do not matter.

    `lock` keeps the records from being changed until the transaction ends.
    """
    system = system_actor(actor.today)
    access, dialect = Access.of(release, system), dialect_name(connection)
    binds = expression_binds(actor, now, release.model, dialect)
    key = ("regard", object_name, needs.paths, lock)
    statement: _Statement = prepared_once(release, key, lambda: _Statement(connection, release, access, object_name, needs.paths, lock))
    found: dict[str, dict[Path, Any]] = {}
    for chunk in chunks(tuple(dict.fromkeys(ids))):
        found.update(statement.rows(connection, {**binds, "ids": chunk}))
    if needs.children and found:
        rows = list(found.items())
        gathered = gather(connection, release, access, binds, release.model.objects[object_name], rows, needs.children)
        for (id, values), children in zip(rows, gathered, strict=True):
            found[id] = {**values, **children}
    return {id: _env(actor, now, release, object_name, values) for id, values in found.items()}


def _env(actor: Actor, now: datetime.datetime, release: Release, object_name: str, values: Mapping[Path, Any]) -> RowValues:
    """Formulas are among the values already: the database has computed them. The built-in account is nobody: `user` is null then."""
    made = row_values(actor, now, release, release.model.objects[object_name], values)
    roots = {**made.roots, "user": {}} if actor.system else made.roots
    return dataclasses.replace(made, formulas={}, roots=roots)


class _Statement:
    """The prepared SELECT of some paths of records."""

    def __init__(
        self, connection: Connection, release: Release, access: Access, object_name: str, paths: Iterable[Path], lock: bool,
    ) -> None:
        dialect = dialect_name(connection)
        source = RowSource(release, object_name, dialect)
        selecting = Selecting(access, source, connection.dialect, Locale())
        self._id: RawReader = selecting.plain(source.id)
        self._values = [(path, selecting.plain(source.whole.column(path))) for path in paths]
        ids = bindparam("ids", expanding=True, type_=Text())
        statement = select(*selecting.columns).select_from(source.clause).where(source.id.in_(ids)).order_by(source.id)
        if lock and dialect == "postgresql":
            statement = statement.with_for_update(of=source.alias)
        self._prepared = Prepared(statement, connection.dialect)

    def rows(self, connection: Connection, binds: Mapping[str, Any]) -> dict[str, dict[Path, Any]]:
        raws = self._prepared.fetch(connection, binds)
        columns = [(path, read(raws)) for path, read in self._values]
        return {id: {path: column[place] for path, column in columns} for place, id in enumerate(self._id(raws))}
