"""Finds who sends a secret: the web's side of `runtime.identity`."""

from __future__ import annotations

from datetime import datetime

from runtime.identity.actor import Actor
from runtime.store.compiled import Release
from runtime.store.database import Store

__all__ = ["StoredCallers"]


class StoredCallers:
    """Looks secrets up in the sessions and tokens of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def by_session(self, secret: str, release: Release, now: datetime) -> Actor | None:
        """The owner of a session that is still good."""
        return None

    def by_token(self, secret: str, release: Release, now: datetime) -> Actor | None:
        """The owner of a token that is still good, narrowed to the token's scope."""
        return None
