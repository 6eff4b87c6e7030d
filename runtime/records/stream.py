"""One stream of what happened to everything that is about a person: the history of all records that the reader may read.

Rights are conditions of the statement, so that neither an entry nor a further page tells of a record that she may not read.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, literal, or_, select, union_all
from sqlalchemy.types import Integer, Text

from engine.model import Object
from runtime.access import Sight
from runtime.records.binds import dialect_name
from runtime.records.cursor import BadCursor, Cursor, open_cursor, seal_cursor
from runtime.records.paging import is_readable, list_page
from runtime.records.past import HistoryEntry, history_entry
from runtime.records.prepared import PreparedRows, lru_of
from runtime.records.query import ListQuery, Reading
from runtime.records.rows import BadQuery
from runtime.records.sources import GuardedSource, Hidden, RowSource
from runtime.store import system

__all__ = ["Happening", "Stream", "stream"]

_COLUMNS = tuple(column for column in system.history.c if column.name != "release")


@dataclasses.dataclass(frozen=True, slots=True)
class Happening:
    """An entry of a record's history with the record that it is of; `title` is None where it is hidden."""

    object: Object
    id: str
    title: str | None
    state: str
    entry: HistoryEntry


@dataclasses.dataclass(frozen=True, slots=True)
class Stream:
    """A page of it; `next` is a cursor, None at the end."""

    happenings: Sequence[Happening]
    next: str | None


def stream(object: str, id: str, reading: Reading, limit: int, after: str | None) -> Stream | None:
    """Newest first; None when the reader may not read the record. Raises UnknownObject, and BadQuery for a cursor of another list."""
    if not is_readable(object, id, reading):
        return None
    binding = ("stream", object, id, reading.actor.id)
    statements = lru_of(reading.release.cache, "records.streams", 128)
    since = _opened(after, binding, reading.key)
    further = since is not None
    prepared: PreparedRows = statements.get((object, reading.actor.shape, further), lambda: _statement(object, reading, further))
    found = prepared.all(reading.connection, {**reading.binds, "about": id, "row_limit": limit + 1, "since": since})
    shown = found[:limit]
    last = seal_cursor(Cursor((shown[-1].id,)), binding, reading.key) if len(found) > limit else None
    return Stream(list(_seen(shown, reading)), last)


def _opened(after: str | None, binding: Sequence[str], key: bytes) -> str | None:
    if not after:
        return None
    try:
        return str(open_cursor(after, binding, key).values[0])
    except BadCursor as error:
        raise BadQuery("after", "invalid_cursor", f"The cursor cannot be used here: {error}.") from None


def _statement(object: str, reading: Reading, further: bool) -> PreparedRows:
    """The newest entries of each object that may be read, of which the newest make the page."""
    parts = [part for other in reading.release.model.objects.values() if (part := _of(other, object, reading, further)) is not None]
    joined = union_all(*(select(*part.subquery().c) for part in parts)).subquery()
    columns = [joined.c[column.name] for column in _COLUMNS]
    limit = bindparam("row_limit", type_=Integer())
    return PreparedRows(select(*columns).order_by(joined.c.id.desc()).limit(limit))


def _of(other: Object, about: str, reading: Reading, further: bool) -> Select[Any] | None:
    """Entries of one object's records about the person; None where the reader may not know of them."""
    rights = reading.access.object(other.name)
    if not rights.allows("read"):
        return None
    source = RowSource(reading.release, other.name, dialect_name(reading.connection), reader=reading.access)
    leading = _leading(other, about, source, GuardedSource(source, reading.access))
    if not leading:
        return None
    history = system.history.alias()
    link = system.record_subject.alias()
    where = [rights.rows("read", source), or_(*leading)]
    if other.name != about:  # the index of what is about whom
        mine = select(link.c.record_id).where(link.c.subject_id == bindparam("about", type_=Text()), link.c.object == literal(other.id, Text()))
        where.append(source.id.in_(mine))
    if further:
        where.append(history.c.id < bindparam("since", type_=Text()))
    columns = [history.c[column.name] for column in _COLUMNS]
    statement = select(*columns).select_from(source.clause).join(history, history.c.record_id == source.id).where(and_(*where))
    return statement.order_by(history.c.id.desc()).limit(bindparam("row_limit", type_=Integer()))


def _leading(other: Object, about: str, source: RowSource, guarded: GuardedSource) -> list[ColumnElement[bool]]:
    """That one of the links which say whom the row is about leads to the person, as far as the reader may see the link."""
    about_whom = bindparam("about", type_=Text())
    if other.name == about:
        return [source.id == about_whom]
    found = []
    for path in filter(None, other.subject):
        with contextlib.suppress(Hidden):
            found.append(guarded.column(path) == about_whom)
    return found


def _always(object: Object, reading: Reading) -> dict[str, Sight] | None:
    """How each field is seen, by its id, where that is the same in every row; None where some sight depends on the row."""
    kept = lru_of(reading.release.cache, "records.sights", 256)

    def find() -> list[dict[str, Sight] | None]:
        rights = reading.access.object(object.name)
        fixed = {field.id: rights.field("read", field.name).fixed for field in object.fields.values()}
        return [None if None in fixed.values() else {id: sight for id, sight in fixed.items() if sight is not None}]

    found: list[dict[str, Sight] | None] = kept.get((object.name, reading.actor.shape), find)
    return found[0]


def _seen(rows: Sequence[Any], reading: Reading) -> list[Happening]:
    """The entries with what may be seen of them: one query for each object that has one."""
    by_id = {object.id: object for object in reading.release.model.objects.values()}
    wanted: dict[str, dict[str, None]] = {}
    for row in rows:
        wanted.setdefault(row.object, {})[row.record_id] = None
    known: dict[str, tuple[Any, dict[str, Sight]]] = {}
    for object_id, ids in wanted.items():
        object = by_id[object_id]
        if len(ids) == 1 and (object.name, next(iter(ids)), None) in reading.rows:
            page = reading.rows[object.name, next(iter(ids)), None]
        else:
            always = _always(object, reading)
            page = list_page(ListQuery(object=object.name, fields=() if always is not None else None, ids=tuple(ids), limit=len(ids)), reading)
            if always is not None:
                known |= {row.id: (row, always) for row in page.rows}
                continue
        fields = [column.field.id for column in page.columns]
        known |= {row.id: (row, dict(zip(fields, row.sights, strict=True))) for row in page.rows}
    found = []
    for row in rows:
        if row.record_id in known:
            record, sights = known[row.record_id]
            object = by_id[row.object]
            found.append(Happening(object, record.id, record.title, record.state, history_entry(row, object, sights)))
    return found
