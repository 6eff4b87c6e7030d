"""Version 4: work that waits for its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.store.migrations.statements import run_file

if TYPE_CHECKING:
    from alembic.operations import Operations

__all__ = ["VERSION", "upgrade"]

VERSION = 4


def upgrade(operations: Operations) -> None:
    """Make the table of jobs."""
    run_file(operations, "m0004_jobs")
