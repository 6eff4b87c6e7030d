"""A page for a reader whose grants are joined by OR: a top-N query for each of them, of which the best rows make the page.

A plain OR leaves the database no index but the one of the order, along which it walks until a page is full; a reader of a few rows in
a large table would wait for all of them. Each branch has an index of its own (`engine.targets.indexes`), and costs a page at most.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select, true, union_all
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.types import Integer

from runtime.records.conditions import Shape
from runtime.records.keyset import order_by
from runtime.records.selected import Selected

__all__ = ["one_of", "page_of"]


def page_of(shape: Shape, first: Selected, make: Callable[[], Selected]) -> Select[Any]:
    """The statement of a page; `make` gives a source like `first` for each branch.

    One top-N query where there is one branch, or where a link or ids leave few rows anyway.
    """
    count = 1 if shape.by_id or shape.linked else len(first.conditions.branches())
    if count == 1:
        return first.top(first.conditions.rights())
    tops = [_top(make(), place) for place in range(count)]
    joined = union_all(*(select(*top.subquery().c) for top in tops)).subquery()
    columns = list(joined.c)
    keys = [dataclasses.replace(key, column=columns[place]) for key, place in zip(first.keys, first.key_places, strict=True)]
    order = order_by(keys, first.source.dialect, backwards=shape.backwards)
    return select(*columns).order_by(*order).limit(bindparam("row_limit", type_=Integer()))


def _top(part: Selected, place: int) -> Select[Any]:
    return part.top(one_of(part, place))


def one_of(part: Selected, place: int) -> list[ColumnElement[bool]]:
    """The conditions of one branch, less the rows of those before it, so that no row comes twice."""
    branches = part.conditions.branches()
    return [branches[place], *map(_not_true, branches[:place])]


def _not_true(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Unknown counts as no, as in WHERE."""
    return Grouping(condition).is_not(true())
