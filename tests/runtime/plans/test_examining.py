"""What `carework doctor` finds in enrolments.

1. Nothing is wrong through a whole plan: begun, waiting for its date, due, done, ended, restored.
2. A lost job, a step left over and a record behind the plan's back are found.
"""

from __future__ import annotations

import sqlalchemy as sa

from runtime.plans.examining import faults
from runtime.records.commands import Delete, Restore
from runtime.store import system
from tests.runtime.plans.world import World


def found(world: World) -> list[str]:
    with world.store.read() as connection:
        return list(faults(connection, world.store.release()))


def test_nothing_is_wrong_through_a_whole_plan(world: World):
    """1."""
    treatment, undated = world.treatment(), world.treatment(day=None)
    assert found(world) == []
    world.days(1)
    assert found(world) == []
    assert world.fire(world.calls(treatment)["First day"]["id"], "finish", pain=0).ok
    world.days(7)
    assert found(world) == []
    world.ok(Delete("treatment", treatment))
    assert found(world) == []
    world.ok(Restore(treatment))
    world.update("treatment", undated, day="2026-04-01")
    assert found(world) == []
    world.days(900)
    assert found(world) == []


def test_faults_are_found(world: World):
    """2."""
    first, second, third = (world.treatment() for _ in range(3))
    world.days(1)
    ids = {treatment: world.enrolments(treatment)[0].id for treatment in (first, second, third)}
    call = world.calls(third)["First day"]["id"]
    with world.store.write() as connection:
        connection.execute(sa.delete(system.job).where(system.job.c.key.startswith(f"plan:{ids[first]}:")))
        connection.execute(sa.update(system.enrolment).where(system.enrolment.c.id == ids[second]).values(state="finished"))
        table = world.store.release().tables.object("call").table
        connection.execute(sa.delete(table).where(table.c.id == call))
    texts = found(world)
    assert sum(ids[first] in text and "no job" in text for text in texts) == 1
    assert sum(ids[second] in text and "still planned" in text for text in texts) == 3
    assert sum(ids[third] in text and "is gone" in text for text in texts) == 1
    assert len(texts) == 5
