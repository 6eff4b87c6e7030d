"""Version 1: the first system tables. The statements stand in the files beside this one, one per kind of database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.store.migrations.statements import run_file

if TYPE_CHECKING:
    from alembic.operations import Operations

__all__ = ["VERSION", "upgrade"]

VERSION = 1


def upgrade(operations: Operations) -> None:
    """Make the tables and the row of the live release, which points nowhere yet."""
    run_file(operations, "m0001_first")
    operations.execute("INSERT INTO cw_live_release (id, generation) VALUES (1, 0)")
