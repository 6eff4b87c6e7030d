"""Version 10: lists as people keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.store.migrations.statements import run_file

if TYPE_CHECKING:
    from alembic.operations import Operations

__all__ = ["VERSION", "upgrade"]

VERSION = 10


def upgrade(operations: Operations) -> None:
    """Make the table."""
    run_file(operations, "m0010_saved_views")
