"""Works off what stands in `cw_recompute`, in slices of one transaction each, so that other writers get their turn in between."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from runtime.identity.generation import bump
from runtime.identity.loading import objects_of_actors
from runtime.records.upkeep.jobs import resolve
from runtime.records.upkeep.keeping import FAN_OUT, Upkeep
from runtime.records.upkeep.statements import dependencies_of, reached
from runtime.store import system
from runtime.store.compiled import Release
from runtime.store.database import Store
from runtime.store.errors import FenceMoved, NoRelease, StoreBusy, StoreError

__all__ = ["Worker", "everything", "waiting"]

SLICE = FAN_OUT
LEASE = timedelta(seconds=30)
"""So long a job is nobody else's after each slice; after a crash another process takes it up where it was."""
LOOK_SECONDS = 5.0
PAUSE_SECONDS = 0.2
"""Before a slice that met a busy database is tried again."""

_job = system.recompute


def waiting(connection: Connection) -> dict[str, int]:
    """How many jobs wait, by the id of the formula's field."""
    counts = select(_job.c.field, func.count()).group_by(_job.c.field).order_by(_job.c.field)
    return {str(field): int(count) for field, count in connection.execute(counts)}


def everything(store: Store, new_id: Callable[[], str]) -> int:
    """Make a job of each stored formula, over all rows; how many there are."""
    release = store.release()
    objects = release.model.objects
    rows: list[dict[str, Any]] = [
        {"id": new_id(), "object": objects[f.object].id, "field": objects[f.object].fields[f.field].id, "hops": [], "causes": [],
         "done_to": "", "at": store.clock(), "holder": None, "held_until": None}
        for f in dependencies_of(release).order
    ]
    if rows:
        with store.write() as connection:
            connection.execute(insert(_job), rows)
    return len(rows)


class Worker:
    """Takes jobs by compare-and-set, so that any number of processes may work at once. `name` is this one's, unique."""

    def __init__(self, store: Store, new_id: Callable[[], str], name: str) -> None:
        self._store = store
        self._new_id = new_id
        self._name = name
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Work in a thread of this process, at once and whenever it is woken, with a look every few seconds."""
        self._thread = threading.Thread(target=self._serve, name="carework-formulas", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something was recorded."""
        self._wake.set()

    def stop(self) -> None:
        """End the thread after its slice."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join()

    def _serve(self) -> None:
        while not self._stopping:
            with contextlib.suppress(StoreError):  # a database that is away or busy for a while comes back
                self.run()
            self._wake.wait(LOOK_SECONDS)
            self._wake.clear()

    def run(self) -> int:
        """Work until no job is free; how many rows were computed. Raises the errors of the store."""
        done = 0
        while not self._stopping and (job := self._take()) is not None:
            while not self._stopping and (count := self._slice(job)) is not None:
                done += count
        return done

    def _take(self) -> str | None:
        """A free job, now held by this worker."""
        now = self._store.clock()
        free = or_(_job.c.held_until.is_(None), _job.c.held_until < now)
        with self._store.read() as connection:
            found = connection.execute(select(_job.c.id).where(free).order_by(_job.c.id).limit(20)).scalars().all()
        for id in found:
            hold = update(_job).where(_job.c.id == id, free).values(holder=self._name, held_until=now + LEASE)
            with self._store.write() as connection:
                if connection.execute(hold).rowcount:
                    return str(id)
        return None

    def _slice(self, id: str) -> int | None:
        """Compute the next rows of a job; None when it is done, or not this worker's any more."""
        try:
            release = self._store.release()
        except NoRelease:
            return None
        try:
            with self._store.write() as connection:
                self._store.fence(connection, release)
                mine = (_job.c.id == id, _job.c.holder == self._name)
                held = update(_job).where(*mine).values(held_until=self._store.clock() + LEASE)
                if not connection.execute(held).rowcount:
                    return None
                job = connection.execute(select(_job).where(*mine)).one()
                ids = self._compute(connection, release, job)
                if len(ids) < SLICE:
                    connection.execute(delete(_job).where(*mine))
                else:
                    connection.execute(update(_job).where(*mine).values(done_to=ids[-1]))
                return len(ids)
        except FenceMoved:
            return 0  # under the new release the same job means what that says
        except StoreBusy:
            self._wake.wait(PAUSE_SECONDS)
            return 0

    def _compute(self, connection: Connection, release: Release, job: Any) -> list[str]:
        formula, hops = resolve(release.model, job)
        if formula is None:
            return []
        ids = reached(connection, release, formula.object, hops or (), job.causes, job.done_to, SLICE)
        upkeep = Upkeep(connection, release, self._store.clock(), self._new_id)
        upkeep.compute({formula: dict.fromkeys(ids)})
        if upkeep.rewritten & objects_of_actors(release):
            bump(connection)
        return ids
