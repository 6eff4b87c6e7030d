"""The rows of somebody's inbox: what is there, how much of it is unread, and that it was read."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, literal, select, update

from runtime.messages.deliveries import Delivery
from runtime.store import system

__all__ = ["MOST", "inbox_rows", "mark_read", "one_of", "unread"]

MOST = 99
"""A badge counts no further."""
_message = system.message


def _own(user_id: str) -> ColumnElement[bool]:
    # Spelled out, because an index over part of a table needs that.
    return and_(_message.c.to_id == user_id, _message.c.channel == literal("inbox", literal_execute=True))


def unread(connection: Connection, user_id: str) -> int:
    """How many are unread, at most `MOST` + 1: an index alone tells."""
    some = select(_message.c.id).where(_own(user_id), _message.c.read_at.is_(None)).limit(MOST + 1).subquery()
    return int(connection.scalar(select(func.count()).select_from(some)) or 0)


def inbox_rows(connection: Connection, user_id: str, *, before: str = "", only_unread: bool = False, limit: int = 30) -> list[Delivery]:
    """One more than `limit` rows, if there are, newest first; `before` is the id of the last row of the page before."""
    statement = select(_message).where(_own(user_id)).order_by(_message.c.id.desc()).limit(limit + 1)
    if before:
        statement = statement.where(_message.c.id < before)
    if only_unread:
        statement = statement.where(_message.c.read_at.is_(None))
    return [dict(row) for row in connection.execute(statement).mappings()]


def one_of(connection: Connection, user_id: str, id: str) -> dict[str, Any] | None:
    """One message of hers, None for any other."""
    row = connection.execute(select(_message).where(_own(user_id), _message.c.id == id)).mappings().one_or_none()
    return dict(row) if row is not None else None


def mark_read(connection: Connection, user_id: str, now: datetime.datetime, ids: Sequence[str] | None = None, *, until: str = "") -> int:
    """Mark these, or all up to the id `until`, as read; how many were not."""
    gone = update(_message).where(_own(user_id), _message.c.read_at.is_(None)).values(read_at=now)
    if ids is not None:
        gone = gone.where(_message.c.id.in_(list(ids)))
    if until:
        gone = gone.where(_message.c.id <= until)
    return connection.execute(gone).rowcount
