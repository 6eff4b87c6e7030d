"""Changes that reach many rows: recorded with the change, worked off in slices, taken up again after a crash.

J1  A change that reaches more than 500 rows writes a job in its transaction instead of the rows; what is rolled back leaves none.
J2  A worker computes them in slices of 500, and what reads them; two workers do not take the same job; a dead one's is taken up.
J3  Under a release that knows the way no more all rows are computed; a formula that is gone is forgotten.
J4  `stale` tells what waits, `wrong` what is not what it should be, and `everything` puts it right.
J5  Two writers at the same time leave the sum of both (in `test_two_writers_of_one_parent`), a change behind a link and a row that
    begins to read it too.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from runtime.records.commands import Create, Update
from runtime.records.outcomes import Refused
from runtime.records.upkeep import examining
from runtime.records.upkeep.keeping import Upkeep
from runtime.records.upkeep.working import SLICE, Worker, everything
from runtime.store import system
from runtime.web.watching import Watching
from tests.fixtures.databases import Backend
from tests.runtime.records.stored import build_stored, stored_release, value, wrong
from tests.runtime.records.world import LI, NORTH, NOW, WANG, World

MANY = 620


def build_many(url: str) -> None:
    """A patient of Li's with many visits, without going through the service one by one."""
    build_stored(url)
    world = World.open(url, stored_release(url.partition(":")[0]))
    world.store.releases.poll = lambda: world.release  # type: ignore[method-assign]
    world.make("patient", NORTH, name="Chen", doctor=LI)
    who = world.scalars(sa.select(world.release.tables.object("patient").table.c.id))[0]
    done = world.run(*(Create("visit", {"patient": who, "kind": "x", "fee": "1.00"}) for _ in range(MANY)))
    assert not [outcome for outcome in done if isinstance(outcome, Refused)]
    world.store.fence = lambda connection, release: None  # type: ignore[method-assign]
    worker(world).run()  # that the patient is dear now reaches the tasks of all the visits
    world.store.close()


def opened(url: str, backend: Backend) -> World:
    world = World.open(url, stored_release(backend.name))
    world.store.releases.poll = lambda: world.release  # type: ignore[method-assign]
    world.store.fence = lambda connection, release: None  # type: ignore[method-assign]
    world.store.clock = lambda: NOW
    return world


@pytest.fixture
def world(backend: Backend, prepared_database: Callable[[str, Callable[[str], object]], str]) -> Iterator[World]:
    found = opened(prepared_database("records-many", build_many), backend)
    yield found
    found.store.close()


def ids() -> Callable[[], str]:
    count = iter(range(0xFFFF0000, 0xFFFFFFFF))
    return lambda: f"{next(count):032x}"


def worker(world: World, name: str = "one") -> Worker:
    return Worker(world.store, ids(), name)


def jobs(world: World) -> int:
    return world.count(system.recompute)


def names(world: World) -> set[object]:
    table = world.release.tables.object("visit")
    return set(world.scalars(sa.select(table.column("doctor_name")).distinct()))


def test_many_rows_become_a_job(world: World) -> None:
    """J1, J2, J4: renaming Li reaches every visit; they are old until the worker has been there."""
    assert names(world) == {"Li"} and jobs(world) == 0
    called = []
    world.records.recorded = lambda: called.append(1)
    world.ok(Update("staff", LI, {"name": "Li Hua"}, 1))
    assert called == [1] and jobs(world) == 1 and names(world) == {"Li"}
    field = world.release.model.objects["visit"].fields["doctor_name"].id
    assert examining.stale(world.store) == {field: 1}
    assert list(examining.wrong(world.store)) == [], "what waits is late, not wrong"
    assert worker(world).run() == MANY and jobs(world) == 0
    assert names(world) == {"Li Hua"} and wrong(world) == []


def test_what_is_rolled_back_leaves_no_job(world: World) -> None:
    """J1: the second command of the list is refused."""
    world.run(Update("staff", LI, {"name": "Li Hua"}, 1), Update("staff", LI, {"name": ""}, 2))
    assert jobs(world) == 0 and names(world) == {"Li"} and wrong(world) == []


def test_a_worker_that_dies_is_taken_over(world: World) -> None:
    """J2: after the first slice its lease holds others off; when it has run out another goes on behind the first 500 rows."""
    world.ok(Update("staff", LI, {"name": "Li Hua"}, 1))
    first, second = worker(world), worker(world, "two")
    job = first._take()
    assert job is not None and first._slice(job) == SLICE
    assert second.run() == 0 and second._slice(job) is None, "it is the first one's"
    assert names(world) == {"Li", "Li Hua"}
    world.store.clock = lambda: NOW.replace(minute=30)
    assert second.run() == MANY - SLICE and first._slice(job) is None
    assert names(world) == {"Li Hua"} and jobs(world) == 0 and wrong(world) == []


def test_a_serving_process_works_by_itself(world: World) -> None:
    """J2: what an earlier process left is done when one starts to serve, and what is recorded later when it is told."""
    world.ok(Update("staff", LI, {"name": "Li Hua"}, 1))
    watching = Watching(world.store, world.records, ids())
    try:
        watching.here()
        _until(lambda: jobs(world) == 0)
        assert names(world) == {"Li Hua"}
        world.ok(Update("staff", LI, {"name": "Li"}, 2))
        _until(lambda: jobs(world) == 0)
    finally:
        watching.stop()
    assert names(world) == {"Li"} and wrong(world) == []


def _until(done: Callable[[], bool]) -> None:
    """Waits for another thread; gives up after a time that only a broken one takes."""
    for _ in range(600):
        if done():
            return
        time.sleep(0.05)
    raise AssertionError("nothing happened for half a minute")


def test_a_way_that_is_gone(world: World) -> None:
    """J3: the job names a link that no longer is, so every row is computed; one of a formula that is gone is dropped."""
    world.ok(Update("staff", LI, {"name": "Li Hua"}, 1))
    job = world.scalars(sa.select(system.recompute.c.hops))[0]
    with world.store.write() as connection:
        connection.execute(sa.update(system.recompute).values(hops=[["base:patient", "test:visit.gone", False], *job[1:]]))  # type: ignore[index]
    assert worker(world).run() == MANY and names(world) == {"Li Hua"}
    world.ok(Update("staff", LI, {"name": "Li"}, 2))
    with world.store.write() as connection:
        connection.execute(sa.update(system.recompute).values(field="test:visit.gone"))
    assert worker(world).run() == 0 and jobs(world) == 0 and names(world) == {"Li Hua"}


def test_what_is_wrong_is_found_and_put_right(world: World) -> None:
    """J4: planted fault: a value changed behind the service's back; computing everything corrects it and what reads it."""
    table = world.release.tables.object("visit")
    with world.store.write() as connection:
        connection.execute(sa.update(table.table).values({table.column("tax").name: Decimal("9.00")}))
    found = dict(examining.wrong(world.store))
    assert set(found) == {"test:visit.tax", "test:visit.total"} and len(found["test:visit.tax"]) == 5
    assert everything(world.store, ids()) == jobs(world) > 5
    worker(world).run()
    assert dict(examining.wrong(world.store)) == {} and jobs(world) == 0 and wrong(world) == []


def race(*writes: Callable[[], object]) -> None:
    """Run writes at the same time; each waits before it computes until all have written their own rows."""
    errors: list[BaseException] = []

    def run(write: Callable[[], object]) -> None:
        try:
            write()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(write,)) for write in writes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors, errors


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch, backend: Backend) -> None:
    """Both have written before either computes, where the database lets two write at once."""
    if backend.name == "sqlite":
        return
    barrier = threading.Barrier(2)
    follow = Upkeep.follow

    def meet(self: Upkeep) -> None:
        if self._changed or self._moved or self._fresh:
            with contextlib.suppress(threading.BrokenBarrierError):  # one is retried, or waits for a row that the other holds
                barrier.wait(2)
        follow(self)

    monkeypatch.setattr(Upkeep, "follow", meet)


@pytest.fixture
def small(backend: Backend, prepared_database: Callable[[str, Callable[[str], object]], str]) -> Iterator[World]:
    found = opened(prepared_database("records-stored", build_stored), backend)
    yield found
    found.store.close()


@pytest.mark.parametrize("kind", ["new children", "changed children", "one to another parent"])
def test_two_writers_of_one_parent(small: World, kind: str, request: pytest.FixtureRequest) -> None:
    """J5: both children count in the end."""
    who, other = (small.make("patient", NORTH, name=name) for name in ("Chen", "Zhao"))
    one, two = (small.make("visit", patient=who, kind="x", fee="1.00") for _ in range(2))
    request.getfixturevalue("together")
    writes: dict[str, tuple[Any, Any]] = {
        "new children": tuple(Create("visit", {"patient": who, "kind": "x", "fee": "10.00"}) for _ in range(2)),
        "changed children": (Update("visit", one, {"fee": "20.00"}, 1), Update("visit", two, {"fee": "30.00"}, 1)),
        "one to another parent": (Update("visit", one, {"patient": other}, 1), Update("visit", two, {"fee": "30.00"}, 1)),
    }
    race(*(lambda write=write: small.ok(write) for write in writes[kind]))
    assert wrong(small) == []
    expected = {"new children": "22.00", "changed children": "50.00", "one to another parent": "30.00"}[kind]
    assert value(small, "patient", who, "spent") == Decimal(expected)


def test_a_row_that_begins_to_read_what_changes(small: World, request: pytest.FixtureRequest) -> None:
    """J5: a new visit reads the doctor's name while the doctor is renamed; and a patient gets that doctor at the same time."""
    who = small.make("patient", NORTH, name="Chen", doctor=LI)
    other = small.make("patient", NORTH, name="Zhao", doctor=WANG)
    small.make("visit", patient=other, kind="x")
    request.getfixturevalue("together")
    race(lambda: small.ok(Update("staff", LI, {"name": "Li Hua"}, 1)), lambda: small.ok(Create("visit", {"patient": who, "kind": "x"})))
    assert wrong(small) == []
    race(lambda: small.ok(Update("staff", LI, {"name": "Li"}, 2)), lambda: small.ok(Update("patient", other, {"doctor": LI}, 1)))
    assert wrong(small) == []


def test_without_holding_rows_one_of_two_writers_is_lost(
    small: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """J5: planted fault: nobody holds the row that is computed. PostgreSQL then counts one of two new children; SQLite has one writer."""
    who = small.make("patient", NORTH, name="Chen")
    request.getfixturevalue("together")
    monkeypatch.setattr("runtime.records.upkeep.keeping.hold", lambda *given, **named: None)
    race(*[lambda: small.ok(Create("visit", {"patient": who, "kind": "x", "fee": "10.00"}))] * 2)
    assert bool(wrong(small)) is (small.store.dialect == "postgresql")
