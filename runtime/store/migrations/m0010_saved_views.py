"""Version 10: lists as people keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.operations import Operations

__all__ = ["VERSION", "upgrade"]

VERSION = 10


def upgrade(operations: Operations) -> None:
    """Make the tables."""
