"""From a secret to an actor: what every request does first. One statement when nobody's rights have changed since the last."""

from __future__ import annotations

import datetime
import zoneinfo

from runtime.identity.actor import Actor
from runtime.identity.loading import Actors
from runtime.identity.passwords import Passwords
from runtime.identity.sessions import Sessions
from runtime.identity.tokens import Tokens
from runtime.store.compiled import Release
from runtime.store.database import Store
from runtime.store.errors import StoreError

__all__ = ["Callers", "clinic_day"]


def clinic_day(release: Release, now: datetime.datetime) -> datetime.date:
    """The date it is in the organisation's time zone."""
    return now.astimezone(zoneinfo.ZoneInfo(release.model.organisation.timezone)).date()


class Callers:
    """Finds who sends a secret; None for one that is unknown, expired, revoked or of a disabled user.

    An error of the store passes through, so a request whose caller cannot be looked up is refused and never anonymous.
    """

    def __init__(self, store: Store, actors: Actors | None = None) -> None:
        self._store = store
        self._actors = actors or Actors()
        self._sessions = Sessions(store)
        self._tokens = Tokens(store, lambda: "")

    def by_session(self, secret: str, release: Release, now: datetime.datetime) -> Actor | None:
        """The owner of a session that is still good."""
        with self._store.glance() as connection:
            found = self._sessions.find(connection, secret, now)
            if found is None:
                return None
            actor = self._actors.of(connection, release, found.user_id, clinic_day(release, now), found.generation)
        if found.stale and actor is not None:
            _try(lambda: self._sessions.touch(secret, now))
        return actor

    def by_token(self, secret: str, release: Release, now: datetime.datetime) -> Actor | None:
        """The owner of a token that is still good, narrowed to the token's scope."""
        with self._store.glance() as connection:
            found = self._tokens.find(connection, secret, now)
            if found is None:
                return None
            actor = self._actors.of(connection, release, found.user_id, clinic_day(release, now), found.generation, found.scope)
        if found.stale and actor is not None:
            _try(lambda: self._tokens.touch(found.id, now))
        return actor

    def must_change_password(self, secret: str, passwords: Passwords, now: datetime.datetime) -> bool:
        """Whether the profile makes the owner of a session choose a new password before going on."""
        with self._store.read() as connection:
            found = self._sessions.find(connection, secret, now)
        return found is not None and passwords.expired(found.password_at, now)


def _try(write: object) -> None:
    """A time that cannot be noted while the database is busy is noted by the next request."""
    assert callable(write)
    try:
        write()
    except StoreError:
        return
