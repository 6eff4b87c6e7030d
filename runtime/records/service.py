"""The records service, the one way in: lists of commands become outcomes, queries become pages, under one release each."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from runtime.access import Access
from runtime.audit.keys import Keys
from runtime.identity.actor import Actor
from runtime.identity.generation import bump
from runtime.identity.loading import objects_of_actors
from runtime.records.commands import Command, RequestInfo
from runtime.records.fence import changed_parts
from runtime.records.messages import text
from runtime.records.outcomes import Kind, Outcome, Refused
from runtime.records.reading import Readings
from runtime.records.writing.attempt import carry_out
from runtime.records.writing.following import follow, watched
from runtime.records.writing.happening import Follower
from runtime.records.writing.journal import Journal
from runtime.records.writing.work import LateRefusals, Raced, Work
from runtime.store.compiled import Release
from runtime.store.database import Store
from runtime.store.errors import FenceMoved, StoreBusy, StoreError

__all__ = ["Records"]

_ATTEMPTS = 8
"""Races, moved fences and unmasked duplicates each cost an attempt; more than a few in a row mean a hot record."""
_RETRIED_STATES = frozenset({"40P01", "40001"})
"""SQLSTATEs of a deadlock and of a serialization failure (PostgreSQL manual, appendix A)."""


class Records(Readings):
    """Reads and writes records. One per process; safe to share between threads.

    `clock` gives the aware time, `new_id` record ids (see `runtime.records.ids`).
    """

    def __init__(
        self, store: Store, clock: Callable[[], datetime.datetime], new_id: Callable[[], str], *, keys: Keys,
        followers: Sequence[Follower] = (),
    ) -> None:
        super().__init__(store, clock, cursor_key=keys.derive("cursor"))
        self._new_id = new_id
        self._audit_key = keys.derive("audit")
        self.followers: tuple[Follower, ...] = tuple(followers)
        """Those who do something in the transaction of every change (see `runtime.records.writing.following`)."""
        self.recorded: Callable[[], None] = lambda: None
        """Called after a write that left stored formulas to be computed (see `runtime.records.upkeep.working`)."""

    def execute(
        self, commands: Sequence[Command], actor: Actor, *, release: Release | None = None, atomic: bool = True,
        request: RequestInfo = RequestInfo(),  # noqa: B008 - frozen
    ) -> list[Outcome]:
        """Carry out commands in one transaction; an outcome per command, in order.

        With `atomic` one refusal leaves everything unwritten and the others come back as NOT_TRIED; without it the refused ones
        alone are left out. Never raises for what callers send. Raises StoreBusy and StoreUnavailable of the store.
        """
        release = release or self.store.release()
        known, release = self._seen(commands, release, request, actor)
        precheck = False
        for _ in range(_ATTEMPTS):
            if atomic and known:
                return _none_written(commands, known, actor)
            try:
                outcomes, jobs = self._attempt(commands, actor, release, known, atomic, request, precheck)
                if jobs:
                    self.recorded()
                return outcomes
            except FenceMoved:
                moved = self.store.release()
                known |= _refused_by_fence(commands, known, release, moved, actor)
                release = moved
            except LateRefusals as late:
                known |= late.refusals
            except Raced:
                continue
            except IntegrityError:
                precheck = True
            except StoreBusy as busy:
                if getattr(getattr(busy.__cause__, "orig", None), "sqlstate", "") not in _RETRIED_STATES:
                    raise
        language = actor.language or "en"
        return [known.get(n) or Refused(kind=Kind.BUSY, message=text("busy", language)) for n in range(len(commands))]

    def _attempt(
        self, commands: Sequence[Command], actor: Actor, release: Release, known: dict[int, Refused], atomic: bool,
        request: RequestInfo, precheck: bool,
    ) -> tuple[list[Outcome], int]:
        """The outcomes, and how many jobs of stored formulas were recorded with them."""
        with self.store.write() as connection:
            self.store.fence(connection, release)
            return self._carry_out(connection, commands, actor, release, known, atomic, request, precheck)

    def carry_out(
        self, connection: Connection, commands: Sequence[Command], actor: Actor, release: Release, *,
        request: RequestInfo = RequestInfo(),  # noqa: B008 - frozen
        acting_for: str = "",
    ) -> list[Outcome]:
        """Carry out all commands, or none, in a write transaction of the caller's that has passed the fence.

        An outcome per command. After refusals the caller must roll back. Raises Raced and IntegrityError, after which the
        transaction must be begun anew. `acting_for` is the id of the person whose earlier change led to these.
        """
        try:
            return self._carry_out(connection, commands, actor, release, {}, True, request, precheck=True, acting_for=acting_for)[0]
        except LateRefusals as late:
            return _none_written(commands, dict(late.refusals), actor)

    def _carry_out(
        self, connection: Connection, commands: Sequence[Command], actor: Actor, release: Release, known: dict[int, Refused],
        atomic: bool, request: RequestInfo, precheck: bool, acting_for: str = "",
    ) -> tuple[list[Outcome], int]:
        work = Work(
            connection=connection, release=release, access=Access.of(release, actor), actor=actor, now=self.clock(),
            request=request, new_id=self._new_id, journal=Journal(release, self._audit_key, acting_for), language=actor.language or "en",
            precheck=precheck, followed=watched(release, self.followers),
        )
        outcomes = carry_out(work, commands, known, atomic=atomic)
        follow(work, self.followers)
        outcomes = work.warned(outcomes)
        makers = objects_of_actors(release)
        maker_ids = {release.model.objects[name].id for name in makers}
        everything = list(work.everything())
        if any(each.journal.objects & maker_ids or each.upkeep.rewritten & set(makers) for each in everything):
            bump(connection)  # teams and the user's own record decide what rules allow
        return outcomes, sum(each.upkeep.jobs for each in everything)

    def _seen(
        self, commands: Sequence[Command], release: Release, request: RequestInfo, actor: Actor,
    ) -> tuple[dict[int, Refused], Release]:
        """Refusals of commands made for an older release, and the release to work under."""
        if not request.release or request.release == release.hash:
            return {}, release
        live = self.store.release()
        if request.release == live.hash:
            return {}, live
        try:
            before = self.store.releases.load(request.release)
        except StoreError:  # a form from before a purge, or a made-up hash: nothing says that its fields still mean the same
            return {n: _fence(c, tuple(getattr(c, "values", ())), actor) for n, c in enumerate(commands)}, live
        return _refused_by_fence(commands, {}, before, live, actor), live


def _refused_by_fence(
    commands: Sequence[Command], known: dict[int, Refused], before: Release, now: Release, actor: Actor,
) -> dict[int, Refused]:
    found = {}
    for place, command in enumerate(commands):
        changed = changed_parts(command, before.model, now.model) if place not in known else ()
        if changed:
            found[place] = _fence(command, changed, actor)
    return found


def _fence(command: Command, changed: tuple[str, ...], actor: Actor) -> Refused:
    message = text("fence", actor.language or "en")
    return Refused(
        kind=Kind.FENCE, message=message, object=getattr(command, "object", ""), id=getattr(command, "id", None) or "", changed=changed)


def _none_written(commands: Sequence[Command], known: dict[int, Refused], actor: Actor) -> list[Outcome]:
    """The refusals, and NOT_TRIED for all the rest."""
    message = text("not_tried", actor.language or "en")
    rest = (
        Refused(kind=Kind.NOT_TRIED, message=message, object=getattr(c, "object", ""), id=getattr(c, "id", None) or "") for c in commands
    )
    return [known.get(place, other) for place, other in enumerate(rest)]
