"""Commands in somebody else's transaction that leave nothing behind when they are refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from runtime.identity.actor import Actor
from runtime.records.commands import Command, RequestInfo
from runtime.records.outcomes import Outcome, Refused
from runtime.store.compiled import Release

if TYPE_CHECKING:
    from runtime.records.service import Records

__all__ = ["all_or_none"]


def all_or_none(
    records: Records, connection: Connection, commands: Sequence[Command], actor: Actor, release: Release, *, request: RequestInfo,
    acting_for: str = "",
) -> list[Outcome]:
    """Carry out commands by `Records.carry_out`; a refusal takes back what was written for all of them, and nothing else."""
    savepoint = connection.begin_nested()
    try:
        outcomes = records.carry_out(connection, commands, actor, release, request=request, acting_for=acting_for)
    except BaseException:
        savepoint.rollback()
        raise
    if any(isinstance(one, Refused) for one in outcomes):
        savepoint.rollback()
    else:
        savepoint.commit()
    return outcomes
