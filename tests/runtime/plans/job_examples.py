"""One job of each kind of plans, for what must hold for every kind of job."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from runtime.composition import records_for
from runtime.identity.actor import system_actor
from runtime.jobs.kinds import Workplace
from runtime.plans.round import Round
from runtime.plans.sweeping import sweep
from runtime.records.commands import Create
from runtime.store import system
from runtime.store.database import Store
from tests.fixtures.clock import START, FixedClock
from tests.runtime.jobs.examples import Example
from tests.runtime.plans.world import NORTH, World, build

__all__ = ["EXAMPLES"]


LETTER = """
name: letter
belongs_to: {via: patient}
subject: patient
fields: {patient: {type: link, to: patient, required: true}, day: {type: date}}
"""
ONCE = """
name: recovery
subject: patient
anchor: treatment.day
enrol_when: finished
steps: {day1: {at: "anchor + days(1)", create: letter, values: {day: anchor}}}
"""


def _build(url: str) -> None:
    """The clinic with a plan that is over after its only step."""
    build(url)
    store = Store.open(url, clock=FixedClock())
    World(store, FixedClock()).publish({"objects/letter.yaml": LETTER, "plans/recovery.yaml": ONCE})
    store.close()


def _treatment(workplace: Workplace, **values: object) -> None:
    actor = system_actor(START.date())
    records = records_for(workplace.store, workplace.clock, workplace.new_id, keys=workplace.keys)
    patient = records.execute([Create("patient", {"name": "Wang"}, clinic=NORTH)], actor)[0].id
    records.execute([Create("treatment", {"patient": patient, "kind": "implant", **values})], actor)


def _enrol(workplace: Workplace) -> None:
    """A treatment of two days ago: its first step is due at once."""
    _treatment(workplace, day="2026-03-01", finished=True)


def _sweep(workplace: Workplace) -> None:
    """A treatment that became fit for the plan behind everybody's back."""
    _treatment(workplace, day="2026-03-20", finished=False)
    release = workplace.store.release()
    table = release.tables.object("treatment")
    with workplace.store.write() as connection:
        connection.execute(sa.update(table.table).values({table.column("finished").name: True}))
        round = Round.apart(connection, release, workplace.records, workplace.clock(), workplace.new_id)
        sweep(round, release.model.plans["recovery"])


def _made(workplace: Workplace, folder: Path) -> list[str]:
    table = workplace.store.release().tables.object("letter")
    with workplace.store.read() as connection:
        return list(connection.execute(sa.select(table.column("id"))).scalars())


def _enrolled(workplace: Workplace, folder: Path) -> list[str]:
    with workplace.store.read() as connection:
        return list(connection.execute(sa.select(system.enrolment.c.plan)).scalars())


EXAMPLES = (
    Example(kind="plan", name="a step of a plan", build=_build, begin=_enrol, effects=_made),
    Example(kind="plan_sweep", name="a plan over all records", build=build, begin=_sweep, effects=_enrolled),
)
