"""Version 5: patients on follow-up plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.store.migrations.statements import run_file

if TYPE_CHECKING:
    from alembic.operations import Operations

__all__ = ["VERSION", "upgrade"]

VERSION = 5


def upgrade(operations: Operations) -> None:
    """Make the tables."""
    run_file(operations, "m0005_plans")
