"""The statements of stored formulas: compute them anew, and find the rows that a change reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Select, bindparam, select, update
from sqlalchemy.types import Integer, Text

from engine.fields.base import StorageKind
from engine.model.reads import Hop, Hops, reads
from engine.targets.dependencies import Dependencies, Formula, dependencies
from runtime.records.binds import dialect_name
from runtime.records.ids import chunks
from runtime.records.prepared import Prepared, lru_of
from runtime.records.sources import RowSource
from runtime.store.compiled import Release

__all__ = ["compute", "compute_all", "dependencies_of", "differing", "hold", "hold_what_is_read", "reached", "step_back"]

_TEXTS = frozenset({StorageKind.TEXT, StorageKind.ID})
_Made = TypeVar("_Made")


def dependencies_of(release: Release) -> Dependencies:
    """The dependencies of a release, found once."""
    found: Dependencies | None = release.cache.get("records.dependencies")
    if found is None:
        found = release.cache["records.dependencies"] = dependencies(release.model.objects)
    return found


def _once(release: Release, key: tuple[Any, ...], make: Callable[[], _Made]) -> _Made:
    found: _Made = lru_of(release.cache, "records.upkeep", 1024).get(key, make)
    return found


def _listed(name: str = "ids") -> ColumnElement[Any]:
    return bindparam(name, expanding=True, type_=Text())


def _fresh(release: Release, formula: Formula, dialect: Any, *where: Callable[[RowSource], ColumnElement[bool]]) -> sa.Subquery:
    """The ids of rows with the value that the formula has now."""
    source = RowSource(release, formula.object, dialect)
    field = source.object.fields[formula.field]
    value = source.formula(field, source.whole)
    if dialect == "postgresql" and field.type.columns[0].storage.kind in _TEXTS:
        # A computed text has the database's collation, which PostgreSQL does not compare with the column's.
        value = sa.type_coerce(value.collate("C"), value.type)
    return select(source.id.label("id"), value.label("value")).select_from(source.clause).where(*(each(source) for each in where)).subquery("fresh")


def _update(release: Release, formula: Formula, dialect: Any, *where: Callable[[RowSource], ColumnElement[bool]]) -> Any:
    table = release.tables.object(formula.object)
    column, own = table.column(formula.field), table.table.c.id
    fresh = _fresh(release, formula, dialect, *where)
    changed = column.is_distinct_from(fresh.c.value)
    return update(table.table).values({column.name: fresh.c.value}).where(own == fresh.c.id, changed)


def compute(connection: Connection, release: Release, formula: Formula, ids: Iterable[str]) -> list[str]:
    """Compute a formula anew in some rows; the ids of those where it has another value now."""
    dialect = dialect_name(connection)
    make: Callable[[], Prepared] = lambda: Prepared(  # noqa: E731
        _update(release, formula, dialect, lambda source: source.id.in_(_listed())).returning(_own(release, formula)), connection.dialect)
    prepared = _once(release, ("compute", formula), make)
    return [row[0] for chunk in chunks(ids) for row in prepared.fetch(connection, {"ids": chunk})]


def compute_all(connection: Connection, release: Release, formula: Formula) -> int:
    """Compute a formula anew in every row; how many rows have another value now."""
    return int(connection.execute(_update(release, formula, dialect_name(connection))).rowcount)


def _own(release: Release, formula: Formula) -> ColumnElement[Any]:
    return release.tables.object(formula.object).table.c.id


def differing(connection: Connection, release: Release, formula: Formula, limit: int) -> list[str]:
    """Ids of rows whose stored value is not what the formula gives, at most `limit`."""
    table = release.tables.object(formula.object)
    fresh = _fresh(release, formula, dialect_name(connection))
    own = table.table.c.id
    wrong = table.column(formula.field).is_distinct_from(fresh.c.value)
    statement = select(own).join(fresh, fresh.c.id == own).where(wrong).order_by(own).limit(limit)
    return list(connection.execute(statement).scalars())


# From changed rows back to the rows that read them


def step_back(connection: Connection, release: Release, before: str, hop: Hop, ids: Iterable[str], limit: int) -> list[str]:
    """Ids of rows of the object `before` that lead by a hop to rows with these ids; one more than `limit` where there are more."""
    def make() -> Prepared:
        return Prepared(_back(release, before, hop), connection.dialect)

    prepared = _once(release, ("back", before, hop), make)
    found: dict[str, None] = {}
    for chunk in chunks(ids):
        rows = prepared.fetch(connection, {"ids": chunk, "row_limit": limit + 1 - len(found)})
        found.update((row[0], None) for row in rows)
        if len(found) > limit:
            break
    return list(found)


def _back(release: Release, before: str, hop: Hop) -> Select[Any]:
    holder = hop.object if hop.rows else before
    table = release.tables.object(holder)
    link, own = table.column(hop.link), table.table.c.id
    if hop.rows:
        statement = select(link).distinct().where(own.in_(_listed()), link.is_not(None))
    else:
        statement = select(own).where(link.in_(_listed()))
    return statement.limit(bindparam("row_limit", type_=Integer()))


def reached(connection: Connection, release: Release, object_name: str, hops: Hops, ids: Iterable[str], after: str, limit: int) -> list[str]:
    """The next rows of an object in the order of ids, behind `after`, that lead along hops to rows with these ids."""
    def make() -> Prepared:
        return Prepared(_reaching(release, object_name, hops), connection.dialect)

    prepared = _once(release, ("reaching", object_name, hops), make)
    binds = {"ids": tuple(ids), "after": after, "row_limit": limit}
    return [row[0] for row in prepared.fetch(connection, binds)]


def _reaching(release: Release, object_name: str, hops: Hops) -> Select[Any]:
    first = at = release.tables.object(object_name).table.alias("r0")
    holder = object_name
    clause: sa.FromClause = first
    target: ColumnElement[Any] = first.c.id
    for place, hop in enumerate(hops, 1):
        if hop.rows:
            table = release.tables.object(hop.object)
            following = table.table.alias(f"r{place}")
            condition = following.c[table.column(hop.link).name] == at.c.id
        else:
            link = at.c[release.tables.object(holder).column(hop.link).name]
            following = release.tables.object(hop.object).table.alias(f"r{place}")
            condition = following.c.id == link
        clause, at, holder = clause.join(following, condition), following, hop.object
        target = following.c.id
    own = first.c.id
    statement = select(own).distinct().select_from(clause).where(own > bindparam("after", type_=Text()))
    if hops:
        statement = statement.where(target.in_(_listed()))
    return statement.order_by(own).limit(bindparam("row_limit", type_=Integer()))


# Locks, for PostgreSQL alone: SQLite has one writer


def hold(connection: Connection, release: Release, object_name: str, ids: Iterable[str], *, read: bool = False) -> None:
    """Keep rows as they are until the transaction ends, those that others only `read` for others to read too.

    Whoever computes a formula holds its row first: the statement that follows sees what the one before it in line has
    committed, so of two writers of one parent's children the second counts the first one's child.
    """
    if connection.dialect.name != "postgresql":
        return
    own = release.tables.object(object_name).table.c.id

    def make() -> Prepared:
        # Not FOR UPDATE, for which a foreign key that points here would have to wait.
        held = select(own).where(own.in_(_listed())).order_by(own).with_for_update(read=read, key_share=not read)
        return Prepared(held, connection.dialect)

    prepared = _once(release, ("hold", object_name, read), make)
    for chunk in chunks(sorted(ids)):
        prepared.fetch(connection, {"ids": chunk})


def hold_what_is_read(connection: Connection, release: Release, formula: Formula, ids: Iterable[str]) -> None:
    """Hold the records behind links that a formula reads, which somebody may be changing who cannot see these rows yet."""
    if connection.dialect.name != "postgresql":
        return
    for hops in _once(release, ("linked", formula), lambda: _linked(release, formula)):
        found, object_name = list(ids), formula.object
        for hop in hops:
            found = _forward(connection, release, object_name, hop, found)
            object_name = hop.object
        hold(connection, release, object_name, found, read=True)


def _linked(release: Release, formula: Formula) -> tuple[Hops, ...]:
    """Where a formula reads values behind a link."""
    objects = release.model.objects
    rule = objects[formula.object].fields[formula.field].formula
    assert rule is not None
    return tuple(sorted({read.hops for read in reads(objects, formula.object, rule.tree) if read.hops and not read.hops[-1].rows}, key=str))


def _forward(connection: Connection, release: Release, before: str, hop: Hop, ids: list[str]) -> list[str]:
    def make() -> Prepared:
        table = release.tables.object(hop.object if hop.rows else before)
        link, own = table.column(hop.link), table.table.c.id
        if hop.rows:
            return Prepared(select(own).where(link.in_(_listed())), connection.dialect)
        return Prepared(select(link).distinct().where(own.in_(_listed()), link.is_not(None)), connection.dialect)

    prepared = _once(release, ("forward", before, hop), make)
    return list(dict.fromkeys(row[0] for chunk in chunks(ids) for row in prepared.fetch(connection, {"ids": chunk})))
