"""Carry out the schema operations of a plan: additions only; nothing that holds values is ever dropped here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex as CreateIndexStatement
from sqlalchemy.schema import DDLElement
from sqlalchemy.schema import DropIndex as DropIndexStatement
from sqlalchemy.sql.compiler import DDLCompiler

from engine.targets.operations import (
    AddColumn,
    CreateIndex,
    CreateTable,
    CreateUnique,
    DropIndex,
    DropUnique,
    Operation,
    RetypeField,
    SchemaOperation,
)
from engine.targets.tables import LinkColumn, ObjectTable, Tables

__all__ = ["expand", "index_beside_writers"]

BIG_ROWS = 100_000
"""From this many rows on PostgreSQL builds an index beside the writers instead of within the publish."""


def expand(connection: sa.Connection, operations: Iterable[Operation], tables: Tables) -> None:
    """Run the operations' DDL in the order that foreign keys and indexes need, inside the caller's transaction."""
    wanted = [operation for operation in operations if isinstance(operation, SchemaOperation)]
    new = [tables.by_id[operation.id].table for operation in wanted if isinstance(operation, CreateTable)]
    if new:
        # SQLAlchemy orders tables that link to each other and adds the foreign keys of circles afterwards.
        tables.metadata.create_all(connection, tables=new, checkfirst=False)
    for operation in wanted:
        if isinstance(operation, DropIndex | DropUnique):
            connection.execute(DropIndexStatement(_bare(operation.index), if_exists=True))
    for operation in wanted:
        if isinstance(operation, AddColumn | RetypeField):
            _add_columns(connection, tables.by_id[operation.object], operation.columns)
    for operation in wanted:
        if isinstance(operation, CreateIndex | CreateUnique):
            connection.execute(CreateIndexStatement(_index(tables, operation), if_not_exists=True))


def index_beside_writers(engine: sa.Engine, operations: Iterable[Operation], tables: Tables) -> None:
    """Build the indexes of big tables on PostgreSQL before the publish, without holding up writers.

    An index that an earlier attempt left unfinished is built anew. Indexes on columns that are not there yet stay for
    the publish.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        try:
            for operation in operations:
                if isinstance(operation, CreateIndex | CreateUnique) and _is_big(connection, operation):
                    index = _index(tables, operation)
                    _drop_unfinished(connection, index)
                    connection.execute(CreateIndexStatement(_beside(index), if_not_exists=True))
        finally:
            connection.exec_driver_sql("RESET statement_timeout")


def _index(tables: Tables, operation: CreateIndex | CreateUnique) -> sa.Index:
    table = tables.by_id[operation.object].table
    return next(index for index in table.indexes if index.name == operation.index)


def _beside(index: sa.Index) -> sa.Index:
    """The same index, built CONCURRENTLY, on a copy of the table so that the release's own tables stay as they are."""
    assert index.table is not None
    copy = index.table.to_metadata(sa.MetaData())
    twin = next(other for other in copy.indexes if other.name == index.name)
    twin.dialect_options["postgresql"]["concurrently"] = True
    return twin


def _is_big(connection: sa.Connection, operation: CreateIndex | CreateUnique) -> bool:
    rows = sa.text("SELECT reltuples FROM pg_class WHERE oid = to_regclass(quote_ident(:t))")
    if (connection.scalar(rows, {"t": operation.table}) or 0) < BIG_ROWS:
        return False
    there = {column["name"] for column in sa.inspect(connection).get_columns(operation.table)}
    return set(operation.columns) <= there


def _drop_unfinished(connection: sa.Connection, index: sa.Index) -> None:
    broken = sa.text("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(quote_ident(:i)) AND NOT indisvalid")
    if connection.scalar(broken, {"i": str(index.name)}):
        connection.execute(DropIndexStatement(index))


def _bare(name: str) -> sa.Index:
    """An index known by its name alone."""
    return sa.Index(sa.sql.quoted_name(name, quote=True), sa.text("1"))


def _add_columns(connection: sa.Connection, table: ObjectTable, names: tuple[str, ...]) -> None:
    links = {link.column.name: link for link in table.links}
    for name in names:
        connection.execute(_AddColumn(table.table.c[name], links.get(name)))


class _AddColumn(DDLElement):
    """`ALTER TABLE … ADD COLUMN …`, with its foreign key where it has one, as both databases understand it."""

    def __init__(self, column: sa.Column[Any], link: LinkColumn | None) -> None:
        self.column = column
        self.link = link


@compiles(_AddColumn)
def _compile_add_column(element: _AddColumn, compiler: DDLCompiler, **options: Any) -> str:
    quote = compiler.preparer
    column = element.column
    text = f"ALTER TABLE {quote.format_table(column.table)} ADD COLUMN {compiler.get_column_specification(column)}"
    if element.link is None:
        return text
    constraint, target = quote.quote(element.link.constraint), quote.format_table(element.link.target)
    return f'{text} CONSTRAINT {constraint} REFERENCES {target} ("id") DEFERRABLE INITIALLY DEFERRED'
