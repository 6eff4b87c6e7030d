"""Bind parameters for what expressions name besides rows: `user`, `today`, `now`; their names and their values."""

from __future__ import annotations

import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, bindparam
from sqlalchemy.types import NullType, Text

from engine.expressions.sql.storage import POSTGRESQL, SQLITE, Storage
from engine.expressions.sql.translate import Dialect
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
    if path in _LISTS:  # of ids and names; PostgreSQL asks what an empty list is a list of
        return bindparam(bind_name(path), expanding=True, type_=Text())
    return bindparam(bind_name(path), type_=NullType())


def bind_name(path: tuple[str, ...]) -> str:
    """The parameter's name."""
    return "x_" + "__".join(path)


def expression_binds(actor: Actor, now: datetime.datetime, model: Model, dialect: Dialect) -> dict[str, Any]:
    """Values of every parameter of `bind`, as the database stores them.

    In filters of people and of views `user.teams` and `user.roles` are those of all clinics together; rules of access
    bind them per clinic by themselves.
    """
    storage = SQLITE if dialect == "sqlite" else POSTGRESQL
    key = ("records.binds", dialect)
    kept: tuple[Model, dict[str, Any]] | None = actor.kept.get(key)
    if kept is None or kept[0] is not model:
        kept = actor.kept[key] = (model, _of_actor(actor, model, storage))
    return {**kept[1], _NOW: storage.stored(now, INSTANT)}


def _of_actor(actor: Actor, model: Model, storage: Storage) -> dict[str, Any]:
    """What stays the same for as long as the actor is kept."""
    names = {role.id: role.name for role in model.roles.values()}
    values: dict[tuple[str, ...], Any] = {
        ("today",): storage.stored(actor.today, DATE),
        ("user",): actor.id, ("user", "id"): actor.id, ("user", "clinics"): list(actor.clinics),
        ("user", "teams"): sorted({team for teams in actor.teams.values() for team in teams}),
        ("user", "roles"): sorted({names[membership.role] for membership in actor.memberships if membership.role in names}),
    }
    account = model.account
    for name, field in account.fields.items() if account else ():
        if field.stored:
            values["user", name] = storage.stored(actor.record.get(name), field.type.expression_type)
    return {bind_name(path): value for path, value in values.items()}


_NOW = bind_name(("now",))
