"""Accounts and memberships: who may sign in, and in which roles, where and how long. Every change is audited.

Who may grant: whoever holds a role with the system right `grant`. Held in one clinic it reaches memberships of that clinic
in roles without system rights; held in the whole organisation it reaches everything. Nobody changes their own memberships,
and the last person who may grant in the whole organisation keeps that role. The built-in account may do all of it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.model import Role
from runtime.identity.actor import Actor
from runtime.identity.generation import bump
from runtime.identity.passwords import Passwords
from runtime.identity.sessions import Sessions
from runtime.identity.sign_in import login_of
from runtime.store import system
from runtime.store.compiled import Release
from runtime.store.database import Store

__all__ = ["Accounts", "IdentityError"]

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,79}")


class IdentityError(Exception):
    """A change that is refused: `code` is stable, `words` fill its message."""

    def __init__(self, code: str, **words: object) -> None:
        super().__init__(code, words)
        self.code = code
        self.words = words


class Accounts:
    """Changes accounts of a store. Every method that takes `actor` raises IdentityError("forbidden") for one without the right."""

    def __init__(self, store: Store, passwords: Passwords, new_id: Callable[[], str]) -> None:
        self._store = store
        self._passwords = passwords
        self._new_id = new_id
        self._sessions = Sessions(store)

    def create(
        self, actor: Actor, release: Release, user_id: str, login: str, now: datetime.datetime, *, password: str | None = None,
        language: str = "",
    ) -> None:
        """Let a person sign in whose record of the account object has this id.

        Raises IdentityError: `login_invalid`, `login_taken`, `user_exists`, `unknown_person`, `password_…`.
        """
        self._demand(actor, release, None)
        login = login_of(login)
        if LOGIN.fullmatch(login) is None:
            raise IdentityError("login_invalid", login=login)
        stored = None if password is None else self._accepted(password, login)
        with self._store.write() as connection:
            self._demand_person(connection, release, user_id)
            taken = connection.scalar(sa.select(system.user.c.id).where(sa.or_(system.user.c.login == login, system.user.c.id == user_id)))
            if taken is not None:
                raise IdentityError("user_exists" if taken == user_id else "login_taken", login=login)
            connection.execute(sa.insert(system.user).values(
                id=user_id, login=login, password=stored, password_at=now if stored else None, language=language or None, created_at=now,
                failed=0,
            ))
            self._note(connection, actor, release, "create_account", user_id, now, {"login": login})
            bump(connection)

    def set_password(
        self, actor: Actor, release: Release, user_id: str, password: str, now: datetime.datetime, *, current: str | None = None,
        keep: str = "",
    ) -> None:
        """A new password; all sessions end but the one whose secret is `keep`. One's own needs the `current` one.

        Raises IdentityError: `unknown_user`, `password_wrong`, `password_short`, `password_common`, …
        """
        own = actor.id == user_id and not actor.system
        if own and actor.scope is not None:
            raise IdentityError("forbidden")
        if not own:
            self._demand(actor, release, None)
        with self._store.read() as connection:
            user = self._user(connection, user_id)
        if own and not self._passwords.verify(user.password, current or ""):
            raise IdentityError("password_wrong")
        stored = self._accepted(password, user.login)
        with self._store.write() as connection:
            changed = sa.update(system.user).where(system.user.c.id == user_id)
            connection.execute(changed.values(password=stored, password_at=now, failed=0, locked_until=None))
            self._sessions.end_all(connection, user_id, now, keep=keep if own else "")
            self._note(connection, actor, release, "set_password", user_id, now, {})
            bump(connection)

    def disable(self, actor: Actor, release: Release, user_id: str, now: datetime.datetime) -> None:
        """Nobody signs in as this user any more; sessions end and tokens stop at once.

        Raises IdentityError: `last_grantor`, `own_account`.
        """
        self._demand(actor, release, None)
        self._not_oneself(actor, user_id, "own_account")
        with self._store.write() as connection:
            self._user(connection, user_id)
            connection.execute(sa.update(system.user).where(system.user.c.id == user_id).values(disabled_at=now))
            self._demand_grantor(connection, actor, release, now)
            self._sessions.end_all(connection, user_id, now)
            self._note(connection, actor, release, "disable_account", user_id, now, {})
            bump(connection)

    def enable(self, actor: Actor, release: Release, user_id: str, now: datetime.datetime) -> None:
        """Let the user sign in again."""
        self._demand(actor, release, None)
        self._not_oneself(actor, user_id, "own_account")
        with self._store.write() as connection:
            self._user(connection, user_id)
            connection.execute(sa.update(system.user).where(system.user.c.id == user_id).values(disabled_at=None))
            self._note(connection, actor, release, "enable_account", user_id, now, {})
            bump(connection)

    def grant(
        self, actor: Actor, release: Release, user_id: str, role_name: str, clinic_id: str | None, now: datetime.datetime, *,
        since: datetime.date | None = None, until: datetime.date | None = None,
    ) -> str:
        """Give a role in a clinic, or in every clinic with None; both dates count. Returns the membership's id.

        Raises IdentityError: `unknown_role`, `unknown_clinic`, `unknown_user`, `dates_crossed`, `own_membership`.
        """
        role = release.model.roles.get(role_name)
        if role is None:
            raise IdentityError("unknown_role", role=role_name)
        if since is not None and until is not None and since > until:
            raise IdentityError("dates_crossed")
        self._demand(actor, release, clinic_id, role)
        self._not_oneself(actor, user_id, "own_membership")
        with self._store.write() as connection:
            self._user(connection, user_id)
            self._demand_clinic(connection, release, clinic_id)
            id = self._new_id()
            connection.execute(sa.insert(system.membership).values(
                id=id, user_id=user_id, role=role.id, clinic_id=clinic_id, from_date=since, until_date=until))
            self._note(connection, actor, release, "grant_role", user_id, now, {"role": role.id, "membership": id}, clinic_id)
            bump(connection)
        return id

    def revoke(self, actor: Actor, release: Release, membership_id: str, now: datetime.datetime) -> None:
        """Take a membership away at once. Raises IdentityError: `unknown_membership`, `own_membership`, `last_grantor`."""
        with self._store.write() as connection:
            member = system.membership
            found: Any = connection.execute(sa.select(member).where(member.c.id == membership_id)).one_or_none()
            if found is None:
                raise IdentityError("unknown_membership")
            role = next((r for r in release.model.roles.values() if r.id == found.role), None)
            self._demand(actor, release, found.clinic_id, role)
            self._not_oneself(actor, found.user_id, "own_membership")
            connection.execute(sa.delete(member).where(member.c.id == membership_id))
            if role is not None and "grant" in role.system:
                self._demand_grantor(connection, actor, release, now)
            detail = {"role": found.role, "membership": membership_id}
            self._note(connection, actor, release, "revoke_role", found.user_id, now, detail, found.clinic_id)
            bump(connection)

    def users(self, connection: Connection) -> list[dict[str, Any]]:
        """All accounts by login: `id, login, language, created_at, disabled_at`. Only for callers who may grant."""
        user = system.user
        columns = (user.c.id, user.c.login, user.c.language, user.c.created_at, user.c.disabled_at)
        return [dict(row._mapping) for row in connection.execute(sa.select(*columns).order_by(user.c.login))]

    def memberships(self, connection: Connection, user_id: str) -> list[dict[str, Any]]:
        """The user's memberships, past and future ones too: `id, role` (its id), `clinic_id, from_date, until_date`."""
        member = system.membership
        columns = (member.c.id, member.c.role, member.c.clinic_id, member.c.from_date, member.c.until_date)
        found = connection.execute(sa.select(*columns).where(member.c.user_id == user_id).order_by(member.c.id))
        return [dict(row._mapping) for row in found]

    def _accepted(self, password: str, login: str) -> str:
        problems = self._passwords.problems(password, (login,))
        if problems:
            raise IdentityError(problems[0], all=problems)
        return self._passwords.hash(password)

    def _demand(self, actor: Actor, release: Release, clinic_id: str | None, role: Role | None = None) -> None:
        """The right to grant in a clinic; in the whole organisation for None and for roles with rights on the system."""
        if actor.system:
            return
        scope = actor.scope
        if scope is not None and (scope.actions is None or "grant" not in scope.actions or scope.clinics is not None):
            raise IdentityError("forbidden")  # a token grants only where its scope says so in as many words
        granting = {r.id for r in release.model.roles.values() if "grant" in r.system}
        places = {m.clinic_id for m in actor.memberships if m.role in granting}
        whole = clinic_id is None or (role is not None and bool(role.system))
        if None not in places and (whole or clinic_id not in places):
            raise IdentityError("forbidden")

    def _not_oneself(self, actor: Actor, user_id: str, code: str) -> None:
        if actor.id == user_id and not actor.system:
            raise IdentityError(code)

    def _demand_grantor(self, connection: Connection, actor: Actor, release: Release, now: datetime.datetime) -> None:
        """Somebody must be left who may grant in the whole organisation and is not bound to end."""
        if actor.system:
            return
        member, user = system.membership, system.user
        granting = [role.id for role in release.model.roles.values() if "grant" in role.system]
        left = connection.scalar(
            sa.select(sa.literal(1)).select_from(member.join(user, user.c.id == member.c.user_id))
            .where(member.c.role.in_(granting), member.c.clinic_id.is_(None), member.c.until_date.is_(None), user.c.disabled_at.is_(None))
            .limit(1))
        if left is None:
            raise IdentityError("last_grantor")

    def _demand_person(self, connection: Connection, release: Release, user_id: str) -> None:
        account = release.model.account
        table = release.tables.object(account.name) if account is not None else None
        if table is None or connection.scalar(sa.select(table.column("id")).where(table.column("id") == user_id)) is None:
            raise IdentityError("unknown_person", id=user_id)

    def _demand_clinic(self, connection: Connection, release: Release, clinic_id: str | None) -> None:
        clinic = release.model.clinic
        if clinic_id is None:
            return
        table = release.tables.object(clinic.name) if clinic is not None else None
        if table is None or connection.scalar(sa.select(table.column("id")).where(table.column("id") == clinic_id)) is None:
            raise IdentityError("unknown_clinic", id=clinic_id)

    def _user(self, connection: Connection, user_id: str) -> Any:
        found = connection.execute(
            sa.select(system.user.c.login, system.user.c.password).where(system.user.c.id == user_id)).one_or_none()
        if found is None:
            raise IdentityError("unknown_user", id=user_id)
        return found

    def _note(
        self, connection: Connection, actor: Actor, release: Release, action: str, user_id: str, now: datetime.datetime,
        detail: dict[str, Any], clinic_id: str | None = None,
    ) -> None:
        connection.execute(sa.insert(system.audit).values(
            id=self._new_id(), at=now, actor=actor.id, action=action, record_id=user_id, clinic_id=clinic_id, release=release.hash,
            outcome="done", detail=detail,
        ))
