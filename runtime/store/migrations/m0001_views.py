"""Version 1 of the audit store: the entries of what was looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.store.migrations.statements import run_file

if TYPE_CHECKING:
    from alembic.operations import Operations

__all__ = ["VERSION", "upgrade"]

VERSION = 1


def upgrade(operations: Operations) -> None:
    """Make the table of views."""
    run_file(operations, "m0001_views")
