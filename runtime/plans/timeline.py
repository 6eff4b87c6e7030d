"""The plans of a patient, or of a record, as somebody may see them: what was, what is due, what is to come."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection, or_, select

from engine.model import Label, Object, Plan
from runtime.identity.actor import Actor
from runtime.plans.enrolment import Enrolment, State, StepRow, load, steps_of
from runtime.plans.round import plan_of
from runtime.plans.sight import Eyes
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["Entry", "Offer", "Timeline", "has_plans", "named", "timeline"]

_enrolment = system.enrolment
MOST = 200
"""So many enrolments of one patient at most, the latest."""
MOST_RECORDS = 50
ROUNDS = 8


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One time of one step. `record` is the (object's name, id) of what it made, where the reader may see it; `shown` says whether
    the reader may know how it stands."""

    row: StepRow
    label: Label
    record: tuple[str, str] | None
    shown: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Timeline:
    """An enrolment with its steps in the order of their times. `may_stop`: whether the reader may take the record off the plan."""

    enrolment: Enrolment
    plan: Plan
    object: Object
    """That of the record which began it."""
    entries: tuple[Entry, ...]
    may_stop: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Offer:
    """A plan that the reader may put a record on."""

    plan: Plan
    object: Object
    record_id: str


def has_plans(release: Release, object_name: str) -> bool:
    """Whether records of the object may be on plans, or be whom plans are about."""
    return any(object_name in (plan.object, plan.subject) for plan in release.model.plans.values())


def timeline(
    connection: Connection, release: Release, actor: Actor, object: Object, id: str, now: datetime.datetime,
) -> tuple[tuple[Timeline, ...], tuple[Offer, ...]]:
    """The plans of a record that the actor may read, those under way first, and those that she may put it on."""
    eyes = Eyes(connection, release, actor, now)
    mine = load_latest(connection, id)
    plans = {each.plan: plan for each in mine if (plan := plan_of(release, each.plan)) is not None}
    seen: set[str] = set()
    able: set[str] = set()
    for plan_id, plan in plans.items():
        ids = [each.record_id for each in mine if each.plan == plan_id]
        shown = eyes.begun(plan, ids)
        changeable = eyes.able(plan.object, "update", shown)
        seen |= {each.id for each in mine if each.plan == plan_id and each.record_id in shown}
        able |= {each.id for each in mine if each.plan == plan_id and each.record_id in changeable}
    visible = [each for each in mine if each.id in seen]
    rows = steps_of(connection, [each.id for each in visible])
    readable = _readable(eyes, release, [row for several in rows.values() for row in several])
    found = [
        Timeline(each, plans[each.plan], release.model.objects[plans[each.plan].object],
                 tuple(_entry(plans[each.plan], row, readable) for row in rows[each.id]),
                 each.state is State.ACTIVE and each.id in able)
        for each in visible
    ]
    found.sort(key=lambda one: (one.enrolment.state is not State.ACTIVE, -one.enrolment.begun_at.timestamp(), one.enrolment.id))
    return tuple(found), tuple(_offers(connection, eyes, release, object, id, mine))


def named(
    release: Release, object: Object, id: str, found: Sequence[Timeline], offers: Sequence[Offer],
) -> Mapping[str, Sequence[str]]:
    """The records that an answer about these names, by their object's id; for the audit of what is seen."""
    objects = release.model.objects
    ids: dict[str, dict[str, None]] = {object.id: {id: None}}
    for one in found:
        ids.setdefault(one.object.id, {})[one.enrolment.record_id] = None
        if one.enrolment.subject_id is not None:
            ids.setdefault(objects[one.plan.subject].id, {})[one.enrolment.subject_id] = None
        for name, record_id in (entry.record for entry in one.entries if entry.record is not None):
            ids.setdefault(objects[name].id, {})[record_id] = None
    for offer in offers:
        ids.setdefault(offer.object.id, {})[offer.record_id] = None
    return {object_id: tuple(several) for object_id, several in ids.items()}


def load_latest(connection: Connection, id: str) -> list[Enrolment]:
    """Enrolments that a record began, or that are about it; the latest of them."""
    statement = select(_enrolment.c.id).where(or_(_enrolment.c.record_id == id, _enrolment.c.subject_id == id))
    ids = list(connection.execute(statement.order_by(_enrolment.c.id.desc()).limit(MOST)).scalars())
    return load(connection, _enrolment.c.id.in_(ids)) if ids else []


def _readable(eyes: Eyes, release: Release, rows: Sequence[StepRow]) -> Mapping[str, str]:
    """Of the records that steps made, those that the reader may read, with their object's name."""
    names = {object.id: object.name for object in release.model.objects.values()}
    by_object: dict[str, list[str]] = {}
    for row in rows:
        if row.record_id is not None and row.object in names:
            by_object.setdefault(names[row.object], []).append(row.record_id)
    return {id: name for name, ids in by_object.items() for id in eyes.able(name, "read", ids)}


def _entry(plan: Plan, row: StepRow, readable: Mapping[str, str]) -> Entry:
    step = next((step for step in plan.steps.values() if step.id == row.step), None)
    label = step.label if step is not None else Label({"en": row.step.rpartition(".")[2]})
    if row.record_id is None:
        return Entry(row, label, None, True)
    name = readable.get(row.record_id)
    # A deleted record is in no table, and its step says no more than that.
    return Entry(row, label, (name, row.record_id) if name else None, name is not None or row.why == "deleted")


def _offers(
    connection: Connection, eyes: Eyes, release: Release, object: Object, id: str, mine: Sequence[Enrolment],
) -> Sequence[Offer]:
    on = {(each.plan, each.record_id) for each in mine if each.state is State.ACTIVE}
    found = []
    for plan in release.model.plans.values():
        def able(ids: Sequence[str], plan: Plan = plan) -> list[str]:
            free = [each for each in ids if (plan.id, each) not in on]
            may = eyes.able(plan.object, "update", eyes.begun(plan, free)) if free else set()
            return [each for each in free if each in may]

        if plan.object == object.name:
            ids: Sequence[str] = able([id])
        elif plan.subject == object.name and eyes.may(plan.object, "update"):
            ids = _latest(connection, release, plan, id, able)
        else:
            continue
        found += [Offer(plan, release.model.objects[plan.object], each) for each in ids]
    return found


def _latest(
    connection: Connection, release: Release, plan: Plan, subject_id: str, able: Callable[[Sequence[str]], list[str]],
) -> Sequence[str]:
    """The latest of a patient's records that `able` leaves: they may stand behind many that it does not."""
    table = release.tables.object(plan.object).table
    statement = select(table.c.id).where(table.c.subject_id == subject_id).order_by(table.c.id.desc()).limit(MOST_RECORDS)
    ids = list(connection.execute(statement).scalars())
    found = able(ids)
    for _ in range(ROUNDS):
        if len(ids) < MOST_RECORDS or len(found) >= MOST_RECORDS:
            break
        ids = list(connection.execute(statement.where(table.c.id < ids[-1])).scalars())
        found += able(ids)
    return found[:MOST_RECORDS]
