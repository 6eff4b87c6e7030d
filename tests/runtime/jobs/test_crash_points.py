"""F-02: a process that dies at any point, in a job of any kind, and a second one that goes on: one effect.

1. Inside kinds: exactly once. Outside kinds: at least once, once as far as the far side heard no word of doubt.
2. Afterwards the job is done and nobody holds it; `doctor` finds nothing.
3. Every kind of the program has an example here.
4. Planted faults: a runner that marks jobs before their effect loses some, one without the compare-and-set doubles some.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from runtime.jobs import claiming, marking
from runtime.jobs.claiming import LEASE
from runtime.jobs.kinds import Workplace, kinds_of
from runtime.jobs.lane import POINTS
from runtime.jobs.runner import Runner
from runtime.store.database import Store
from tests.fixtures.clock import FixedClock
from tests.runtime.jobs.examples import EXAMPLES, Example, every
from tests.runtime.jobs.sinks import (
    done_before_the_effect,
    forget_statements,
    rows,
    without_compare_and_set,
    workplace_of,
)

ALL = every()
DIED = 9
LONG_AFTER = timedelta(minutes=6)
"""Any lease is over by then."""


def ids(first: int) -> Callable[[], str]:
    count = iter(range(first, 2 * first))
    return lambda: f"{next(count):032x}"


def opened(url: str, clock: FixedClock, first: int) -> Workplace:
    return workplace_of(Store.open(url, clock=clock), clock, ids(first))


def dies(url: str, clock: FixedClock, folder: Path, example: Example, point: str) -> int:
    """The exit code of a process that ends without a word when a job of the kind comes to the point."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            workplace = opened(url, clock, 2**40)
            Runner(workplace, "first", kinds=example.kinds(workplace, folder), chance=lambda: 0.5, reached=lambda here, kind: (
                os._exit(DIED) if (here, kind) == (point, example.kind) else None)).run_due()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def goes_on(url: str, clock: FixedClock, folder: Path, example: Example) -> list[object]:
    """What the job has led to once a second process has worked after the first one's lease."""
    clock.advance(seconds=LONG_AFTER.total_seconds())
    workplace = opened(url, clock, 2**41)
    try:
        Runner(workplace, "second", kinds=example.kinds(workplace, folder), chance=lambda: 0.5).run_due()
        assert {row.state for row in rows(workplace.store, kind=example.kind)} == {"done"}
        return list(example.effects(workplace, folder))
    finally:
        workplace.store.close()


def story(url: str, clock: FixedClock, folder: Path, example: Example, point: str) -> list[object]:
    """A job, a death, and somebody who goes on."""
    workplace = opened(url, clock, 2**39)
    example.begin(workplace)
    due = max((row.due_at for row in rows(workplace.store, kind=example.kind)), default=clock())
    workplace.store.close()
    clock.set(max(clock(), due))
    assert dies(url, clock, folder, example, point) == DIED, f"no job of the kind '{example.kind}' came to '{point}'"
    return goes_on(url, clock, folder, example)


DEATHS = [(database, name, point) for database, step in (("sqlite", 1), ("postgres", 2))
          for number, name in enumerate(ALL) for point in POINTS[number % step::step]]
"""Every kind at every point on SQLite; on PostgreSQL every second point, of its neighbour the others."""


@pytest.mark.parametrize(("backend", "name", "point"), DEATHS, indirect=["backend"])
def test_one_effect(prepared_database: Callable[..., str], clock: FixedClock, tmp_path: Path, name: str, point: str):
    """1., 2."""
    example = ALL[name]
    url = prepared_database("jobs" if example in EXAMPLES else f"jobs-{name}", example.build)
    assert len(story(url, clock, tmp_path, example, point)) == 1


def test_every_kind_has_an_example(workplace: Workplace):
    """3."""
    assert set(kinds_of(workplace)) <= {example.kind for example in ALL.values()}


@pytest.fixture
def whole() -> Iterator[None]:
    """Takes away what a test plants."""
    kept = claiming.free, marking._mine, marking._sending
    yield
    claiming.free, marking._mine, marking._sending = kept
    forget_statements()


@pytest.mark.usefixtures("whole")
def test_marking_before_the_effect_is_caught(
    prepared_database: Callable[..., str], clock: FixedClock, tmp_path: Path,
):
    """4. The job is done by its row, and nothing arrived."""
    done_before_the_effect()
    assert story(prepared_database("jobs", ALL["post"].build), clock, tmp_path, ALL["post"], "before_effect") == []


@pytest.mark.parametrize("name", ["note", "post"])
@pytest.mark.usefixtures("whole")
def test_no_compare_and_set_is_caught(
    prepared_database: Callable[..., str], clock: FixedClock, tmp_path: Path, name: str,
):
    """4. Two runners that look before either has written both have the effect; with it one has."""
    url, example = prepared_database("jobs", ALL[name].build), ALL[name]
    first, second = opened(url, clock, 2**39), opened(url, clock, 2**40)
    example.begin(first)

    def race() -> int:
        def meanwhile(point: str, kind: str) -> None:
            if point == "claimed":
                Runner(second, "second", kinds=example.kinds(second, tmp_path), chance=lambda: 0.5).run_due()

        Runner(first, "first", kinds=example.kinds(first, tmp_path), chance=lambda: 0.5, reached=meanwhile).run_due()
        return len(example.effects(first, tmp_path))

    try:
        if name == "note":
            assert race() == 1
            return
        without_compare_and_set()
        assert race() == 2
    finally:
        first.store.close()
        second.store.close()


def test_a_sleeper_writes_nothing(prepared_database: Callable[..., str], clock: FixedClock, tmp_path: Path):
    """F-19: a runner that slept past its lease finds that the job is another's; what it wrote is not there."""
    for name in ("note", "post"):
        url, example = prepared_database("jobs", ALL[name].build), ALL[name]
        sleeper, other = opened(url, clock, 2**39), opened(url, clock, 2**40)
        example.begin(sleeper)
        slept: list[str] = []

        def asleep(point: str, kind: str, example: Example = example, other: Workplace = other, slept: list[str] = slept) -> None:
            if point == "claimed" and not slept:
                slept.append(kind)
                clock.advance(seconds=LEASE.total_seconds() + 1)
                Runner(other, "other", kinds=example.kinds(other, tmp_path), chance=lambda: 0.5).run_due()

        Runner(sleeper, "sleeper", kinds=example.kinds(sleeper, tmp_path), chance=lambda: 0.5, reached=asleep).run_due()
        assert len(example.effects(other, tmp_path)) == 1 and slept == [name]
        sleeper.store.close()
        other.store.close()
