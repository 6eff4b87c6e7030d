"""API tokens: narrower than their owner, hashed, with an end, revocable by the owner alone (or by who may grant).

A token starts with `cw_`, so that scanners for secrets find it. Its rights are those of its owner at the moment of use,
within its scope: min(owner, scope).
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from runtime.identity.actor import TokenScope
from runtime.identity.generation import bump, generation_column
from runtime.identity.sessions import new_secret, secret_hash
from runtime.records.prepared import PreparedRows
from runtime.store import system
from runtime.store.database import Store

__all__ = ["PREFIX", "FoundToken", "Tokens"]

PREFIX = "cw_"
USED_EVERY = datetime.timedelta(minutes=1)

_token = system.token
_FIND = PreparedRows(
    sa.select(
        _token.c.id, _token.c.user_id, _token.c.scope, _token.c.expires_at, _token.c.revoked_at, _token.c.last_used_at,
        system.user.c.disabled_at, generation_column().label("generation"),
    )
    .select_from(_token.join(system.user, system.user.c.id == _token.c.user_id))
    .where(_token.c.token_hash == sa.bindparam("token_hash", type_=sa.Text()))
)


@dataclasses.dataclass(frozen=True, slots=True)
class FoundToken:
    """A token that is good now."""

    id: str
    user_id: str
    scope: TokenScope
    generation: str | None
    stale: bool
    """Whether `last_used_at` is to be written."""


class Tokens:
    """The tokens of a store."""

    def __init__(self, store: Store, new_id: Callable[[], str]) -> None:
        self._store = store
        self._new_id = new_id

    def issue(
        self, user_id: str, now: datetime.datetime, *, label: str = "", scope: TokenScope | None = None,
        expires_at: datetime.datetime | None = None,
    ) -> tuple[str, str]:
        """A new token; returns its id and the secret, which is nowhere else."""
        secret, id = PREFIX + new_secret(), self._new_id()
        with self._store.write() as connection:
            connection.execute(sa.insert(_token).values(
                id=id, token_hash=secret_hash(secret), user_id=user_id, label=label, scope=_written(scope or TokenScope()), created_at=now,
                expires_at=expires_at,
            ))
            bump(connection)
        return id, secret

    def find(self, connection: Connection, secret: str, now: datetime.datetime) -> FoundToken | None:
        """The token of a secret while it is good; a scope that cannot be read allows nothing."""
        if not secret.startswith(PREFIX):
            return None
        row = _FIND.one_or_none(connection, {"token_hash": secret_hash(secret)})
        if row is None or row.disabled_at is not None or row.revoked_at is not None:
            return None
        if row.expires_at is not None and now >= row.expires_at:
            return None
        stale = row.last_used_at is None or now - row.last_used_at >= USED_EVERY
        return FoundToken(row.id, row.user_id, _read(row.scope), row.generation, stale)

    def touch(self, token_id: str, now: datetime.datetime) -> None:
        """Write down that the token was used; called only when `stale`."""
        with self._store.write() as connection:
            connection.execute(sa.update(_token).where(_token.c.id == token_id).values(last_used_at=now))

    def revoke(self, token_id: str, user_id: str, now: datetime.datetime) -> bool:
        """End a token of its owner; False when that user has no such token, whoever else may have it."""
        with self._store.write() as connection:
            ended = connection.execute(
                sa.update(_token).where(_token.c.id == token_id, _token.c.user_id == user_id, _token.c.revoked_at.is_(None))
                .values(revoked_at=now)).rowcount
            if ended:
                bump(connection)
        return bool(ended)

    def of_user(self, connection: Connection, user_id: str) -> list[dict[str, Any]]:
        """The user's tokens, newest first, without anything that could be used as one."""
        shown = [_token.c[name] for name in ("id", "label", "scope", "created_at", "expires_at", "last_used_at", "revoked_at")]
        found = connection.execute(sa.select(*shown).where(_token.c.user_id == user_id).order_by(_token.c.id.desc()))
        return [dict(row._mapping) for row in found]


_PARTS = ("objects", "actions", "clinics")


def _written(scope: TokenScope) -> dict[str, list[str] | None]:
    return {part: None if (several := getattr(scope, part)) is None else sorted(several) for part in _PARTS}


def _read(stored: Any) -> TokenScope:
    """Fails closed: a part that is missing or is no list leaves nothing."""
    if not isinstance(stored, dict):
        return TokenScope(frozenset(), frozenset(), frozenset())
    return TokenScope(*(_part(stored.get(part, ())) for part in _PARTS))


def _part(stored: object) -> frozenset[str] | None:
    if stored is None:
        return None
    return frozenset(word for word in stored if isinstance(word, str)) if isinstance(stored, list) else frozenset()
