"""Errors that users of the command line can cause, as one line on standard error and exit code 1."""

from __future__ import annotations

from collections.abc import Mapping

import click

__all__ = ["as_click", "identity_text"]

_IDENTITY: Mapping[str, str] = {
    "forbidden": "the account may not do this; it takes a role with the system right `grant`",
    "login_invalid": "'{login}' cannot be a login: 2 to 80 of a-z, 0-9 and . _ @ + -, a letter or digit first",
    "login_taken": "somebody else has the login '{login}'",
    "user_exists": "this person has an account already",
    "unknown_person": "there is no record of a person with this id",
    "unknown_user": "there is no such user; `carework user list` shows all",
    "unknown_role": "there is no role '{role}' in the live release",
    "unknown_clinic": "there is no such clinic",
    "unknown_membership": "there is no such role to take away",
    "dates_crossed": "the last day lies before the first",
    "own_membership": "nobody changes their own roles",
    "own_account": "nobody disables or enables their own account",
    "last_grantor": "somebody must be left who may grant in the whole organisation",
    "password_short": "the password takes at least 12 characters",
    "password_long": "the password takes at most 256 characters",
    "password_common": "this password is among the first that anybody tries; choose another",
    "password_personal": "the password must not contain the login or the name",
    "password_kinds": "the password takes three kinds of: small letters, capitals, digits, signs",
    "password_wrong": "that is not the present password",
}


def identity_text(code: str, words: Mapping[str, object]) -> str:
    """The English text of an IdentityError's code."""
    return _IDENTITY.get(code, code).format_map(words)


def as_click(error: Exception) -> click.ClickException | None:
    """The error for people, None for a fault of the program, which keeps its traceback."""
    from engine.problems import Problem
    from runtime.audit.keys import BadKeys
    from runtime.identity.accounts import IdentityError
    from runtime.settings import BadSetting
    from runtime.store.errors import PublishError, Refused, StoreError

    if isinstance(error, Refused):
        problems: tuple[Problem, ...] = error.problems
        return click.ClickException("\n".join(["nothing was published:", *(str(problem) for problem in problems)]))
    if isinstance(error, IdentityError):
        return click.ClickException(identity_text(error.code, error.words))
    if isinstance(error, (StoreError, PublishError, BadSetting, BadKeys, PermissionError)):
        return click.ClickException(str(error))
    return None
