"""`make proof-due_work`: what one due job costs of processor time: a timer's transition, a message that is sent, a plan's step.

F-32: 20,000 at once are done within a minute on one core, so each may take 3 ms; the bound leaves room for others.
CAREWORK_COUNT says how many of each; CAREWORK_PROFILE names a file for a profile, and nothing is bounded then.
"""

from __future__ import annotations

import contextlib
import cProfile
import os
import pstats
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from runtime.identity.actor import system_actor
from runtime.jobs.kinds import Workplace
from runtime.jobs.runner import Runner
from runtime.messages.sending import queue_message
from runtime.records.commands import Create
from runtime.store import system
from runtime.store.database import Store
from tests.fixtures.clock import START, FixedClock
from tests.fixtures.databases import Backend
from tests.runtime.effects import automated
from tests.runtime.messages import world as messages
from tests.runtime.plans import world as plans

pytestmark = pytest.mark.proof
COUNT = int(os.environ.get("CAREWORK_COUNT", "") or 2_000)
PROFILE = os.environ.get("CAREWORK_PROFILE", "")
MOST_MS = 2.5
Due = tuple[Workplace, Runner, sa.Select[tuple[int]]]
"""The runner, and the statement that counts what it has led to."""


def timers(url: str, clock: FixedClock) -> Due:
    """Tasks that become due tomorrow."""
    clinic = automated.Automated.open(url, clock, lambda: uuid4().hex)
    patients = created(clinic.workplace, [Create("patient", {"name": "A"}, clinic=automated.NORTH)] * 10)
    created(clinic.workplace, [Create("task", {"patient": patients[n % 10], "step": "call", "due": "2026-03-03"}) for n in range(COUNT)])
    clock.advance(days=1)
    table = clinic.store.release().tables.object("task")
    return clinic.workplace, Runner(clinic.workplace, "one"), counted(table.table).where(table.column("status") == "due")


def letters(url: str, clock: FixedClock) -> Due:
    """Mails about visits."""
    world = messages.World.open(url, clock, lambda: uuid4().hex)
    patients = created(world.place, [Create("patient", {"name": "A", "email": "a@example.org"}, clinic=messages.NORTH)] * 100)
    visits = created(world.place, [Create("visit", {"patient": patients[n % 100], "kind": "check"}) for n in range(COUNT)])
    release = world.place.store.release()
    with world.place.store.write() as connection:
        for n, visit in enumerate(visits):
            queue_message(
                connection, release, release.model.messages["reminder"], ("visit", visit), ("patient", patients[n % 100]),
                key=f"k{n}", now=clock(), new_id=world.place.new_id)
    return world.place, world.runner(), counted(system.message).where(system.message.c.state == "sent")


def steps(url: str, clock: FixedClock) -> Due:
    """Treatments whose plan makes a call tomorrow."""
    world = plans.World(Store.open(url, clock=clock), clock)
    patients = created(world.workplace, [Create("patient", {"name": "A"}, clinic=plans.NORTH)] * COUNT)
    created(world.workplace, [
        Create("treatment", {"patient": each, "kind": "implant", "day": "2026-03-02", "finished": True}) for each in patients])
    clock.advance(days=1)
    return world.workplace, world.runner(), counted(world.store.release().tables.object("call").table)


def told(url: str, clock: FixedClock) -> Due:
    """Treatments whose plan tells the patient something tomorrow, in the inbox."""
    world = plans.World(Store.open(url, clock=clock), clock)
    world.publish({**plans.telling(world), "plans/recovery.yaml": plans.TELLING})
    patients = created(world.workplace, [Create("patient", {"name": "A"}, clinic=plans.NORTH)] * COUNT)
    created(world.workplace, [
        Create("treatment", {"patient": each, "kind": "implant", "day": "2026-03-02", "finished": True}) for each in patients])
    clock.advance(days=1)
    runner = Runner(world.workplace, "one", kinds={"plan": world.runner().kinds["plan"]})
    return world.workplace, runner, counted(system.message)


def created(place: Workplace, commands: Sequence[Create]) -> list[str]:
    outcomes = place.records.execute(commands, system_actor(START.date()))
    assert all(outcome.ok for outcome in outcomes)
    return [outcome.id for outcome in outcomes]


def counted(table: sa.Table) -> sa.Select[tuple[int]]:
    return sa.select(sa.func.count()).select_from(table)


@contextlib.contextmanager
def profiled(name: str) -> Iterator[None]:
    if not PROFILE:
        yield
        return
    profile = cProfile.Profile()
    with profile:
        yield
    with Path(f"{PROFILE}-{name}").open("w") as file:
        for order in ("cumulative", "tottime"):
            pstats.Stats(profile, stream=file).sort_stats(order).print_stats(60)


KINDS: dict[str, tuple[Callable[[str, FixedClock], Due], Callable[[str], object]]] = {
    "timer": (timers, automated.build), "message": (letters, messages.build), "plan": (steps, plans.build), "plan that tells": (told, plans.build),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_job_costs(backend: Backend, prepared_database: Callable[..., str], clock: FixedClock, kind: str):
    make, build = KINDS[kind]
    place, runner, done = make(prepared_database(f"due-{kind}", build), clock)
    began, wall = time.process_time(), time.perf_counter()
    with profiled(f"{backend.name}-{kind}"):
        runner.run_due()
    cost, took = (time.process_time() - began) / COUNT * 1000, time.perf_counter() - wall
    with place.store.read() as connection:
        count = connection.scalar(done)
    place.store.close()
    print(f"{backend.name}, {kind}: {count:,} done, {cost:.2f} ms of processor time each, {took:.1f} s in all")
    assert count == COUNT
    assert PROFILE or cost < MOST_MS
