"""Sessions: rows that outlive processes. The browser holds a random secret, the row only its SHA-256.

A session ends after 30 minutes without a request, 12 hours after sign-in, at sign-out, when it is ended by hand, when the
password changes and when the user is disabled (ASVS 5.0, 7.2-7.4). Ended rows stay 30 days: they tell which addresses a
person has signed in from, and are removed by `forget`.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import secrets
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from runtime.identity.generation import generation_column
from runtime.records.prepared import Prepared
from runtime.store import system
from runtime.store.database import Store

__all__ = ["ABSOLUTE", "IDLE", "KEPT", "FoundSession", "Sessions", "new_secret", "secret_hash"]

IDLE = datetime.timedelta(minutes=30)
ABSOLUTE = datetime.timedelta(hours=12)
KEPT = datetime.timedelta(days=30)
SEEN_EVERY = datetime.timedelta(minutes=1)
"""How often the time of the last request is written down."""
_AGENT = 200

_session = system.session
_FIND = (
    sa.select(
        _session.c.user_id, _session.c.created_at, _session.c.seen_at, _session.c.expires_at, system.user.c.disabled_at,
        system.user.c.password_at, generation_column().label("generation"),
    )
    .select_from(_session.join(system.user, system.user.c.id == _session.c.user_id))
    .where(_session.c.token_hash == sa.bindparam("token_hash", type_=sa.Text()))
)


def new_secret() -> str:
    """256 random bits, safe in cookies and headers."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """What is stored of a secret. It has enough chance in it that a plain hash cannot be turned back."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclasses.dataclass(frozen=True, slots=True)
class FoundSession:
    """A session that is good now."""

    user_id: str
    generation: str | None
    """The generation of access at the moment of reading."""
    stale: bool
    """Whether `seen_at` is to be written."""
    password_at: datetime.datetime | None


class Sessions:
    """The sessions of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._finding: Prepared | None = None

    def start(self, connection: Connection, user_id: str, now: datetime.datetime, *, address: str = "", agent: str = "") -> str:
        """A new session in a write; returns its secret, which is nowhere else. Sign-in always makes a new one."""
        secret = new_secret()
        connection.execute(sa.insert(_session).values(
            token_hash=secret_hash(secret), user_id=user_id, created_at=now, seen_at=now, expires_at=now + ABSOLUTE,
            address=address or None, agent=agent[:_AGENT] or None,
        ))
        return secret

    def find(self, connection: Connection, secret: str, now: datetime.datetime) -> FoundSession | None:
        """The session of a secret while it is good: one statement on the primary key."""
        finding = self._finding
        if finding is None:
            finding = self._finding = Prepared(_FIND, connection.dialect)
        rows = finding.fetch(connection, {"token_hash": secret_hash(secret)})
        if not rows:
            return None
        user_id, created, seen, expires, disabled, password_at, generation = rows[0]
        created_at, seen_at, expires_at = _instant(created), _instant(seen), _instant(expires)
        # A session from the future tells of a clock that was set back; it gets no longer life from that.
        if disabled is not None or created_at > now + SEEN_EVERY or now >= expires_at or now - seen_at >= IDLE:
            return None
        return FoundSession(user_id, generation, now - seen_at >= SEEN_EVERY, password_at and _instant(password_at))

    def touch(self, secret: str, now: datetime.datetime) -> None:
        """Write down that the session was used; called only when `stale`."""
        with self._store.write() as connection:
            connection.execute(
                sa.update(_session).where(_session.c.token_hash == secret_hash(secret), _session.c.seen_at < now).values(seen_at=now))

    def end(self, secret: str, now: datetime.datetime) -> None:
        """Sign out."""
        with self._store.write() as connection:
            _end(connection, now, _session.c.token_hash == secret_hash(secret))

    def end_all(self, connection: Connection, user_id: str, now: datetime.datetime, *, keep: str = "") -> None:
        """In a write: end every session of a user, but the one whose secret is `keep`."""
        _end(connection, now, _session.c.user_id == user_id, _session.c.token_hash != secret_hash(keep))

    def of_user(self, connection: Connection, user_id: str, now: datetime.datetime) -> list[dict[str, Any]]:
        """Good sessions, newest first: `reference, created_at, seen_at, address, agent`; the reference ends one of them."""
        found = connection.execute(
            sa.select(_session).where(_session.c.user_id == user_id, _session.c.expires_at > now, _session.c.seen_at > now - IDLE)
            .order_by(_session.c.created_at.desc()))
        return [
            {"reference": row.token_hash[:16], **{key: getattr(row, key) for key in ("created_at", "seen_at", "address", "agent")}}
            for row in found
        ]

    def end_one(self, connection: Connection, user_id: str, reference: str, now: datetime.datetime) -> bool:
        """In a write: end the session of a user that `of_user` gave this reference; whether there was one."""
        if len(reference) != 16:
            return False
        return bool(_end(connection, now, _session.c.user_id == user_id, _session.c.token_hash.startswith(reference, autoescape=True)))

    def forget(self, connection: Connection, now: datetime.datetime) -> int:
        """In a write: remove what ended longer than 30 days ago; returns how many."""
        return connection.execute(sa.delete(_session).where(_session.c.expires_at < now - KEPT)).rowcount


def _instant(value: str | datetime.datetime) -> datetime.datetime:
    """What the driver gave: an instant on PostgreSQL, its text on SQLite."""
    return datetime.datetime.fromisoformat(value) if isinstance(value, str) else value


def _end(connection: Connection, now: datetime.datetime, *where: sa.ColumnElement[bool]) -> int:
    return connection.execute(sa.update(_session).where(*where, _session.c.expires_at > now).values(expires_at=now)).rowcount
