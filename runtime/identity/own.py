"""What people see and change of their own account without any right: the language, and who gave them their password."""

from __future__ import annotations

import sqlalchemy as sa

from runtime.identity.generation import bump
from runtime.store import system
from runtime.store.database import Store

__all__ = ["adopt_language", "password_was_given", "set_language"]

_GIVES = ("create_account", "set_password")


def set_language(store: Store, user_id: str, language: str) -> None:
    """The language that the person's pages and messages come in."""
    with store.write() as connection:
        connection.execute(sa.update(system.user).where(system.user.c.id == user_id).values(language=language))
        bump(connection)


def adopt_language(store: Store, user_id: str, language: str) -> None:
    """The same for a person who has none yet, so that pages and the words of refusals come in one language."""
    unset = sa.and_(system.user.c.id == user_id, system.user.c.language.is_(None))
    with store.read() as connection:
        if connection.scalar(sa.select(system.user.c.id).where(unset)) is None:
            return
    set_language(store, user_id, language)


def password_was_given(store: Store, user_id: str) -> bool:
    """Whether somebody else chose the password that the person signs in with, as far as the audit still tells."""
    audit = system.audit
    given = sa.select(audit.c.actor).where(audit.c.record_id == user_id, audit.c.action.in_(_GIVES)).order_by(audit.c.id.desc()).limit(1)
    with store.read() as connection:
        by = connection.scalar(given)
    return by is not None and by != user_id
