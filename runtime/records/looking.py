"""Look-ups for pickers: rows whose title's readable text fields hold what somebody typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, false, func, or_, select
from sqlalchemy.types import Integer, Text

from engine.expressions import Node, refs
from engine.fields.base import StorageKind
from engine.model import Object
from runtime.records.binds import dialect_name
from runtime.records.paging import check_object, list_page
from runtime.records.prepared import LruCache, Prepared
from runtime.records.query import ListQuery, Reading
from runtime.records.rows import Row
from runtime.records.scope import ReaderScope
from runtime.records.sources import GuardedSource, RowSource

__all__ = ["lookup"]

_MAX_TYPED = 60


def lookup(object_name: str, text: str, reading: Reading, limit: int) -> Sequence[Row]:
    """Rows that begin with the text, then rows that contain it, newest first. Raises UnknownObject."""
    check_object(ListQuery(object=object_name), reading)
    typed = "".join(c for c in text if c.isprintable()).strip()[:_MAX_TYPED]
    if not typed:
        return list_page(ListQuery(object=object_name, fields=(), limit=limit), reading).rows
    statements = reading.release.cache.setdefault("records.lookups", LruCache[Prepared](128))
    key = (object_name, reading.actor.shape)
    prepared: Prepared = statements.get(key, lambda: _statement(object_name, reading))
    escaped = typed.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    binds = {**reading.binds, "begins": f"{escaped}%", "contains": f"%{escaped}%", "row_limit": limit}
    ids = tuple(prepared.run(reading.connection, binds).scalars())
    if not ids:
        return []
    page = list_page(ListQuery(object=object_name, fields=(), ids=ids, limit=len(ids)), reading)
    place = {id: n for n, id in enumerate(ids)}
    return sorted(page.rows, key=lambda row: place[row.id])


def _statement(object_name: str, reading: Reading) -> Prepared:
    source = RowSource(reading.release, object_name, dialect_name(reading.connection))
    guarded = GuardedSource(source, reading.access)
    scope = ReaderScope(reading.release, reading.access, object_name)
    columns = [guarded.column(path) for path in _searched(source.object, scope)]
    like = "ilike" if source.dialect == "postgresql" else "like"

    def any_like(name: str) -> ColumnElement[bool]:
        bound = bindparam(name, type_=Text())
        return or_(false(), *(getattr(func.coalesce(column, ""), like)(bound, escape="!") for column in columns))

    first = case((any_like("begins"), 0), else_=1)
    where: list[Any] = [reading.access.object(object_name).rows("read", source), any_like("contains")]
    statement = select(source.id).select_from(source.clause).where(and_(*where)).order_by(first, source.id.desc())
    return Prepared(statement.limit(bindparam("row_limit", type_=Integer())), reading.connection.dialect)


def _searched(object: Object, scope: ReaderScope) -> list[tuple[str, ...]]:
    """Text fields of the title, and numbers given by the system, as far as the reader may use them."""
    paths = {path for part in object.title.parts if isinstance(part, Node) for path in refs(part)}
    paths |= {(field.name,) for field in object.fields.values() if field.type.name == "sequence"}
    found = []
    for path in sorted(paths):
        field = scope.field(path)
        if field is not None and field.stored and field.type.columns[0].storage.kind is StorageKind.TEXT:
            found.append(path)
    return found
