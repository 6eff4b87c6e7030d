"""Answers kept for requests with an Idempotency-Key, so that a repeated request has one effect.

A request reserves its key before it does anything and leaves its answer when it is done. A reservation whose request never
came back (the process died) is settled after a while from the change audit, which holds the request's id in the same
transaction as its effect.
"""

from __future__ import annotations

import dataclasses
import enum
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from runtime.store import system
from runtime.store.database import Store

__all__ = ["Answer", "Effect", "Found", "Key", "answer", "release", "reserve"]

KEPT = timedelta(hours=24)
ABANDONED = timedelta(minutes=5)
"""Longer than any request can take: both databases give up on statements and locks well before."""

_table = system.idempotency


@dataclasses.dataclass(frozen=True, slots=True)
class Key:
    """Whose key, for which route; equal keys of other people or other routes are other keys."""

    user_id: str
    route: str
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: the status and the exact body with its headers, as the edge packed them."""

    status: int
    response: bytes


class Found(enum.Enum):
    """What became of a reservation, when no answer is there."""

    RESERVED = "reserved"
    AT_WORK = "at_work"
    OTHER = "other"


@dataclasses.dataclass(frozen=True, slots=True)
class Effect:
    """What an abandoned request had written."""

    object: str
    record_id: str
    version: int


def reserve(store: Store, key: Key, digest: str, request_id: str, now: datetime) -> Found | Answer | tuple[Effect, ...]:
    """RESERVED: go on. AT_WORK: the first request is not done. OTHER: the key was used for another request.

    An Answer is the first one's; effects are what an abandoned first request had written, which is its answer.
    """
    with store.write() as connection:
        connection.execute(_table.delete().where(_table.c.at < now - KEPT))
        row = {"user_id": key.user_id, "route": key.route, "key": key.text, "digest": digest, "at": now}
        insert = postgresql.insert if store.dialect == "postgresql" else sqlite.insert
        new = insert(_table).values(**row, response=request_id.encode()).on_conflict_do_nothing().returning(_table.c.key)
        if connection.execute(new).first() is not None:
            return Found.RESERVED
        stands = connection.execute(sa.select(_table).where(*_is(key))).one()
        if stands.digest != digest:
            return Found.OTHER
        if stands.status is not None:
            return Answer(stands.status, stands.response)
        if stands.at > now - ABANDONED:
            return Found.AT_WORK
        effects = _effects(connection, key.user_id, stands.response.decode(), stands.at)
        if not effects:
            connection.execute(_table.update().where(*_is(key)).values(at=now, response=request_id.encode()))
        return effects or Found.RESERVED


def answer(store: Store, key: Key, kept: Answer) -> None:
    """Keep the answer of a reserved request."""
    with store.write() as connection:
        connection.execute(_table.update().where(*_is(key)).values(status=kept.status, response=kept.response))


def release(store: Store, key: Key) -> None:
    """Give a reservation back: nothing was written for it."""
    with store.write() as connection:
        connection.execute(_table.delete().where(*_is(key), _table.c.status.is_(None)))


def _is(key: Key) -> tuple[sa.ColumnElement[bool], ...]:
    return (_table.c.user_id == key.user_id, _table.c.route == key.route, _table.c.key == key.text)


def _effects(connection: sa.Connection, user_id: str, request_id: str, since: datetime) -> tuple[Effect, ...]:
    audit = system.audit
    rows = connection.execute(
        sa.select(audit.c.object, audit.c.record_id, audit.c.detail)
        .where(audit.c.actor == user_id, audit.c.at >= since, audit.c.request_id == request_id).order_by(audit.c.id)
    )
    return tuple(Effect(row.object, row.record_id, int((row.detail or {}).get("version", 0))) for row in rows)
