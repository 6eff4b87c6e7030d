"""Version 2: a repeated answer keeps its headers (ETag, Location), which clients need as much as the body."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.operations import Operations
__all__ = ["VERSION", "upgrade"]

VERSION = 2


def upgrade(operations: Operations) -> None:
    """Add `cw_idempotency.headers`, JSON; null in answers kept before."""
    operations.add_column("cw_idempotency", sa.Column("headers", sa.Text(), nullable=True))
