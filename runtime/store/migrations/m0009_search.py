"""Version 9: the index of the search box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.store.migrations.statements import run_file

if TYPE_CHECKING:
    from alembic.operations import Operations

__all__ = ["VERSION", "upgrade"]

VERSION = 9


def upgrade(operations: Operations) -> None:
    """Make the table and its index: FTS5 on SQLite, kept by triggers, GIN on PostgreSQL."""
    run_file(operations, "m0009_search")
