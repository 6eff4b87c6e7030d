"""The generation of access: one row that changes whenever somebody's rights may have, so that no process trusts an old actor."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection

from runtime.store import system

__all__ = ["GENERATION", "bump", "generation_column"]

GENERATION = "access_generation"
_setting = system.setting
_CHANGE = sa.text(
    "INSERT INTO cw_setting (name, value) VALUES (:name, '1')"
    " ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(cw_setting.value AS INTEGER) + 1 AS TEXT)"
)


def bump(connection: Connection) -> None:
    """In a write that changes users, memberships, tokens, the account object's records or the roster: forget all actors.

    The row is written last in such a transaction, because on PostgreSQL it is where two of them wait for each other.
    """
    connection.execute(_CHANGE, {"name": GENERATION})


def generation_column() -> sa.ScalarSelect[str]:
    """The generation, null before the first change, to be read beside something else."""
    return sa.select(_setting.c.value).where(_setting.c.name == GENERATION).scalar_subquery()
