"""Order and place of keyset paging: nulls last in both directions, the id as the last key."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, UnaryExpression, and_, bindparam, false, or_

__all__ = ["Key", "beyond", "cursor_name", "order_by"]


@dataclasses.dataclass(frozen=True, slots=True)
class Key:
    """One key of an order; the last key of every order is the id, which is never null."""

    column: ColumnElement[Any]
    descending: bool = False
    nullable: bool = True


def cursor_name(place: int) -> str:
    """The bind that carries a cursor's value for the key at a place."""
    return f"after_{place}"


def order_by(keys: Sequence[Key], dialect: str, *, backwards: bool = False) -> list[UnaryExpression[Any]]:
    """The ORDER BY terms. NULLS LAST is left out where it is the database's own order, so that a plain index serves."""
    terms: list[UnaryExpression[Any]] = []
    for key in keys:
        descending = key.descending != backwards
        term = key.column.desc() if descending else key.column.asc()
        if key.nullable:
            # SQLite sorts null before every value, PostgreSQL after.
            natural_last = descending if dialect == "sqlite" else not descending
            if natural_last == backwards:
                term = term.nulls_first() if backwards else term.nulls_last()
        terms.append(term)
    return terms


def beyond(keys: Sequence[Key], nulls: Sequence[bool], *, backwards: bool = False) -> ColumnElement[bool]:
    """Rows strictly after a cursor (before it when `backwards`); `nulls` tells which of the cursor's values are null."""
    return _beyond(keys[0], nulls[0], keys[1:], nulls, 0, backwards)


def _beyond(
    key: Key, null: bool, rest: Sequence[Key], nulls: Sequence[bool], place: int, backwards: bool,
) -> ColumnElement[bool]:
    bound = bindparam(cursor_name(place), type_=key.column.type)
    strictly = _strictly(key, null, bound, backwards)
    if not rest:
        return strictly
    same = key.column.is_(None) if null else key.column == bound
    further = _beyond(rest[0], nulls[place + 1], rest[1:], nulls, place + 1, backwards)
    return or_(strictly, and_(same, further))


def _strictly(key: Key, null: bool, bound: ColumnElement[Any], backwards: bool) -> ColumnElement[bool]:
    if null:
        return key.column.is_not(None) if backwards else false()
    greater = key.descending == backwards
    compared = key.column > bound if greater else key.column < bound
    if key.nullable and not backwards:
        return or_(compared, key.column.is_(None))
    return compared
