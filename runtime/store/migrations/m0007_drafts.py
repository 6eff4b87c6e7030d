"""Version 7: drafts of forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.store.migrations.statements import run_file

if TYPE_CHECKING:
    from alembic.operations import Operations

__all__ = ["VERSION", "upgrade"]

VERSION = 7


def upgrade(operations: Operations) -> None:
    """Make the table of drafts."""
    run_file(operations, "m0007_drafts")
