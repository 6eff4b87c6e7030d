"""Puts records on plans: those that come to fulfil a plan's condition, and those that somebody or an effect names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from engine.model import Plan
from runtime.plans.enrolment import Cause, Enrolment, State, active, hold, insert
from runtime.plans.met import bring_up_to_date, holds
from runtime.plans.progress import go_on
from runtime.plans.round import Round
from runtime.plans.values import Read, begun
from runtime.records.ids import chunks
from runtime.store import system

__all__ = ["consider", "enrol"]

_enrolment = system.enrolment


def consider(round: Round, plan: Plan, ids: Iterable[str], *, replan: bool = False) -> None:
    """Look at records again that may begin a plan of the live release or are on it: something that it reads has changed."""
    wanted = sorted(set(ids))
    reads = begun(round.connection, round.release, round.actor, plan, wanted, round.now)
    new = _come(round, plan, reads)
    under_way = _under_way(round, plan, wanted)
    fresh = insert(round.connection, [_row(round, plan, reads[id], id, Cause.RULE) for id in new])
    held = hold(round.connection, under_way) if under_way else []
    if held or fresh:
        go_on(round, [*held, *fresh], reads=reads, replan=replan)


def enrol(round: Round, plan: Plan, ids: Iterable[str], cause: Cause) -> dict[str, str]:
    """Put records on a plan of the live release, by id: the enrolment of each, also of one that was on it already.

    Records that are gone, and those for which the plan's `stop_when` holds, are left out.
    """
    wanted = sorted(set(ids))
    reads = begun(round.connection, round.release, round.actor, plan, wanted, round.now)
    able = [id for id in wanted if id in reads and not holds(plan.stop_when, reads[id])]
    fresh = insert(round.connection, [_row(round, plan, reads[id], id, cause) for id in able])
    if fresh:
        go_on(round, fresh, reads=reads)
    return dict(_ids(round, plan, able))


def _come(round: Round, plan: Plan, reads: Mapping[str, Read]) -> list[str]:
    """The records that fulfil the plan's condition now and did not before; what is remembered of that is brought up to date."""
    if plan.enrol_when is None or not reads:
        return []
    fulfil = {id for id, read in reads.items() if holds(plan.enrol_when, read)}
    new = bring_up_to_date(round.connection, plan, reads, fulfil)
    return [id for id in new if not holds(plan.stop_when, reads[id])]


def _under_way(round: Round, plan: Plan, ids: Sequence[str]) -> list[str]:
    return [enrolment for _, enrolment in _ids(round, plan, ids)]


def _ids(round: Round, plan: Plan, ids: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Record and enrolment, for those of the records that are on the plan."""
    for chunk in chunks(ids) if ids else ():
        statement = sa.select(_enrolment.c.record_id, _enrolment.c.id).where(
            _enrolment.c.plan == plan.id, _enrolment.c.record_id.in_(chunk), active)
        for row in round.connection.execute(statement):
            yield row.record_id, row.id


def _row(round: Round, plan: Plan, read: Read, id: str, cause: Cause) -> Enrolment:
    return Enrolment(
        id=round.new_id(), plan=plan.id, object=round.release.model.objects[plan.object].id, record_id=id,
        subject_id=read.values[("subject_id",)], clinic_id=read.values[("clinic_id",)], release=round.release.hash, anchor=None,
        state=State.ACTIVE, turn=1, cause=cause, begun_at=round.now, begun_by=round.by)
