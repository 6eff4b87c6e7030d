"""What a pass over plans works with: in the transaction of a change that is followed, in a job's, in a publish's, in a person's own."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, select

from engine.model import Plan
from engine.targets.layout import Layout
from runtime.identity.actor import Actor, system_actor
from runtime.identity.callers import clinic_day
from runtime.records.commands import Command, RequestInfo
from runtime.records.outcomes import Outcome
from runtime.records.prepared import LruCache
from runtime.records.service import Records
from runtime.records.writing.following import within
from runtime.records.writing.saving import all_or_none
from runtime.records.writing.work import Work
from runtime.store import system
from runtime.store.compiled import Release, compile_release

__all__ = ["CHANNEL", "Round", "plan_of"]

CHANNEL = "plan"
_KEPT = 4
"""So many releases from before the live one stay compiled, for enrolments that go on by the one they began with."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Round:
    """`command` carries out commands as the built-in account, all of them or none, and says what became of each."""

    connection: Connection
    release: Release
    now: datetime.datetime
    new_id: Callable[[], str]
    command: Callable[[Sequence[Command]], list[Outcome]]
    by: str
    """Who is behind it: a person's id or `system`."""

    @property
    def actor(self) -> Actor:
        """Whose eyes rules of plans see with: everybody's, so the built-in account's."""
        return system_actor(self.today)

    @property
    def today(self) -> datetime.date:
        return clinic_day(self.release, self.now)

    @classmethod
    def following(cls, work: Work) -> Round:
        """In the transaction of a change."""
        return cls(
            connection=work.connection, release=work.release, now=work.now, new_id=work.new_id, by=work.actor.id,
            command=lambda commands: within(work, commands, channel=CHANNEL))

    @classmethod
    def apart(
        cls, connection: Connection, release: Release, records: Records, now: datetime.datetime, new_id: Callable[[], str], *,
        by: str = "system",
    ) -> Round:
        """In a transaction that has passed the release's fence."""
        actor = system_actor(clinic_day(release, now))

        acting_for = "" if by == actor.id else by

        def command(commands: Sequence[Command]) -> list[Outcome]:
            return all_or_none(
                records, connection, commands, actor, release, request=RequestInfo(channel=CHANNEL), acting_for=acting_for)

        return cls(connection=connection, release=release, now=now, new_id=new_id, command=command, by=by)

    def release_of(self, hash_: str) -> Release:
        """The release that an enrolment follows."""
        if hash_ == self.release.hash:
            return self.release
        kept: LruCache[Release] = self.release.cache.setdefault("plans.kept", LruCache[Any](_KEPT))
        return kept.get(hash_, lambda: _stored(self.connection, hash_, self.release))


def plan_of(release: Release, id: str) -> Plan | None:
    """The plan with an element id, under whatever name it has now; None for one that is retired or gone."""
    by_id: dict[str, Plan] | None = release.cache.get("plans.by_id")
    if by_id is None:
        by_id = release.cache["plans.by_id"] = {plan.id: plan for plan in release.model.plans.values()}
    return by_id.get(id)


def _stored(connection: Connection, hash_: str, otherwise: Release) -> Release:
    """An earlier release, compiled from its bytes; the live one where it is not there any more."""
    layout = connection.scalar(select(system.release.c.layout).where(system.release.c.hash == hash_))
    file = system.release_file
    files = {row.path: bytes(row.bytes) for row in connection.execute(select(file.c.path, file.c.bytes).where(file.c.release == hash_))}
    if layout is None or not files:
        return otherwise
    return compile_release(hash_, files, Layout(layout))
