"""A page for a reader whose grants are joined by OR: a top-N query for each of them, of which the best rows make the page.

A plain OR leaves the database no index but the one of the order, along which it walks until a page is full; a reader of a few rows in
a large table would wait for all of them. Each branch has an index of its own (`engine.targets.indexes`), and costs a page at most.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, select, true, union_all
from sqlalchemy.types import Integer

from runtime.access import Access
from runtime.records.conditions import Conditions, Shape
from runtime.records.keyset import Key, beyond, order_by
from runtime.records.scope import ReaderScope
from runtime.records.sources import RowSource

__all__ = ["page_of_branches"]

_LIMIT = bindparam("row_limit", type_=Integer())


def page_of_branches(shape: Shape, scope: ReaderScope, access: Access, source: RowSource) -> Select[Any] | None:
    """The ids of the page's rows; None where there is one branch, or where a link or ids leave few rows anyway.

    Each branch leaves out the rows of those before it, so that no row comes twice.
    """
    if shape.by_id or shape.linked:
        return None

    def conditions() -> Conditions:
        return Conditions(shape, scope, access, RowSource(source.release, shape.object, source.dialect))

    count = len(conditions().branches())
    if count < 2:
        return None
    keys, _ = conditions().order()
    joined = union_all(*(_top(shape, conditions(), place) for place in range(count))).subquery()
    merged = [Key(joined.c[f"k{place}"], key.descending, key.nullable) for place, key in enumerate(keys)]
    return select(joined.c.id).order_by(*order_by(merged, source.dialect, backwards=shape.backwards)).limit(_LIMIT)


def _top(shape: Shape, conditions: Conditions, place: int) -> Select[Any]:
    """The first rows of one branch with the values that they are ordered by."""
    source = conditions.source
    keys, _ = conditions.order()
    branches = conditions.branches()
    clauses = [branches[place], *map(_not_true, branches[:place]), *conditions.chosen()]
    if shape.nulls is not None:
        clauses.append(beyond(keys, shape.nulls, backwards=shape.backwards))
    columns = [source.id.label("id"), *(key.column.label(f"k{number}") for number, key in enumerate(keys))]
    order = order_by(keys, source.dialect, backwards=shape.backwards)
    rows = select(*columns).select_from(source.clause).where(and_(*clauses)).order_by(*order).limit(_LIMIT)
    return select(*rows.subquery().c)


def _not_true(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Unknown counts as no, as in WHERE."""
    return condition.self_group().is_not(true())
