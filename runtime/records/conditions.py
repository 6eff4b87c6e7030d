"""Which rows a list holds and in which order, as conditions and keys over one row source."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, literal_column
from sqlalchemy.types import Text

from engine.expressions import Node, Position, to_sql
from engine.model import SortKey
from runtime.access import Access
from runtime.records.columns import parse_sort, unknown
from runtime.records.keyset import Key
from runtime.records.rows import BadQuery
from runtime.records.scope import ReaderScope
from runtime.records.sources import GuardedSource, Hidden, RowSource

__all__ = ["Conditions", "Shape"]


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
    linked_shown: bool
    nulls: tuple[bool, ...] | None = None
    backwards: bool = False
    lanes: tuple[tuple[str, bool], ...] = ()
    """Stored names of the states of which each gives its first rows, or with True its last; () for one list."""


class Conditions:
    """The WHERE and the ORDER BY of a list over one source."""

    def __init__(self, shape: Shape, scope: ReaderScope, access: Access, source: RowSource) -> None:
        self.source = source
        self._shape = shape
        self._scope = scope
        self._rights = access.object(shape.object)
        self.guarded = GuardedSource(source, access, shape.actions)

    def rights(self) -> list[ColumnElement[bool]]:
        """The rows that every action of the list is allowed on."""
        return [self._rights.rows(action, self.source) for action in self._shape.actions]

    def branches(self) -> list[ColumnElement[bool]]:
        """Conditions of which at least one holds for each row of `rights`; one alone where there is nothing to split."""
        first, *others = self._shape.actions
        found = self._rights.branches(first, self.source)
        return [and_(branch, *(self._rights.rows(action, self.source) for action in others)) for branch in found]

    def chosen(self) -> list[ColumnElement[bool]]:
        """What the view, the filter and the address ask for."""
        shape, clauses = self._shape, []
        if shape.view and not shape.whole and (fixed := self._scope.model.views[shape.view].filter):
            clauses.append(self._filter(fixed.tree, "view"))
        if shape.filter:
            clauses.append(self._filter(shape.filter, "filter"))
        if shape.linked:
            clauses.append(self._linked(shape.linked) == bindparam("linked", type_=Text()))
        if shape.by_id:
            clauses.append(self.source.id.in_(bindparam("ids", expanding=True, type_=Text())))
        return clauses

    def order(self) -> tuple[list[Key], tuple[SortKey, ...]]:
        """The keys of the order, the id last, and the sort they come from. Raises BadQuery."""
        shape = self._shape
        wanted = parse_sort(shape.sort, None if shape.whole else shape.view, self._scope, self.source.object)
        keys = []
        for sort in wanted:
            try:
                keys.append(Key(self.guarded.column(sort.path), sort.descending))
            except Hidden:  # a view's order by what this reader may not see
                continue
        newest_first = keys[-1].descending if keys else True
        keys.append(Key(self.source.id, newest_first, nullable=False))
        return keys, wanted

    def _linked(self, name: str) -> ColumnElement[Any]:
        if self._scope.field((name,)) is None:
            raise unknown("field", name, self.source.object, self._scope)
        return self.guarded.column((name,))

    def _filter(self, tree: Node, parameter: str) -> ColumnElement[bool]:
        try:
            return Position.FILTER.where_sql(to_sql(tree, self.guarded, self.source.dialect, where=True))
        except Hidden as hidden:
            if parameter == "view":  # the view narrows by what this reader may not know: no row may tell her
                return literal_column("1") == literal_column("0")
            raise BadQuery("filter", "unknown_field", f"There is no field '{hidden}' on {self.source.object.name}.") from None
