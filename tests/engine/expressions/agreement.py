"""Random expressions computed by Python and by a database over the same rows, and where the two differ."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from engine.expressions import sql_problem, to_python, to_sql
from engine.expressions.rules import ALL_ON
from engine.expressions.tree import Macro, Node, walk
from engine.expressions.types import BOOL
from tests.engine.expressions.clinic import Database, Source, Values
from tests.engine.expressions.random_trees import generated

__all__ = ["BATCH", "Batch", "Difference", "batches", "differences", "same"]

BATCH = 40


@dataclasses.dataclass(frozen=True)
class Batch:
    """Expressions over the same rows, with Python's values: one tuple of values for each row."""

    texts: tuple[str, ...]
    trees: tuple[Node, ...]
    rows: tuple[Values, ...]
    wanted: tuple[tuple[Any, ...], ...]


@dataclasses.dataclass(frozen=True)
class Difference:
    """One expression, one row, and the two values; an error of the database stands for its value."""

    text: str
    row: Values
    python: Any
    database: Any

    def __str__(self) -> str:
        return f"{self.text}\n  Python {self.python!r}\n  database {self.database!r}\n  row {dict(self.row)!r}"


def batches(seed: int, count: int, *, rows: int = 12) -> Iterator[Batch]:
    """At least `count` expressions that SQL can compute, forty at a time."""
    given = generated(seed, 10**9, rows=rows)
    while count > 0:
        members = list(islice(given, BATCH))
        kept = [(tree, text) for tree, text, _ in members if sql_problem(tree) is None]
        over = members[0][2]
        runs = [to_python(tree) for tree, _ in kept]
        yield Batch(tuple(text for _, text in kept), tuple(tree for tree, _ in kept), tuple(over),
                    tuple(tuple(run(row) for run in runs) for row in over))
        count -= len(kept)


def same(one: Any, two: Any) -> bool:
    """Equal, and true is not 1; 2 and 2.00 are alike."""
    if isinstance(one, tuple) and isinstance(two, tuple):
        return len(one) == len(two) and all(map(same, one, two))
    return bool(one == two) and isinstance(one, bool) == isinstance(two, bool)


def differences(database: Database, batch: Batch, off: frozenset[str] = ALL_ON) -> list[Difference]:
    """Where the database computes another value, or fails; conditions are tried in WHERE as well."""
    database.connection.execute(database.tasks.delete())
    database.connection.execute(database.table.delete())
    database.insert(batch.rows)
    try:
        with database.connection.begin_nested():
            found = _selected(database, batch.trees, batch.rows[0], off)
    except SQLAlchemyError:
        found = _one_by_one(database, batch, off)
    return [
        Difference(text, row, one, two)
        for row, wanted, values in zip(batch.rows, batch.wanted, found, strict=True)
        for text, one, two in zip(batch.texts, wanted, values, strict=True)
        if not same(one, two)
    ]


def _selected(database: Database, trees: Sequence[Node], row: Values, off: frozenset[str]) -> list[tuple[Any, ...]]:
    """The values of each row; a condition that holds as a value but not in WHERE, or the other way round, is an error."""
    source, storage = Source(database, row), database.storage
    values = [sa.type_coerce(to_sql(tree, source, database.dialect, off), storage.type(tree.type)) for tree in trees]
    conditions = [place for place, tree in enumerate(trees) if tree.type == BOOL and any(isinstance(part, Macro) for part in walk(tree))]
    kept = [sa.case((to_sql(trees[place], source, database.dialect, off, where=True), 1), else_=0) for place in conditions]
    query = sa.select(*(each.label(f"t{at}") for at, each in enumerate([*values, *kept]))).select_from(database.table)
    found = []
    for raw in database.connection.execute(query.order_by(database.table.c.place)):
        loaded = [storage.loaded(value, tree.type) for value, tree in zip(raw, trees, strict=False)]
        for place, holds in zip(conditions, raw[len(trees):], strict=True):
            if (loaded[place] is True) != (holds == 1):
                loaded[place] = ("in WHERE", holds)
        found.append(tuple(loaded))
    return found


def _one_by_one(database: Database, batch: Batch, off: frozenset[str]) -> list[tuple[Any, ...]]:
    columns: list[Iterable[Any]] = []
    for tree in batch.trees:
        try:
            with database.connection.begin_nested():
                columns.append([value for (value,) in _selected(database, [tree], batch.rows[0], off)])
        except SQLAlchemyError as error:
            columns.append([error] * len(batch.rows))
    return list(zip(*columns, strict=True))
