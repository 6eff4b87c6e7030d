"""Signing in: a login and a password become a session, with the same words and the same work for every failure."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from runtime.identity.passwords import Passwords
from runtime.identity.sessions import KEPT, Sessions
from runtime.identity.throttle import Throttle
from runtime.store import system
from runtime.store.database import Store

__all__ = ["NotSignedIn", "SignIn", "SignedIn", "login_of"]


@dataclasses.dataclass(frozen=True, slots=True)
class SignedIn:
    """`secret` goes into the cookie; `must_change` sends the person to choose a new password first."""

    user_id: str
    secret: str
    must_change: bool


@dataclasses.dataclass(frozen=True, slots=True)
class NotSignedIn:
    """`wait` is 0 for a wrong login or password, else the seconds until the next attempt (429, Retry-After)."""

    wait: int = 0


def login_of(text: str) -> str:
    """A login as it is stored."""
    return text.strip().lower()


class SignIn:
    """Signs people of a store in."""

    def __init__(self, store: Store, passwords: Passwords, throttle: Throttle | None = None) -> None:
        self._store = store
        self._passwords = passwords
        self._throttle = throttle or Throttle()
        self._sessions = Sessions(store)

    def sign_in(
        self, login: str, password: str, now: datetime.datetime, *, address: str = "", agent: str = "",
    ) -> SignedIn | NotSignedIn:
        """A new session, or why there is none. Raises StoreError when the database cannot be asked."""
        login = login_of(login)
        with self._store.read() as connection:
            user = _user(connection, login)
            known = user is not None and _known(connection, user.id, address, now)
            wait = self._throttle.wait(connection, login, address, now, known=known)
        if wait:
            return NotSignedIn(wait)
        with self._store.write() as connection:
            self._throttle.count(connection, login, address, now)
        right = self._passwords.verify(user.password if user is not None else None, password)
        if user is None or not right or user.disabled_at is not None:
            return NotSignedIn()
        rehashed = self._passwords.hash(password) if self._passwords.outdated(user.password) else None
        with self._store.write() as connection:
            self._throttle.uncount(connection, login, address, now)
            current = _user(connection, login)
            if current is None or current.disabled_at is not None or current.password != user.password:
                return NotSignedIn()
            if rehashed:
                connection.execute(sa.update(system.user).where(system.user.c.id == user.id).values(password=rehashed))
            secret = self._sessions.start(connection, user.id, now, address=address, agent=agent)
        return SignedIn(user.id, secret, self._passwords.expired(user.password_at, now))


def _user(connection: Connection, login: str) -> Any:
    user = system.user
    return connection.execute(
        sa.select(user.c.id, user.c.password, user.c.password_at, user.c.disabled_at).where(user.c.login == login)).one_or_none()


def _known(connection: Connection, user_id: str, address: str, now: datetime.datetime) -> bool:
    """Whether the user has signed in from the address during the last 30 days."""
    session = system.session
    found = sa.select(sa.literal(1)).where(
        session.c.user_id == user_id, session.c.address == address, session.c.created_at > now - KEPT).limit(1)
    return bool(address) and connection.scalar(found) is not None
