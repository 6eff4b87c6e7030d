"""Version 5: patients on follow-up plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.operations import Operations

__all__ = ["VERSION", "upgrade"]

VERSION = 5


def upgrade(operations: Operations) -> None:
    """Make the tables."""
