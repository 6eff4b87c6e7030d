"""Version 11: drafts of definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.store.migrations.statements import run_file

if TYPE_CHECKING:
    from alembic.operations import Operations

__all__ = ["VERSION", "upgrade"]

VERSION = 11


def upgrade(operations: Operations) -> None:
    """Make the tables of drafts, their files and their edits."""
    run_file(operations, "m0011_designer")
