"""Version 9: the index of the search box."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.operations import Operations

__all__ = ["VERSION", "upgrade"]

VERSION = 9


def upgrade(operations: Operations) -> None:
    """Make the tables."""
