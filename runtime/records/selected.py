"""What a list selects from one row source: its columns with the readers of their raw values, its keys and its conditions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, select
from sqlalchemy.types import Integer

from engine.model import Field
from runtime.access import Sight
from runtime.records.binds import dialect_name
from runtime.records.columns import columns_of
from runtime.records.conditions import Conditions, Shape
from runtime.records.keyset import beyond, order_by
from runtime.records.query import Reading
from runtime.records.rows import Column
from runtime.records.scope import ReaderScope
from runtime.records.selecting import RawReader, Selecting, Sights
from runtime.records.sources import Hidden, RowSource

__all__ = ["Cell", "Selected"]

Cell = tuple[RawReader, Sights | None, Field]
"""The reader of a column, how it may be seen (None: as it is read), and its field."""


class Selected:
    """Equal for all sources of one shape in everything but the source: the places of the columns are the same."""

    def __init__(self, shape: Shape, scope: ReaderScope, reading: Reading) -> None:
        access, dialect = reading.access, reading.connection.dialect
        self._shape = shape
        self.source = RowSource(reading.release, shape.object, dialect_name(reading.connection), reader=access)
        self._rights = access.object(shape.object)
        self.conditions = Conditions(shape, scope, access, self.source)
        self._selecting = selecting = Selecting(access, self.source, dialect, reading.locale, self.conditions.rights())
        self.id, self.version = (selecting.plain(self.source.own(name)) for name in ("id", "version"))
        self.flags: list[RawReader] = []
        parts = self._take_flags(shape.actions)
        self.columns: tuple[Column, ...] = ()
        self.cells: list[Cell] = []
        columns = list(columns_of(self.source.object, shape.columns, shape.view, scope))
        if not shape.linked_shown:
            columns = [column for column in columns if column.path != (shape.linked,)] or columns
        self._select_columns(columns, parts)
        self.title = selecting.title(self.source, linked=False)
        self.state = self._take_state(parts)
        self.keys, self.sort_fields = self.conditions.order()
        self.key_places = [selecting.place(key.column) for key in self.keys]
        self.sort_values = [selecting.plain(key.column) for key in self.keys]

    def _take_flags(self, actions: tuple[str, ...]) -> list[tuple[str, slice]]:
        parts = []
        for action in actions:
            start = len(self.flags)
            self.flags += [self._selecting.plain(flag) for flag in self._rights.flags(action, self.source)]
            parts.append((action, slice(start, len(self.flags))))
        return parts

    def _sights(self, name: str, parts: Sequence[tuple[str, slice]]) -> Sights:
        return Sights(tuple((self._rights.field(action, name), part) for action, part in parts))

    def _select_columns(self, columns: Iterable[Column], parts: list[tuple[str, slice]]) -> None:
        for column in columns:
            if len(column.path) == 1:
                sights = self._sights(column.field.name, parts)
                if sights.fixed is Sight.ABSENT:
                    continue
                cell: Cell = (self._selecting.own(column.field), sights, column.field)
            else:
                try:
                    cell = (self._selecting.linked(column.path, column.field, self._shape.actions), None, column.field)
                except Hidden:
                    continue
            self.columns += (column,)
            self.cells.append(cell)

    def _take_state(self, parts: list[tuple[str, slice]]) -> RawReader | None:
        name = self.source.object.workflow
        if not name or self._sights(name, parts).fixed is Sight.ABSENT:
            return None
        try:
            return self._selecting.plain(self.conditions.guarded.column((name,)))
        except Hidden:
            return None

    def top(self, rights: Sequence[ColumnElement[bool]], limit: ColumnElement[Any] | None = None, *, last: bool = False) -> Select[Any]:
        """The first rows, in the order of the list, of those that these conditions and all that is chosen leave; as many as the bind
        `row_limit` says, or `limit`. `last` gives the last ones instead, from the end."""
        where = [*rights, *self.conditions.chosen()]
        if self._shape.nulls is not None:
            where.append(beyond(self.keys, self._shape.nulls, backwards=self._shape.backwards))
        order = order_by(self.keys, self.source.dialect, backwards=self._shape.backwards or last)
        statement = select(*self._selecting.columns).select_from(self.source.clause).where(and_(*where))
        return statement.order_by(*order).limit(bindparam("row_limit", type_=Integer()) if limit is None else limit)
