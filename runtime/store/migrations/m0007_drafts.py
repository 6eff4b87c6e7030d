"""Version 7: drafts of forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.operations import Operations

__all__ = ["VERSION", "upgrade"]

VERSION = 7


def upgrade(operations: Operations) -> None:
    """Make the tables."""
