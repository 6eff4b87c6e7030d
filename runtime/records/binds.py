"""Bind parameters for what expressions name besides rows: `user`, `today`, `now`; their names and their values."""

from __future__ import annotations

import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, bindparam
from sqlalchemy.types import NullType

from engine.expressions.sql import Dialect
from engine.expressions.storage import POSTGRESQL, SQLITE
from engine.expressions.types import DATE, INSTANT
from engine.model import Model
from runtime.identity.actor import Actor

__all__ = ["bind", "bind_name", "dialect_name", "expression_binds"]

_LISTS = frozenset({("user", "clinics"), ("user", "teams"), ("user", "roles")})


def dialect_name(connection: Connection) -> Dialect:
    """`sqlite` or `postgresql`."""
    return cast(Dialect, connection.dialect.name)


def bind(path: tuple[str, ...]) -> ColumnElement[Any]:
    """The parameter for a path below a bound root; its value is in `expression_binds` under the same name."""
    return bindparam(bind_name(path), expanding=path in _LISTS, type_=NullType())


def bind_name(path: tuple[str, ...]) -> str:
    """The parameter's name."""
    return "x_" + "__".join(path)


def expression_binds(actor: Actor, now: datetime.datetime, model: Model, dialect: Dialect) -> dict[str, Any]:
    """Values of every parameter of `bind`, as the database stores them.

    In filters of people and of views `user.teams` and `user.roles` are those of all clinics together; rules of access
    bind them per clinic by themselves.
    """
    storage = SQLITE if dialect == "sqlite" else POSTGRESQL
    values: dict[tuple[str, ...], Any] = {
        ("today",): storage.stored(actor.today, DATE), ("now",): storage.stored(now, INSTANT),
        ("user",): actor.id, ("user", "id"): actor.id, ("user", "clinics"): list(actor.clinics),
        ("user", "teams"): sorted({team for teams in actor.teams.values() for team in teams}),
        ("user", "roles"): sorted({membership.role for membership in actor.memberships}),
    }
    account = model.account
    for name, field in account.fields.items() if account else ():
        if field.stored:
            values["user", name] = storage.stored(actor.record.get(name), field.type.expression_type)
    return {bind_name(path): value for path, value in values.items()}
