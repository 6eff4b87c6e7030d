"""One stream of what happened to everything that is about a person: the history of all records that the reader may read.

Rights are conditions of the statement, so that neither an entry nor a further page tells of a record that she may not read.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, bindparam, literal, or_, select, union_all
from sqlalchemy.sql.expression import case, cast, null, type_coerce
from sqlalchemy.types import Integer, NullType, Text

from engine.model import Object
from runtime.access import Sight
from runtime.records.binds import dialect_name
from runtime.records.cursor import BadCursor, Cursor, open_cursor, seal_cursor
from runtime.records.paging import is_readable, list_page
from runtime.records.past import HistoryEntry, history_entry
from runtime.records.prepared import PreparedRows, lru_of
from runtime.records.query import ListQuery, Reading
from runtime.records.rows import BadQuery
from runtime.records.selecting import RawReader, Selecting
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
    key = (object, reading.actor.shape, reading.locale.language, further)
    newest: _Newest = statements.get(key, lambda: _Newest(object, reading, further))
    found = newest.rows.all(reading.connection, {**reading.binds, "about": id, "row_limit": limit + 1, "since": since})
    shown = found[:limit]
    last = seal_cursor(Cursor((shown[-1].id,)), binding, reading.key) if len(found) > limit else None
    return Stream(list(_seen(shown, newest, reading)), last)


def _opened(after: str | None, binding: Sequence[str], key: bytes) -> str | None:
    if not after:
        return None
    try:
        return str(open_cursor(after, binding, key).values[0])
    except BadCursor as error:
        raise BadQuery("after", "invalid_cursor", f"The cursor cannot be used here: {error}.") from None


class _Newest:
    """The newest entries of each object that may be read, of which the newest make the page, with what their records are called."""

    def __init__(self, object: str, reading: Reading, further: bool) -> None:
        parts = [part for other in reading.release.model.objects.values() if (part := _of(other, object, reading, further)) is not None]
        self._called: dict[str, tuple[slice, RawReader | None, dict[str, Sight]]] = {}
        start = len(_COLUMNS)
        for part in parts:
            stop = start + len(part.title)
            if part.sights is not None:
                self._called[part.object.id] = (slice(start, stop), part.reader, part.sights)
            start = stop
        padding = [[_nothing(column, reading) for column in part.title] for part in parts]
        wide = []
        for place, part in enumerate(parts):
            others = [list(part.title) if other == place else nothing for other, nothing in enumerate(padding)]
            titles = [column for several in others for column in several]
            wide.append(part.entries.add_columns(*(column.label(f"title_{n}") for n, column in enumerate(titles))))
        joined = union_all(*(select(*part.subquery().c) for part in wide)).subquery()
        # Titles stay as the driver gives them: their readers take them so.
        columns = [joined.c[column.name] for column in _COLUMNS]
        columns += [type_coerce(joined.c[f"title_{n}"], NullType()).label(f"title_{n}") for n in range(start - len(_COLUMNS))]
        limit = bindparam("row_limit", type_=Integer())
        self.rows = PreparedRows(select(*columns).order_by(joined.c.id.desc()).limit(limit))

    def called(self, object_id: str, rows: Sequence[Any]) -> tuple[list[str | None], dict[str, Sight]] | None:
        """The titles of the records of entries of one object and how their fields are seen; None where each row must be asked."""
        found = self._called.get(object_id)
        if found is None:
            return None
        places, title, sights = found
        return (title([row[places] for row in rows]) if title else [None] * len(rows)), sights


@dataclasses.dataclass(frozen=True, slots=True)
class _Part:
    """The entries of one object: their statement, the columns of a title with their reader, and the sights of every row."""

    object: Object
    entries: Select[Any]
    title: Sequence[ColumnElement[Any]]
    reader: RawReader | None
    sights: dict[str, Sight] | None


def _of(other: Object, about: str, reading: Reading, further: bool) -> _Part | None:
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
    readable = rights.rows("read", source)
    where = [readable, or_(*leading)]
    if other.name != about:  # the index of what is about whom
        mine = select(link.c.record_id).where(link.c.subject_id == bindparam("about", type_=Text()), link.c.object == literal(other.id, Text()))
        where.append(source.id.in_(mine))
    if further:
        where.append(history.c.id < bindparam("since", type_=Text()))
    sights = _always(other, reading)
    selecting = Selecting(reading.access, source, reading.connection.dialect, reading.locale, [readable])
    title = selecting.title(source, linked=False) if sights is not None else None
    called = [column.element for column in selecting.columns]
    if any(isinstance(column.type, NullType) for column in called):  # nothing for the other objects' rows to be told
        called, title, sights = [], None, None
    columns = [_changes(history) if column.name == "changes" else history.c[column.name] for column in _COLUMNS]
    statement = select(*columns).select_from(source.clause).join(history, history.c.record_id == source.id).where(and_(*where))
    return _Part(other, statement.order_by(history.c.id.desc()).limit(bindparam("row_limit", type_=Integer())), called, title, sights)


def _changes(history: FromClause) -> ColumnElement[Any]:
    """What changed; before a record was made there was nothing, and its first values stand in the record or in the changes after."""
    later = case((history.c.action != literal("create", Text()), history.c.changes))
    return type_coerce(later, history.c.changes.type).label("changes")


def _nothing(column: ColumnElement[Any], reading: Reading) -> ColumnElement[Any]:
    """What stands in a title's column in the rows of other objects; PostgreSQL must be told of which type the null is."""
    return null() if dialect_name(reading.connection) == "sqlite" else cast(null(), column.type)


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


def _seen(rows: Sequence[Any], newest: _Newest, reading: Reading) -> list[Happening]:
    """The entries with what may be seen of them: one query for each object whose rows are not all seen alike."""
    by_id = {object.id: object for object in reading.release.model.objects.values()}
    of: dict[str, list[Any]] = {}
    for row in rows:
        of.setdefault(row.object, []).append(row)
    known: dict[str, tuple[str | None, dict[str, Sight]]] = {}
    for object_id, several in of.items():
        called = newest.called(object_id, several)
        if called is not None:
            titles, sights = called
            known |= {row.record_id: (title, sights) for row, title in zip(several, titles, strict=True)}
        else:
            known |= _asked(by_id[object_id].name, tuple(dict.fromkeys(row.record_id for row in several)), reading)
    return [
        Happening(by_id[row.object], row.record_id, known[row.record_id][0], history_entry(row, by_id[row.object], known[row.record_id][1]))
        for row in rows if row.record_id in known
    ]


def _asked(object: str, ids: tuple[str, ...], reading: Reading) -> dict[str, tuple[str | None, dict[str, Sight]]]:
    """Titles and sights of records, asked of each row."""
    page = reading.rows.get((object, ids[0], None)) if len(ids) == 1 else None
    if page is None:
        page = list_page(ListQuery(object=object, ids=ids, limit=len(ids)), reading)
    fields = [column.field.id for column in page.columns]
    return {row.id: (row.title, dict(zip(fields, row.sights, strict=True))) for row in page.rows}
