"""What people do with plans by hand: put a record on one, and take it off again, saying why."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, insert

from engine.fields.base import Invalid
from engine.fields.text import clean
from engine.model import Plan
from runtime.identity.actor import Actor
from runtime.plans.enrolling import enrol
from runtime.plans.enrolment import Cause, Enrolment, State, active, hold, load
from runtime.plans.met import holds
from runtime.plans.progress import stop
from runtime.plans.reasons import Why
from runtime.plans.round import Round, plan_of
from runtime.plans.sight import Eyes
from runtime.plans.values import begun
from runtime.records.service import Records
from runtime.store import system
from runtime.store.compiled import Release
from runtime.store.database import Store
from runtime.store.errors import FenceMoved, StoreBusy

__all__ = ["REASON_MAX", "Cannot", "ByHand"]

REASON_MAX = 500
_ATTEMPTS = 4
_enrolment = system.enrolment
_Made = TypeVar("_Made")


class Cannot(Exception):
    """`code`: `not_found`, `forbidden`, `stops` (the plan's stop condition holds), `invalid_reason` or `busy`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclasses.dataclass(frozen=True, kw_only=True)
class ByHand:
    """Somebody's hands. It takes the right to change the record that begins the plan, and to see what the plan goes by."""

    store: Store
    records: Records
    actor: Actor
    now: datetime.datetime
    new_id: Callable[[], str]
    request_id: str = ""

    def enrol(self, object_name: str, id: str, plan_name: str) -> tuple[str, bool]:
        """Put a record on a plan: the enrolment's id, and whether it is new. Raises Cannot and the store's errors."""
        return self._in_turn(lambda connection, release: self._enrol(connection, release, object_name, id, plan_name))

    def stop(self, enrolment_id: str, reason: str | None) -> None:
        """Take a record off its plan; one that is off it already stays as it is. Raises Cannot and the store's errors."""
        try:
            said = clean(reason, REASON_MAX, lines=True) if reason else None
        except Invalid as refused:
            raise Cannot("invalid_reason") from refused
        self._in_turn(lambda connection, release: self._stop(connection, release, enrolment_id, said))

    def _in_turn(self, work: Callable[[Connection, Release], _Made]) -> _Made:
        """In one transaction under the live release, again when a publish comes between."""
        for _ in range(_ATTEMPTS):
            release = self.store.release()
            try:
                with self.store.write() as connection:
                    self.store.fence(connection, release)
                    return work(connection, release)
            except FenceMoved:
                continue
        raise StoreBusy("the definitions change too often just now")

    def _enrol(self, connection: Connection, release: Release, object_name: str, id: str, plan_name: str) -> tuple[str, bool]:
        plan = release.model.plans.get(plan_name)
        if plan is None or plan.object != object_name:
            raise Cannot("not_found")
        self._allowed(connection, release, plan, id)
        round = self._round(connection, release)
        there = load(connection, _enrolment.c.record_id == id, _enrolment.c.plan == plan.id, active)
        if there:
            return there[0].id, False
        read = begun(connection, release, round.actor, plan, [id], self.now).get(id)
        if read is None:
            raise Cannot("not_found")
        if holds(plan.stop_when, read):
            raise Cannot("stops")
        made = enrol(round, plan, [id], Cause.HAND)[id]
        (one,) = load(connection, _enrolment.c.id == made)
        self._audit(connection, release, "enrol", one)
        return made, True

    def _stop(self, connection: Connection, release: Release, enrolment_id: str, reason: str | None) -> None:
        held = hold(connection, [enrolment_id])
        plan = plan_of(release, held[0].plan) if held else None
        if plan is None:
            raise Cannot("not_found")
        self._allowed(connection, release, plan, held[0].record_id)
        if held[0].state is State.ACTIVE:
            stop(self._round(connection, release), held, Why.BY_HAND, reason)
            self._audit(connection, release, "stop_plan", held[0])

    def _allowed(self, connection: Connection, release: Release, plan: Plan, id: str) -> None:
        """Raises Cannot: `not_found` where the actor may not even know of it."""
        eyes = Eyes(connection, release, self.actor, self.now)
        if not eyes.begun(plan, [id]):
            raise Cannot("not_found")
        if not eyes.able(plan.object, "update", [id]):
            raise Cannot("forbidden")

    def _round(self, connection: Connection, release: Release) -> Round:
        return Round.apart(connection, release, self.records, self.now, self.new_id, by=self.actor.id)

    def _audit(self, connection: Connection, release: Release, action: str, one: Enrolment) -> None:
        """Ids and the plan's; the reason stands in the enrolment."""
        connection.execute(insert(system.audit).values(
            id=self.new_id(), at=self.now, actor=self.actor.id, action=action, object=one.object, record_id=one.record_id,
            clinic_id=one.clinic_id, subject_id=one.subject_id, release=release.hash, request_id=self.request_id or None,
            outcome="done", detail={"plan": one.plan, "enrolment": one.id}))
