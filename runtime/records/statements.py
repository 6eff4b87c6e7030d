"""The query compiler: from the shape of a list to one prepared statement, and the reader of its rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Any

from sqlalchemy import Connection, Select, and_, func, literal_column, select

from engine.expressions import ExpressionError, Node, check, sql_problem
from engine.expressions.types import BOOL
from engine.model import Field
from engine.model.formulas import WrittenOut
from engine.problems import Code
from runtime.access import Sight
from runtime.records.branches import page_of
from runtime.records.conditions import Shape
from runtime.records.lanes import lanes_of
from runtime.records.prepared import Prepared, lru_of
from runtime.records.query import COUNT_CAP, ListQuery, Reading
from runtime.records.rows import BadQuery, Row, Titles
from runtime.records.scope import ReaderScope
from runtime.records.selected import Cell, Selected
from runtime.records.selecting import RawReader, Raws
from runtime.records.shapes import Lifted, lift
from runtime.store.compiled import Release

__all__ = ["ListStatement", "lifted_filter"]


class ListStatement:
    """One prepared list: its columns, its statement and the reader of its raw rows."""

    def __init__(self, shape: Shape, reading: Reading) -> None:
        scope = _scope(reading, shape.object, shape.actions)

        def make() -> Selected:
            return Selected(shape, scope, reading)

        self._selected = selected = make()
        self.object, self.source = selected.source.object, selected.source
        self.columns, self.keys, self.sort_fields = selected.columns, selected.keys, selected.sort_fields
        self._id, self._version, self._title, self._state = selected.id, selected.version, selected.title, selected.state
        self._flags = selected.flags
        self._dialect = reading.connection.dialect
        self.prepared = Prepared((lanes_of if shape.lanes else page_of)(shape, selected, make), self._dialect)
        self._counter: Prepared | None = None
        self._patterns: dict[tuple[bool, ...], _Pattern] = {}

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
            pattern = self._patterns[flags] = _pattern(self._selected.cells, flags)
        return pattern

    def edge(self, raw: Sequence[Any]) -> tuple[Any, ...]:
        """The sort values of a row, its id last."""
        return tuple([value([raw])[0] for value in self._selected.sort_values])

    def count(self, connection: Connection, binds: Mapping[str, Any]) -> int:
        """How many rows the list has, at most COUNT_CAP."""
        if self._counter is None:
            conditions = self._selected.conditions
            where = [*conditions.rights(), *conditions.chosen()]
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


def _pattern(cells: Sequence[Cell], flags: tuple[bool, ...]) -> _Pattern:
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
    scopes = lru_of(reading.release.cache, "records.scopes", 512)
    key = (object_name, actions, reading.actor.shape)
    found: ReaderScope = scopes.get(key, lambda: ReaderScope(reading.release, reading.access, object_name, actions))
    return found


def lifted_filter(query: ListQuery, reading: Reading) -> Lifted | None:
    """The filter's shape and literals, kept by its text. Raises BadQuery."""
    if not query.filter:
        return None
    kept = lru_of(reading.release.cache, "records.filters", 512)
    key = (query.object, query.actions, reading.actor.shape, query.filter)
    found: Lifted = kept.get(key, lambda: lift(_parsed(query.filter, _scope(reading, query.object, query.actions), reading.release)))
    return found


def _parsed(text: str, scope: ReaderScope, release: Release) -> Node:
    """The checked filter. Raises BadQuery; what the reader may not see reads as unknown."""
    checked = check(text, scope, want=BOOL)
    problem = checked.errors[0] if checked.errors else _sql_problem(checked.tree, scope.object, release) if checked.tree else None
    if problem is not None or checked.tree is None:
        assert problem is not None
        former = scope.now_called(text[problem.offset :]) if problem.code is Code.EXPR_002 else None
        if former:
            raise BadQuery("filter", "former_name", f"'{former[0]}' is now called '{former[1]}'.", problem.offset)
        raise BadQuery("filter", problem.code.code, f"{problem.message} {problem.fix}", problem.offset, "".join(problem.say("zh")))
    return checked.tree


def _sql_problem(tree: Node, object_name: str, release: Release) -> ExpressionError | None:
    """Why the database cannot compute the tree, the formulas that it reads written out."""
    written_out: WrittenOut = release.cache.setdefault("records.written_out", WrittenOut(release.model.objects))
    return sql_problem(tree) or written_out.problem(object_name, tree)
