"""Run the migrations a database has not seen, all in one transaction and under a lock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa

from runtime.store.columns import CODE_POINT_TEXT, Instant
from runtime.store.engines import Database
from runtime.store.errors import SchemaTooNew

if TYPE_CHECKING:
    from alembic.operations import Operations

__all__ = ["Migration", "Migrations"]

PROGRAM = "carework 0.1.0"
_LOCK_KEY = 0x6361726577  # "carew"; one advisory lock per database


class Migration(Protocol):
    """One step: a module with these two."""

    VERSION: int

    def upgrade(self, operations: Operations) -> None:
        """Change the tables; runs inside a transaction on both databases."""


class Migrations:
    """The steps of one set of tables; the table named `journal` says which have run."""

    def __init__(self, journal: str, steps: Sequence[Migration]) -> None:
        versions = [step.VERSION for step in steps]
        if versions != list(range(1, len(steps) + 1)):
            raise ValueError(f"migrations must count from 1 without gaps, not {versions}")
        self.steps = tuple(steps)
        self.newest = len(steps)
        self.journal = sa.Table(
            journal, sa.MetaData(),
            sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("applied_at", Instant(), nullable=False), sa.Column("program", CODE_POINT_TEXT, nullable=False),
        )

    def upgrade(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Bring the tables to the newest version. Raises SchemaTooNew when a newer program has been here."""
        with database.read() as connection:
            if self.version(connection) == self.newest:
                return
        # Not at the top: every start of a process would take a tenth of a second for what runs once in a database's life.
        from alembic.migration import MigrationContext
        from alembic.operations import Operations

        with database.write() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_KEY)))
            done = self.version(connection)
            self.journal.create(connection, checkfirst=True)
            operations = Operations(MigrationContext.configure(connection))
            for step in self.steps[done:]:
                step.upgrade(operations)
                row = {"version": step.VERSION, "applied_at": clock(), "program": PROGRAM}
                connection.execute(self.journal.insert(), row)

    def version(self, connection: sa.Connection) -> int:
        """The version of the tables, 0 when there are none. Raises SchemaTooNew."""
        if not sa.inspect(connection).has_table(self.journal.name):
            return 0
        found = connection.scalar(sa.select(sa.func.max(self.journal.c.version))) or 0
        if found > self.newest:
            raise SchemaTooNew(
                f"this database has system tables of version {found}; this program knows up to {self.newest}. "
                "Start the newer Carework again, or restore a backup made before it ran"
            )
        return found
