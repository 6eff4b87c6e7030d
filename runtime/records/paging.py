"""Pages of lists: keyset paging with signed cursors over the compiled statements, kept per shape."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from engine.model import Model
from runtime.identity.standing import padded
from runtime.records.binds import dialect_name
from runtime.records.conditions import Shape
from runtime.records.cursor import BadCursor, Cursor, open_cursor, seal_cursor
from runtime.records.ids import is_id
from runtime.records.keyset import cursor_name
from runtime.records.lanes import Lane, Lanes, lane_limit, read_lanes
from runtime.records.prepared import lru_of
from runtime.records.query import MAX_LIMIT, ListQuery, Reading
from runtime.records.rows import BadQuery, Column, Page, Row, UnknownObject
from runtime.records.selecting import Raws
from runtime.records.sources import Hidden
from runtime.records.statements import ListStatement, lifted_filter
from runtime.store.compiled import Release

__all__ = ["board", "check_object", "is_readable", "list_page", "list_rows", "one_row"]

_EXPORT_PAGE = 1000


def list_page(query: ListQuery, reading: Reading) -> Page:
    """One page. Raises UnknownObject and BadQuery."""
    if not 1 <= query.limit <= MAX_LIMIT:
        raise BadQuery("limit", "invalid_limit", f"limit must be from 1 to {MAX_LIMIT}.")
    check_object(query, reading)
    if not all(map(is_id, (*(query.ids or ()), *(query.linked or ())[1:]))):
        return Page(reading.release.model.objects[query.object], (), ())  # no record has such an id
    binding = (query.object, query.sort, query.filter, query.view or "", *(query.linked or ()), _order(query, reading.release), reading.actor.id)
    cursor = _opened(query.after, binding, reading.key)
    statement = _statement(query, reading, cursor)
    binds = _binds(query, reading, cursor)
    found = statement.rows(reading.connection, binds)
    return _page(query, statement, *found, cursor, lambda c: seal_cursor(c, binding, reading.key), _count(query, statement, reading, binds))


def one_row(object_name: str, id: str, reading: Reading, fields: tuple[str, ...] | None = None) -> Page:
    """The page of one record, every field that is shown or those alone; asked once of each snapshot. Raises UnknownObject, and
    BadQuery for fields that the reader may not name."""
    key = (object_name, id, fields)
    found = reading.rows.get(key)
    if found is None:
        found = reading.rows[key] = list_page(ListQuery(object=object_name, fields=fields, ids=(id,), limit=1), reading)
        if found.rows:
            reading.there.add((object_name, id))
    return found


def is_readable(object_name: str, id: str, reading: Reading) -> bool:
    """Whether the reader may read a record. Raises UnknownObject."""
    return (object_name, id) in reading.there or bool(one_row(object_name, id, reading).rows)


def board(query: ListQuery, lanes: Sequence[Lane], reading: Reading) -> Lanes:
    """The first rows of each state by one statement; `limit` and `after` are ignored. Raises UnknownObject and BadQuery."""
    check_object(query, reading)
    return read_lanes(query, lanes, reading, _in_lanes)


def _in_lanes(query: ListQuery, reading: Reading, lanes: Sequence[Lane]) -> tuple[tuple[Column, ...], Sequence[Row], bool]:
    try:
        statement = _statement(query, reading, None, tuple((lane.stored, lane.closed) for lane in lanes))
    except Hidden:  # the reader may not see the state
        raise UnknownObject(query.object) from None
    binds = _binds(query, reading, None) | {lane_limit(place): lane.limit + 1 for place, lane in enumerate(lanes)}
    return statement.columns, statement.rows(reading.connection, binds)[0], not statement.keys[0].descending


def list_rows(query: ListQuery, reading: Reading) -> Iterator[Page]:
    """All rows of a list, page by page. Raises UnknownObject and BadQuery."""
    check_object(query, reading)
    cursor: Cursor | None = None
    ids = None if query.ids is None else tuple(filter(is_id, query.ids))
    query = dataclasses.replace(query, limit=_EXPORT_PAGE, after=None, ids=ids)
    while True:
        statement = _statement(query, reading, cursor)
        rows, raws = statement.rows(reading.connection, _binds(query, reading, cursor))
        yield Page(statement.object, statement.columns, rows[:_EXPORT_PAGE])
        if len(rows) <= _EXPORT_PAGE:
            return
        cursor = Cursor(statement.edge(raws[_EXPORT_PAGE - 1]))


def check_object(query: ListQuery, reading: Reading) -> None:
    """Raises UnknownObject unless the object exists and the reader may do what the query needs with some row; BadQuery for a view."""
    model = reading.release.model
    rights = reading.access.object(query.object) if query.object in model.objects else None
    if rights is None or not all(rights.allows(action) for action in query.actions):
        raise UnknownObject(query.object)
    view = model.views.get(query.view) if query.view else None
    if query.view and (view is None or view.object != query.object):
        raise BadQuery("view", "unknown_view", f"There is no view '{query.view}' of {query.object}.")


def _count(query: ListQuery, statement: ListStatement, reading: Reading, binds: Mapping[str, Any]) -> int | None:
    return statement.count(reading.connection, binds) if query.count else None


def _order(query: ListQuery, release: Release) -> str:
    """The fields that a list is sorted by, as they are in this release: a cursor's values fit no other ones."""
    kept = lru_of(release.cache, "records.orders", 512)
    found: str = kept.get((query.object, query.sort, query.view), lambda: _described(query, release.model))
    return found


def _described(query: ListQuery, model: Model) -> str:
    paths = [tuple(key.strip().removeprefix("-").split(".")) for key in query.sort.split(",")] if query.sort else []
    if not paths and query.view:
        paths = [key.path for key in model.views[query.view].sort]
    return ",".join(_field_described(model, query.object, path) for path in paths)


def _field_described(model: Model, object_name: str, path: tuple[str, ...]) -> str:
    field = None
    for name in path:
        field = model.objects[object_name].fields.get(name) if object_name else None
        object_name = field.type.link_to if field else ""
    return f"{field.id} {field.type.name}" if field else ""


def _opened(after: str | None, binding: Sequence[str], key: bytes) -> Cursor | None:
    if not after:
        return None
    try:
        return open_cursor(after, binding, key)
    except BadCursor as error:
        raise BadQuery("after", "invalid_cursor", f"The cursor cannot be used here: {error}.") from None


def _statement(query: ListQuery, reading: Reading, cursor: Cursor | None, lanes: tuple[tuple[str, bool], ...] = ()) -> ListStatement:
    """The statement of a query's shape, compiled when first asked for."""
    statements = lru_of(reading.release.cache, "records.lists", 256)
    lifted = lifted_filter(query, reading)
    shape = Shape(
        query.object, query.actions, reading.actor.shape, query.fields, query.view, lifted.shape if lifted else None, query.sort,
        query.linked[0] if query.linked else "", query.ids is not None, reading.locale.language, query.whole,
        query.linked_shown,
        tuple(value is None for value in cursor.values) if cursor else None, cursor.backwards if cursor else False,
        lanes,
    )
    found: ListStatement = statements.get(shape, lambda: ListStatement(shape, reading))
    if cursor and len(cursor.values) != len(found.keys):
        raise BadQuery("after", "invalid_cursor", "The cursor cannot be used here: the list has changed.")
    return found


def _binds(query: ListQuery, reading: Reading, cursor: Cursor | None) -> dict[str, Any]:
    binds = dict(reading.binds)
    binds["row_limit"] = query.limit + 1
    lifted = lifted_filter(query, reading)
    if lifted:
        binds.update(lifted.binds(dialect_name(reading.connection)))
    if query.linked:
        binds["linked"] = query.linked[1]
    if query.ids is not None:
        binds["ids"] = padded(query.ids)  # few statements for any number of ids
    for place, value in enumerate(cursor.values if cursor else ()):
        binds[cursor_name(place)] = value
    return binds


def _page(
    query: ListQuery, statement: ListStatement, rows: list[Row], raws: Raws, cursor: Cursor | None, seal: Callable[[Cursor], str],
    count: int | None,
) -> Page:
    more = len(rows) > query.limit
    rows, raws = rows[: query.limit], raws[: query.limit]
    backwards = cursor is not None and cursor.backwards
    if backwards:
        rows, raws = rows[::-1], raws[::-1]
    page = Page(statement.object, statement.columns, rows, count=count)
    if rows:
        if more or backwards:
            page.next = seal(Cursor(statement.edge(raws[-1])))
        if more if backwards else cursor is not None:
            page.previous = seal(Cursor(statement.edge(raws[0]), backwards=True))
    return page
