"""Child rows as rules in Python read them: guards, validations and the formulas that those read.

A rule of the clinic means the same whoever asks, so all child rows count, as records behind links do.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.types import Text

from engine.expressions import refs
from engine.expressions.tree import Node, rows_read
from engine.fields.base import Locale
from engine.model import Model, Object
from engine.model.reads import follow
from runtime.access import Access
from runtime.records.ids import chunks
from runtime.records.prepared import Prepared
from runtime.records.selecting import RawReader, Selecting
from runtime.records.sources import RowSource
from runtime.records.writing.loading import prepared_once, rules_of
from runtime.store.compiled import Release

__all__ = ["ChildRow", "children_of", "gather"]

_Path = tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class ChildRow:
    """An Env over one child row: what the rules read of it, by path."""

    values: Mapping[_Path, Any]

    def lookup(self, path: _Path) -> Any:
        """See `engine.expressions.Env`."""
        return self.values.get(path)


def children_of(release: Release, object: Object) -> Mapping[_Path, tuple[_Path, ...]]:
    """The paths of child rows that rules about the object read, with the paths read of each row."""
    found: Mapping[_Path, tuple[_Path, ...]] = prepared_once(release, ("children", object.name), lambda: _find(release.model, object))
    return found


def _find(model: Model, object: Object) -> Mapping[_Path, tuple[_Path, ...]]:
    found: dict[_Path, set[_Path]] = {}
    waiting: list[Node] = [rule.tree for rule in rules_of(model, object)]
    seen: set[str] = set()
    while waiting:
        tree = waiting.pop()
        for path, parts in rows_read(tree).items():
            found.setdefault(path, set()).update(parts)
        for path in refs(tree):
            field = object.fields.get(path[0]) if len(path) == 1 else None
            if field is not None and field.formula is not None and field.name not in seen:
                seen.add(field.name)
                waiting.append(field.formula.tree)
    return {path: tuple(sorted(parts)) for path, parts in sorted(found.items())}


def gather(
    connection: Connection, release: Release, access: Access, binds: Mapping[str, Any], object: Object,
    rows: Sequence[tuple[str, Mapping[_Path, Any]]], wanted: Mapping[_Path, tuple[_Path, ...]] | None = None,
) -> list[dict[_Path, tuple[ChildRow, ...] | None]]:
    """For rows (id, values by path, links among them) the child rows by path, in the order of their ids; None behind a null link.

    `wanted` are the paths with what is read of each row, by default what the object's own rules read.
    """
    wanted = children_of(release, object) if wanted is None else wanted
    found: list[dict[_Path, tuple[ChildRow, ...] | None]] = [{} for _ in rows]
    for path, parts in wanted.items():
        holders = [values.get(path[:-1]) if len(path) > 1 else id for id, values in rows]
        by_holder = _load(connection, release, access, binds, object, path, parts, {holder for holder in holders if holder is not None})
        for place, holder in enumerate(holders):
            found[place][path] = None if holder is None else tuple(by_holder.get(holder, ()))
    return found


def _load(
    connection: Connection, release: Release, access: Access, binds: Mapping[str, Any], object: Object, path: _Path,
    parts: Sequence[_Path], holders: Iterable[str],
) -> dict[str, list[ChildRow]]:
    if not holders:
        return {}
    statement: _Children = prepared_once(
        release, ("child rows", object.name, path, parts), lambda: _Children(connection, release, access, object, path, parts))
    found: dict[str, list[ChildRow]] = {}
    for chunk in chunks(sorted(holders)):
        for holder, row in statement.rows(connection, {**binds, "ids": chunk}):
            found.setdefault(holder, []).append(row)
    return found


class _Children:
    """The prepared SELECT of the children of several records."""

    def __init__(
        self, connection: Connection, release: Release, access: Access, object: Object, path: _Path, parts: Sequence[_Path],
    ) -> None:
        hops, child = follow(release.model.objects, object.name, path)
        dialect: Any = connection.dialect.name
        source = RowSource(release, child, dialect)
        selecting = Selecting(access, source, connection.dialect, Locale())
        link = source.own(hops[-1].link)
        self._holder: RawReader = selecting.plain(link)
        self._parts = [(part, selecting.plain(source.column(part))) for part in parts]
        ids = bindparam("ids", expanding=True, type_=Text())
        statement = select(*selecting.columns).select_from(source.clause).where(link.in_(ids)).order_by(source.id)
        self._prepared = Prepared(statement, connection.dialect)

    def rows(self, connection: Connection, binds: Mapping[str, Any]) -> Iterable[tuple[str, ChildRow]]:
        raws = self._prepared.fetch(connection, binds)
        columns = [(part, read(raws)) for part, read in self._parts]
        for place, holder in enumerate(self._holder(raws)):
            yield holder, ChildRow({part: values[place] for part, values in columns})
