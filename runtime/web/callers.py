"""Finds who sends a secret: the web's side of `runtime.identity`."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import zoneinfo
from collections.abc import Callable

from runtime.identity.actor import Actor
from runtime.identity.loading import Actors
from runtime.identity.sessions import Sessions
from runtime.identity.tokens import Tokens
from runtime.records.prepared import LruCache
from runtime.store.compiled import Release
from runtime.store.database import Store
from runtime.store.errors import StoreError

__all__ = ["StoredCallers", "spoken_to"]


class StoredCallers:
    """Looks secrets up in the sessions and tokens of a store; one short read for each request."""

    def __init__(self, store: Store, new_id: Callable[[], str]) -> None:
        self._store = store
        self._actors = Actors()
        self.sessions = Sessions(store)
        self.tokens = Tokens(store, new_id)

    def by_session(self, secret: str, release: Release, now: datetime.datetime) -> Actor | None:
        """The owner of a session that is still good."""
        with self._store.read() as connection:
            found = self.sessions.find(connection, secret, now)
            if found is None:
                return None
            actor = self._actors.of(connection, release, found.user_id, _today(release, now), found.generation)
        if found.stale:
            with contextlib.suppress(StoreError):  # the session lives a minute less; the request need not wait for it
                self.sessions.touch(secret, now)
        return actor

    def by_token(self, secret: str, release: Release, now: datetime.datetime) -> Actor | None:
        """The owner of a token that is still good, narrowed to the token's scope."""
        with self._store.read() as connection:
            found = self.tokens.find(connection, secret, now)
            if found is None:
                return None
            actor = self._actors.of(connection, release, found.user_id, _today(release, now), found.generation, found.scope)
        if found.stale:
            with contextlib.suppress(StoreError):
                self.tokens.touch(found.id, now)
        return actor


def _today(release: Release, now: datetime.datetime) -> datetime.date:
    """The clinics' day."""
    return now.astimezone(zoneinfo.ZoneInfo(release.model.organisation.timezone)).date()


_spoken: LruCache[tuple[Actor, Actor]] = LruCache(4096)


def spoken_to(actor: Actor, language: str) -> Actor:
    """The actor with the language of the request, for people who never chose one; kept, so that their shape is computed once."""
    if actor.language == language:
        return actor
    kept, found = _spoken.get((id(actor), language), lambda: (actor, dataclasses.replace(actor, language=language)))
    return found if kept is actor else dataclasses.replace(actor, language=language)
