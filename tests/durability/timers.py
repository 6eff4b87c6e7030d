"""Many timers, several workers that are killed, clocks that jump: what the sinks then hold.

A worker is a process whose clock is the machine's plus the seconds in FOLDER/offset. A fault is `none`, or one that the proof must
catch: `no-cas` (claims without the compare-and-set), `done-first` (the mark before the effect says done).
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

from runtime.jobs.job import Job, NewJob, State
from runtime.jobs.kinds import Workplace
from runtime.jobs.queue import schedule
from runtime.jobs.runner import Runner
from runtime.store import system
from runtime.store.database import Store
from runtime.store.errors import StoreError
from tests.runtime.jobs.sinks import (
    Notes,
    Posts,
    done_before_the_effect,
    effects,
    note,
    noted,
    posted,
    without_compare_and_set,
    workplace_of,
)

DAY = 86_400.0
SHORT_LEASE = 2.0


class Clock:
    """The machine's clock, moved by what stands in a file."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "offset"

    def __call__(self) -> datetime.datetime:
        try:
            offset = float(self._file.read_text() or 0)
        except (OSError, ValueError):  # just being written
            offset = 0.0
        return datetime.datetime.now(datetime.UTC) + timedelta(seconds=offset)


class QuickPosts(Posts):
    """A far side that is known to answer soon, so that what a killed worker left is taken up soon."""

    seconds = 1.0


class ManyNotes(Notes):
    """As kinds with many small jobs do: several in one go."""

    def run_together(self, connection: sa.Connection, jobs: Sequence[Job], release: object, now: datetime.datetime) -> Sequence[None]:
        connection.execute(note.insert(), [{"key": job.key} for job in jobs])
        return [None] * len(jobs)


def workplace(url: str, folder: Path) -> Workplace:
    clock = Clock(folder)
    return workplace_of(Store.open(url, clock=clock), clock, lambda: uuid4().hex)


def plant(fault: str) -> None:
    """Break this process's runners."""
    if fault == "no-cas":
        without_compare_and_set()
    elif fault == "done-first":
        done_before_the_effect()


def work(url: str, folder: Path, name: str, fault: str, lease: float) -> None:
    """Do jobs until SIGTERM."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    plant(fault)
    place = workplace(url, folder)
    # Between a mark and a quick effect hardly any kill falls; the faulty worker gives them a chance.
    pause = (lambda key: time.sleep(0.02)) if fault == "done-first" else None
    kinds = {kind.name: kind for kind in (ManyNotes(), QuickPosts(folder / "sink", pause))}
    runner = Runner(place, name, kinds=kinds, chance=lambda: 0.5, lease=timedelta(seconds=lease))
    runner.start()
    ended.wait()
    runner.stop()
    place.store.close()


@dataclasses.dataclass(slots=True)
class Found:
    """What the sinks hold against what was scheduled."""

    missed: list[str]
    doubled: list[str]
    repeats: int
    """Sent again with a word of doubt, which a far side that honours keys takes once."""
    seconds: float
    kills: int = 0
    jumps: int = 0

    def __str__(self) -> str:
        return (f"{len(self.missed)} missed, {len(self.doubled)} doubled, {self.repeats} doubtful repeats, {self.kills} kills, "
                f"{self.jumps} jumps, {self.seconds:.1f} s")


def scatter(place: Workplace, count: int, seconds: float, chance: random.Random, *, share_sent: float = 0.1) -> list[str]:
    """Schedule that many jobs, due over the next seconds; their keys."""
    now = place.clock()
    jobs = [
        NewJob(kind="post" if chance.random() < share_sent else "note", key=f"k{n:06}", due_at=now + timedelta(
            seconds=chance.uniform(-1.0, seconds)), record_id=f"{chance.randrange(count // 3 + 1):032x}")
        for n in range(count)
    ]
    for start in range(0, count, 5000):
        with place.store.write() as connection:
            schedule(connection, jobs[start:start + 5000], now=now, new_id=place.new_id, release=place.store.release())
    return [job.key for job in jobs]


def compare(place: Workplace, folder: Path, keys: Iterable[str], seconds: float) -> Found:
    counts = noted(place.store) + Counter(effects(folder / "sink"))
    return Found(
        missed=[key for key in keys if not counts[key]], doubled=[key for key, count in counts.items() if count > 1],
        repeats=sum(doubtful for _, doubtful in posted(folder / "sink")), seconds=seconds)


class Workers:
    """Worker processes that are replaced when they are killed. Forked: a new interpreter for each takes longer than what is tried."""

    def __init__(self, url: str, folder: Path, count: int, fault: str = "none", lease: float = 60.0) -> None:
        self._begin = lambda: work(url, folder, uuid4().hex, fault, lease)
        self.running = [self._start() for _ in range(count)]

    def _start(self) -> int:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                self._begin()
                code = 0
            finally:
                os._exit(code)
        return child

    def kill(self, place: int) -> None:
        """`kill -9`, and another in its place."""
        os.kill(self.running[place], signal.SIGKILL)
        os.waitpid(self.running[place], 0)
        self.running[place] = self._start()

    def end(self) -> None:
        """SIGTERM; they end after the jobs they are at."""
        for one in self.running:
            os.kill(one, signal.SIGTERM)
        for one in self.running:
            os.waitpid(one, 0)


def left(place: Workplace) -> int:
    """How many jobs are still to be done."""
    open_ = system.job.c.state.in_([State.WAITING.value, State.SENDING.value])
    with place.store.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(system.job).where(open_)).scalar_one()


def storm(
    url: str, folder: Path, *, count: int, spread: float, trouble: float, seed: int, workers: int = 3, patience: float = 600,
    fault: str = "none", between: tuple[float, float] = (0.3, 1.5), share_sent: float = 0.1,
) -> Found:
    """Jobs over `spread` seconds; for `trouble` seconds workers are killed and the clock jumps by a day; then quiet until all is done."""
    chance = random.Random(seed)
    (folder / "offset").write_text("0")
    place = workplace(url, folder)
    keys = scatter(place, count, spread, chance, share_sent=share_sent)
    began = time.monotonic()
    crew = Workers(url, folder, workers, fault, SHORT_LEASE)
    kills = jumps = 0
    try:
        while time.monotonic() < began + trouble:
            time.sleep(chance.uniform(*between))
            if chance.random() < 0.7:
                crew.kill(chance.randrange(workers))
                kills += 1
            else:
                (folder / "offset").write_text(str(chance.choice((-DAY, 0.0, DAY))))
                jumps += 1
        (folder / "offset").write_text("0")
        while time.monotonic() < began + patience:
            time.sleep(0.1)
            with contextlib.suppress(StoreError):
                if not left(place):
                    break
        found = compare(place, folder, keys, time.monotonic() - began)
        found.kills, found.jumps = kills, jumps
        return found
    finally:
        crew.end()
        place.store.close()


def drain(url: str, folder: Path, *, count: int, workers: int, share_sent: float) -> Found:
    """That many jobs are due at once; how long until all are done."""
    (folder / "offset").write_text("0")
    place = workplace(url, folder)
    keys = scatter(place, count, 0.0, random.Random(1), share_sent=share_sent)
    began = time.monotonic()
    crew = Workers(url, folder, workers)
    try:
        while left(place) and time.monotonic() < began + 300:
            time.sleep(0.2)
        return compare(place, folder, keys, time.monotonic() - began)
    finally:
        crew.end()
        place.store.close()

