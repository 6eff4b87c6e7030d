"""The query compiler: from the shape of a list to one prepared statement, and the reader of its rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, func, literal_column, select
from sqlalchemy.types import Integer, Text

from engine.expressions import Node, Position, check, sql_problem, to_sql
from engine.expressions.types import BOOL
from engine.model import Field, SortKey
from engine.problems import Code
from runtime.access import Sight
from runtime.records.binds import dialect_name
from runtime.records.columns import columns_of, parse_sort, unknown
from runtime.records.keyset import Key, beyond, order_by
from runtime.records.prepared import LruCache, Prepared
from runtime.records.query import COUNT_CAP, ListQuery, Reading
from runtime.records.rows import BadQuery, Column, Row, Titles
from runtime.records.scope import ReaderScope
from runtime.records.selecting import RawReader, Raws, Selecting, Sights
from runtime.records.shapes import Lifted, lift
from runtime.records.sources import GuardedSource, Hidden, RowSource

__all__ = ["ListStatement", "Shape", "lifted_filter"]


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """What a statement is made for; equal shapes share one statement."""

    object: str
    actions: tuple[str, ...]
    access: Any
    columns: tuple[str, ...] | None
    view: str | None
    filter: Node | None
    sort: str
    linked: str
    by_id: bool
    language: str
    whole: bool
    nulls: tuple[bool, ...] | None = None
    backwards: bool = False


_Cell = tuple[RawReader, Sights | None, Field]


class ListStatement:
    """One prepared list: its columns, its statement and the reader of its raw rows."""

    def __init__(self, shape: Shape, reading: Reading) -> None:
        release, access = reading.release, reading.access
        self.object = release.model.objects[shape.object]
        self._dialect = reading.connection.dialect
        self.source = RowSource(release, shape.object, dialect_name(reading.connection))
        self._rights = access.object(shape.object)
        self._guarded = GuardedSource(self.source, access, shape.actions)
        scope = _scope(reading, shape.object, shape.actions)
        holds = [self._rights.rows(action, self.source) for action in shape.actions]
        selecting = Selecting(access, self.source, self._dialect, reading.locale, holds)
        self._id, self._version = (selecting.plain(self.source.own(name)) for name in ("id", "version"))
        self._flags: list[RawReader] = []
        parts = self._take_flags(selecting, shape.actions)
        self._select_columns(selecting, scope, shape, parts)
        self._title = selecting.title(self.source, linked=False)
        self._state = self._take_state(selecting, parts)
        self.keys, self.sort_fields = self._order(scope, shape)
        self._sort_values = [selecting.plain(key.column) for key in self.keys]
        where = self._where(scope, shape)
        self.prepared = Prepared(self._statement(selecting, where, shape), self._dialect)
        self._counting = where
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

    def _order(self, scope: ReaderScope, shape: Shape) -> tuple[list[Key], tuple[SortKey, ...]]:
        wanted = parse_sort(shape.sort, None if shape.whole else shape.view, scope, self.object)
        keys = []
        for sort in wanted:
            try:
                keys.append(Key(self._guarded.column(sort.path), sort.descending))
            except Hidden:  # a view's order by what this reader may not see
                continue
        newest_first = keys[-1].descending if keys else True
        keys.append(Key(self.source.id, newest_first, nullable=False))
        return keys, wanted

    def _where(self, scope: ReaderScope, shape: Shape) -> list[ColumnElement[bool]]:
        clauses = [self._rights.rows(action, self.source) for action in shape.actions]
        if shape.view and not shape.whole and (fixed := scope.model.views[shape.view].filter):
            clauses.append(self._filter(fixed.tree, "view"))
        if shape.filter:
            clauses.append(self._filter(shape.filter, "filter"))
        if shape.linked:
            clauses.append(self._linked(scope, shape.linked) == bindparam("linked", type_=Text()))
        if shape.by_id:
            clauses.append(self.source.id.in_(bindparam("ids", expanding=True, type_=Text())))
        return clauses

    def _linked(self, scope: ReaderScope, name: str) -> ColumnElement[Any]:
        if scope.field((name,)) is None:
            raise unknown("field", name, self.object, scope)
        return self._guarded.column((name,))

    def _filter(self, tree: Node, parameter: str) -> ColumnElement[bool]:
        try:
            return Position.FILTER.where_sql(to_sql(tree, self._guarded, self.source.dialect))
        except Hidden as hidden:
            if parameter == "view":  # the view narrows by what this reader may not know: no row may tell her
                return literal_column("1") == literal_column("0")
            raise BadQuery("filter", "unknown_field", f"There is no field '{hidden}' on {self.object.name}.") from None

    def _statement(self, selecting: Selecting, where: list[ColumnElement[bool]], shape: Shape) -> Select[Any]:
        if shape.nulls is not None:
            where = [*where, beyond(self.keys, shape.nulls, backwards=shape.backwards)]
        order = order_by(self.keys, self._dialect.name, backwards=shape.backwards)
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
            inner: Select[Any] = select(literal_column("1").label("one")).select_from(self.source.clause)
            capped = inner.where(and_(*self._counting)).limit(COUNT_CAP).subquery()
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
