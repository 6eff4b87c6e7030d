"""The query compiler: from the shape of a list to one prepared statement, and the reader of its rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, func, literal_column, select
from sqlalchemy.types import Integer

from engine.expressions import Node, check, sql_problem
from engine.expressions.types import BOOL
from engine.model import Field
from engine.problems import Code
from runtime.access import Sight
from runtime.records.binds import dialect_name
from runtime.records.branches import page_of_branches
from runtime.records.columns import columns_of
from runtime.records.conditions import Conditions, Shape
from runtime.records.keyset import beyond, order_by
from runtime.records.prepared import LruCache, Prepared
from runtime.records.query import COUNT_CAP, ListQuery, Reading
from runtime.records.rows import BadQuery, Column, Row, Titles
from runtime.records.scope import ReaderScope
from runtime.records.selecting import RawReader, Raws, Selecting, Sights
from runtime.records.shapes import Lifted, lift
from runtime.records.sources import Hidden, RowSource

__all__ = ["ListStatement", "lifted_filter"]


_Cell = tuple[RawReader, Sights | None, Field]


class ListStatement:
    """One prepared list: its columns, its statement and the reader of its raw rows."""

    def __init__(self, shape: Shape, reading: Reading) -> None:
        release, access = reading.release, reading.access
        self.object = release.model.objects[shape.object]
        self._dialect = reading.connection.dialect
        self.source = RowSource(release, shape.object, dialect_name(reading.connection))
        self._rights = access.object(shape.object)
        scope = _scope(reading, shape.object, shape.actions)
        conditions = Conditions(shape, scope, access, self.source)
        self._guarded = conditions.guarded
        selecting = Selecting(access, self.source, self._dialect, reading.locale, conditions.rights())
        self._id, self._version = (selecting.plain(self.source.own(name)) for name in ("id", "version"))
        self._flags: list[RawReader] = []
        parts = self._take_flags(selecting, shape.actions)
        self._select_columns(selecting, scope, shape, parts)
        self._title = selecting.title(self.source, linked=False)
        self._state = self._take_state(selecting, parts)
        self.keys, self.sort_fields = conditions.order()
        self._sort_values = [selecting.plain(key.column) for key in self.keys]
        page = page_of_branches(shape, scope, access, self.source)
        self.prepared = Prepared(self._statement(selecting, conditions, shape, page), self._dialect)
        self._counting = conditions
        self._counter: Prepared | None = None
        self._patterns: dict[tuple[bool, ...], _Pattern] = {}

    def _take_flags(self, selecting: Selecting, actions: tuple[str, ...]) -> list[tuple[str, slice]]:
        parts = []
        for action in actions:
            start = len(self._flags)
            self._flags += [selecting.plain(flag) for flag in self._rights.flags(action, self.source)]
            parts.append((action, slice(start, len(self._flags))))
        return parts

    def _sights(self, name: str, parts: Sequence[tuple[str, slice]]) -> Sights:
        return Sights(tuple((self._rights.field(action, name), part) for action, part in parts))

    def _select_columns(self, selecting: Selecting, scope: ReaderScope, shape: Shape, parts: list[tuple[str, slice]]) -> None:
        self.columns: tuple[Column, ...] = ()
        self._cells: list[_Cell] = []
        for column in columns_of(self.object, shape.columns, shape.view, scope):
            if len(column.path) == 1:
                sights = self._sights(column.field.name, parts)
                if sights.fixed is Sight.ABSENT:
                    continue
                cell: _Cell = (selecting.own(column.field), sights, column.field)
            else:
                try:
                    cell = (selecting.linked(column.path, column.field, shape.actions), None, column.field)
                except Hidden:
                    continue
            self.columns += (column,)
            self._cells.append(cell)

    def _take_state(self, selecting: Selecting, parts: list[tuple[str, slice]]) -> RawReader | None:
        name = self.object.workflow
        if not name or self._sights(name, parts).fixed is Sight.ABSENT:
            return None
        try:
            return selecting.plain(self._guarded.column((name,)))
        except Hidden:
            return None

    def _statement(self, selecting: Selecting, conditions: Conditions, shape: Shape, page: Select[Any] | None) -> Select[Any]:
        order = order_by(self.keys, self._dialect.name, backwards=shape.backwards)
        where: list[ColumnElement[bool]]
        if page is not None:
            where = [self.source.id.in_(page)]
        else:
            where = [*conditions.rights(), *conditions.chosen()]
            if shape.nulls is not None:
                where.append(beyond(self.keys, shape.nulls, backwards=shape.backwards))
        statement = select(*selecting.columns).select_from(self.source.clause).where(and_(*where))
        return statement.order_by(*order).limit(bindparam("row_limit", type_=Integer()))

    def rows(self, connection: Connection, binds: Mapping[str, Any]) -> tuple[list[Row], Raws]:
        """The rows in the order of the statement, with their raw forms (see `edge`)."""
        raws: Raws = self.prepared.fetch(connection, binds)
        size = len(raws)
        title = self._title
        titles = Titles(lambda: title(raws) if title else [None] * size)
        states = [state or "" for state in self._state(raws)] if self._state else [""] * size
        values, sights = self._values(raws)
        return list(map(Row, self._id(raws), self._version(raws), repeat(titles), range(size), states, values, sights)), raws

    def _values(self, raws: Raws) -> tuple[list[tuple[Any, ...]], list[tuple[Sight, ...]]]:
        """The cells of every row and how they are seen; rows with the same flags are read together."""
        if not raws:
            return [], []
        if not self._flags:
            pattern = self._pattern(())
            return pattern.read(raws), [pattern.sights] * len(raws)
        values: list[tuple[Any, ...]] = [()] * len(raws)
        sights: list[tuple[Sight, ...]] = [()] * len(raws)
        alike: dict[tuple[bool, ...], list[int]] = {}
        for place, flags in enumerate(zip(*[flag(raws) for flag in self._flags], strict=True)):
            alike.setdefault(tuple(map(bool, flags)), []).append(place)
        for flags, places in alike.items():
            pattern = self._pattern(flags)
            for place, cells in zip(places, pattern.read([raws[place] for place in places]), strict=True):
                values[place], sights[place] = cells, pattern.sights
        return values, sights

    def _pattern(self, flags: tuple[bool, ...]) -> _Pattern:
        pattern = self._patterns.get(flags)
        if pattern is None:
            pattern = self._patterns[flags] = _pattern(self._cells, flags)
        return pattern

    def edge(self, raw: Sequence[Any]) -> tuple[Any, ...]:
        """The sort values of a row, its id last."""
        return tuple([value([raw])[0] for value in self._sort_values])

    def count(self, connection: Connection, binds: Mapping[str, Any]) -> int:
        """How many rows the list has, at most COUNT_CAP."""
        if self._counter is None:
            where = [*self._counting.rights(), *self._counting.chosen()]
            inner: Select[Any] = select(literal_column("1").label("one")).select_from(self.source.clause)
            capped = inner.where(and_(*where)).limit(COUNT_CAP).subquery()
            self._counter = Prepared(select(func.count()).select_from(capped), self._dialect)
        return int(self._counter.run(connection, binds).scalar_one())


@dataclasses.dataclass(frozen=True, slots=True)
class _Pattern:
    """How rows with the same flags are read."""

    readers: tuple[RawReader, ...]
    sights: tuple[Sight, ...]

    def read(self, raws: Raws) -> list[tuple[Any, ...]]:
        """The cells of each row."""
        if not self.readers:
            return [()] * len(raws)
        return list(zip(*[read(raws) for read in self.readers], strict=True))


def _pattern(cells: Sequence[_Cell], flags: tuple[bool, ...]) -> _Pattern:
    readers: list[RawReader] = []
    found: list[Sight] = []
    for read, sights, field in cells:
        sight = Sight.VALUE if sights is None else sights.of(flags)
        found.append(sight)
        readers.append(_BY_SIGHT[sight](read, field))
    return _Pattern(tuple(readers), tuple(found))


def _masked(read: RawReader, field: Field) -> RawReader:
    mask = field.type.mask
    return lambda raws: [None if value is None else mask(value) for value in read(raws)]


_BY_SIGHT: dict[Sight, Callable[[RawReader, Field], RawReader]] = {
    Sight.VALUE: lambda read, field: read,
    Sight.MASK: _masked,
    Sight.ABSENT: lambda read, field: lambda raws: [None] * len(raws),
}


def _scope(reading: Reading, object_name: str, actions: tuple[str, ...]) -> ReaderScope:
    """The scope of one shape of reader, kept."""
    scopes = reading.release.cache.setdefault("records.scopes", LruCache[ReaderScope](512))
    key = (object_name, actions, reading.actor.shape)
    found: ReaderScope = scopes.get(key, lambda: ReaderScope(reading.release, reading.access, object_name, actions))
    return found


def lifted_filter(query: ListQuery, reading: Reading) -> Lifted | None:
    """The filter's shape and literals, kept by its text. Raises BadQuery."""
    if not query.filter:
        return None
    kept = reading.release.cache.setdefault("records.filters", LruCache[Lifted](512))
    key = (query.object, query.actions, reading.actor.shape, query.filter)
    found: Lifted = kept.get(key, lambda: lift(_parsed(query.filter, _scope(reading, query.object, query.actions))))
    return found


def _parsed(text: str, scope: ReaderScope) -> Node:
    """The checked filter. Raises BadQuery; what the reader may not see reads as unknown."""
    checked = check(text, scope, want=BOOL)
    problem = checked.errors[0] if checked.errors else sql_problem(checked.tree) if checked.tree else None
    if problem is not None or checked.tree is None:
        assert problem is not None
        former = scope.now_called(text[problem.offset :]) if problem.code is Code.EXPR_002 else None
        if former:
            raise BadQuery("filter", "former_name", f"'{former[0]}' is now called '{former[1]}'.", problem.offset)
        raise BadQuery("filter", problem.code.code, f"{problem.message} {problem.fix}", problem.offset)
    return checked.tree
