"""Compare the tables that are there with those that the release was compiled to (invariant I6)."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedColumn, ReflectedIndex

from engine.targets.layout import Layout
from engine.targets.tables import Tables

__all__ = ["differences"]


def differences(connection: sa.Connection, tables: Tables, layout: Layout) -> list[str]:
    """What is missing, of another type, or there without a reason; empty when the two agree."""
    inspector = sa.inspect(connection)
    columns = {name: found for (_, name), found in inspector.get_multi_columns().items() if name.startswith("o_")}
    indexes = {name: found for (_, name), found in inspector.get_multi_indexes().items()}
    problems = [f"table {name} is there without an object" for name in sorted(columns.keys() - _known_tables(layout))]
    for name, table in sorted(tables.metadata.tables.items()):
        if name not in columns:
            problems.append(f"table {name} is missing")
            continue
        problems.extend(_columns(connection.dialect, columns[name], table, layout))
        problems.extend(_indexes(indexes.get(name, []), table))
    return problems


def _known_tables(layout: Layout) -> set[str]:
    return {name for key, name in layout.names.items() if key.startswith("object ")}


def _columns(
    dialect: sa.Dialect, reflected: list[ReflectedColumn], table: sa.Table, layout: Layout
) -> Iterator[str]:
    there = {column["name"]: column for column in reflected}
    for column in table.columns:
        if column.name not in there:
            yield f"column {table.name}.{column.name} is missing"
            continue
        wanted = _type_words(column.type, dialect)
        is_ = _type_words(there[column.name]["type"], dialect)
        if wanted != is_:
            yield f"column {table.name}.{column.name} is {is_}, not {wanted}"
    known = set(layout.names.values())
    for name in there.keys() - {column.name for column in table.columns} - known:
        yield f"column {table.name}.{name} is there without a field"


def _type_words(type_: sa.types.TypeEngine[object], dialect: sa.Dialect) -> str:
    """The type as it is written in DDL, without the collation, which reflection spells differently."""
    return type_.compile(dialect).partition(" COLLATE")[0].replace('"', "")


def _indexes(reflected: list[ReflectedIndex], table: sa.Table) -> Iterator[str]:
    there = {str(index["name"]): bool(index["unique"]) for index in reflected}
    wanted = {str(index.name): bool(index.unique) for index in table.indexes}
    for name in sorted(wanted.keys() - there.keys()):
        yield f"index {name} on {table.name} is missing"
    for name in sorted(there.keys() - wanted.keys()):
        yield f"index {name} on {table.name} is there without a reason"
    for name in sorted(wanted.keys() & there.keys()):
        if wanted[name] != there[name]:
            yield f"index {name} on {table.name} is {'unique' if there[name] else 'not unique'}"
