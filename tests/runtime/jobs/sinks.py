"""Kinds of jobs that write down what they did: in a table, and in a file that stands for the far side."""

from __future__ import annotations

import datetime
import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from runtime.audit.keys import Keys
from runtime.jobs import claiming, marking
from runtime.jobs.job import Job, NewJob
from runtime.jobs.kinds import Inside, Kind, Outside, Sending, Sent, Workplace
from runtime.jobs.queue import schedule
from runtime.jobs.runner import Runner
from runtime.records.service import Records
from runtime.settings import Settings
from runtime.store import system
from runtime.store.compiled import Release
from runtime.store.database import Store

Clock = Callable[[], datetime.datetime]
note = sa.Table("test_note", sa.MetaData(), sa.Column("place", sa.Integer, primary_key=True), sa.Column("key", sa.Text, nullable=False))


class Notes(Inside):
    """Writes the job's key into `test_note`, as often as it runs; `instead` may answer or raise in its place."""

    name = "note"

    def __init__(self, instead: Callable[[Job], Any] | None = None) -> None:
        self._instead = instead

    def run(self, connection: sa.Connection, job: Job, release: Release, now: datetime.datetime) -> Any:
        connection.execute(note.insert().values(key=job.key))
        return self._instead(job) if self._instead else None


class Posts(Outside):
    """Appends a line `key doubtful` to a file, in one write that other processes cannot tear."""

    name = "post"

    def __init__(self, file: Path, instead: Callable[[str], Any] | None = None) -> None:
        self._file = file
        self._instead = instead
        self.recorded: list[tuple[str, str]] = []

    def prepare(self, connection: sa.Connection, job: Job, release: Release, now: datetime.datetime) -> Any:
        return Sending(job.key)

    def send(self, sending: Sending, *, key: str, doubtful: bool) -> Any:
        if self._instead and (answer := self._instead(key)) is not None:
            return answer
        descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, f"{sending.content} {int(doubtful)}\n".encode())
        finally:
            os.close(descriptor)
        return Sent()

    def record(self, connection: sa.Connection, job: Job, result: Any, now: datetime.datetime) -> None:
        self.recorded.append((job.key, type(result).__name__))


def posted(file: Path) -> list[tuple[str, bool]]:
    """What arrived, in order: the key, and whether it was said to be in doubt."""
    lines = file.read_text().splitlines() if file.exists() else []
    return [(line.split()[0], line.split()[1] == "1") for line in lines]


def effects(file: Path) -> list[str]:
    """The keys of what arrived, without the repeats that were said to be in doubt: what a far side that honours keys has done."""
    arrived: list[str] = []
    for key, doubtful in posted(file):
        if key not in arrived or not doubtful:
            arrived.append(key)
    return arrived


def noted(store: Store) -> Counter[str]:
    """How often each key was written down."""
    with store.read() as connection:
        return Counter(connection.execute(sa.select(note.c.key).order_by(note.c.place)).scalars())


def workplace_of(store: Store, clock: Clock, new_id: Callable[[], str]) -> Workplace:
    keys = Keys(bytes(32))
    return Workplace(
        store=store, records=Records(store, clock, new_id, keys=keys), keys=keys, clock=clock, new_id=new_id, settings=Settings())


def runner_of(workplace: Workplace, *kinds: Kind, name: str = "one", **more: Any) -> Runner:
    return Runner(workplace, name, kinds={kind.name: kind for kind in kinds}, chance=lambda: 0.5, **more)


def without_compare_and_set() -> None:
    """Plant the fault: whoever has looked at a job takes it, and may mark it whoever holds it."""
    holder = sa.bindparam("b_holder")
    claiming.free = lambda now=None, far=None, job=None: sa.true()  # type: ignore[assignment]
    marking._mine = lambda: (sa.or_(system.job.c.holder == holder, system.job.c.holder != holder, system.job.c.holder.is_(None)),)
    forget_statements()


def done_before_the_effect() -> None:
    """Plant the fault: the mark that a job is being sent says that it is done."""
    marking._sending = lambda: marking._several().values(  # type: ignore[assignment]
        held_until=sa.bindparam("b_until"), state=sa.func.replace(sa.bindparam("b_state"), "sending", "done"))


def forget_statements() -> None:
    """Build the statements anew, with what was planted or taken away."""
    for module in (claiming, marking):
        for found in vars(module).values():
            if hasattr(found, "cache_clear"):
                found.cache_clear()


def plan(workplace: Workplace, jobs: Iterable[NewJob]) -> None:
    """Schedule jobs in a transaction of their own."""
    with workplace.store.write() as connection:
        schedule(connection, list(jobs), now=workplace.clock(), new_id=workplace.new_id, release=workplace.store.release())


def rows(store: Store, **where: Any) -> list[Any]:
    """Rows of `cw_job` in the order of their keys."""
    condition = [system.job.c[name] == value for name, value in where.items()]
    with store.read() as connection:
        return list(connection.execute(sa.select(system.job).where(*condition).order_by(system.job.c.key)).all())
