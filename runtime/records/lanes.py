"""The first rows of several states of one object by one statement: what a board shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, literal, select, union_all
from sqlalchemy.types import Integer, Text

from runtime.records.branches import one_of
from runtime.records.conditions import Shape
from runtime.records.keyset import order_by
from runtime.records.query import ListQuery, Reading
from runtime.records.rows import Column, Row, UnknownObject
from runtime.records.selected import Selected

__all__ = ["Lane", "Lanes", "lane_limit", "lanes_of", "read_lanes"]


@dataclasses.dataclass(frozen=True, slots=True)
class Lane:
    """A state by its stored name, and how many rows of it are wanted.

    `closed` turns an order from low to high round: of what is due, the first come first; of what is done, the last.
    """

    stored: str
    limit: int
    closed: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Lanes:
    """Rows by the stored name of their state, in the order of the list; `more` names the states that have further rows."""

    columns: tuple[Column, ...]
    rows: Mapping[str, Sequence[Row]]
    more: frozenset[str]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids seen, for the view audit."""
        return tuple(row.id for rows in self.rows.values() for row in rows)


def lane_limit(place: int) -> str:
    """The bind that says how many rows of the state at a place are read."""
    return f"lane_limit_{place}"


def lanes_of(shape: Shape, first: Selected, make: Callable[[], Selected]) -> Select[Any]:
    """A top-N query for each state (for each branch of the reader's rights, see `branches`), put together in the order of the list."""
    tops: list[Select[Any]] = []
    for place, (stored, closed) in enumerate(shape.lanes):
        branches = 1 if shape.by_id or shape.linked else len(first.conditions.branches())
        for branch in range(branches):
            part = make()
            rights = part.conditions.rights() if branches == 1 else one_of(part, branch)
            limit = bindparam(lane_limit(place), type_=Integer())
            tops.append(part.top([*rights, _in_state(part, stored)], limit, last=closed and _rising(first)))
    joined = union_all(*(select(*top.subquery().c) for top in tops)).subquery()
    columns = list(joined.c)
    keys = [dataclasses.replace(key, column=columns[place]) for key, place in zip(first.keys, first.key_places, strict=True)]
    return select(*columns).order_by(*order_by(keys, first.source.dialect))


def _rising(selected: Selected) -> bool:
    return not selected.keys[0].descending


def _in_state(part: Selected, stored: str) -> ColumnElement[bool]:
    return part.conditions.guarded.column((part.source.object.workflow,)) == literal(stored, Text())


Rows = Callable[[ListQuery, Reading, Sequence[Lane]], tuple[tuple[Column, ...], Sequence[Row], bool]]


def read_lanes(query: ListQuery, lanes: Sequence[Lane], reading: Reading, rows: Rows) -> Lanes:
    """The lanes of a query. Raises UnknownObject for an object without states that the reader may use, and BadQuery."""
    object = reading.release.model.objects.get(query.object)
    if object is None or not object.workflow or not lanes:
        raise UnknownObject(query.object)
    columns, found, rising = rows(query, reading, lanes)
    by_state: dict[str, list[Row]] = {lane.stored: [] for lane in lanes}
    for row in found:
        if row.state in by_state:
            by_state[row.state].append(row)
    for lane in lanes:
        if lane.closed and rising:
            by_state[lane.stored].reverse()
    limits = {lane.stored: lane.limit for lane in lanes}
    # Branches of the reader's rights may each have filled their part of a lane.
    more = frozenset(stored for stored, several in by_state.items() if len(several) > limits[stored])
    return Lanes(columns, {stored: several[: limits[stored]] for stored, several in by_state.items()}, more)
