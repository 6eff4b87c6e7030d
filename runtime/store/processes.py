"""Processes that serve tell each other they are alive and what they have prepared; a publish waits for the fresh ones."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import sqlalchemy as sa

from runtime.store import system
from runtime.store.errors import StoreError
from runtime.store.stored import announced

if TYPE_CHECKING:
    from runtime.store.database import Store

__all__ = ["FRESH_SECONDS", "Watch", "unprepared"]

FRESH_SECONDS = 5.0
"""A process whose heartbeat is older is taken for gone."""
BEAT_SECONDS = 2.0
LOOK_SECONDS = 0.4
FORGET = timedelta(hours=1)

_process = system.process


def unprepared(connection: sa.Connection, hash_: str, now: datetime) -> tuple[str, ...]:
    """Ids of the processes with a fresh heartbeat that have not prepared a release."""
    fresh = _process.c.seen_at > now - timedelta(seconds=FRESH_SECONDS)
    rows = connection.execute(sa.select(_process.c.id, _process.c.prepared).where(fresh))
    return tuple(row.id for row in rows if hash_ not in row.prepared)


class Watch:
    """A thread of a process that serves: prepares what is announced, swaps after a flip, tells both by a heartbeat."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._id = uuid4().hex
        self._row: tuple[str | None, tuple[str, ...]] = (None, ())
        self._beat_at = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="carework-releases", daemon=True)

    def start(self) -> None:
        """Begin; the first heartbeat is written before this returns."""
        self._look()
        self._thread.start()

    def stop(self) -> None:
        """End the thread and take the process off the list."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        with contextlib.suppress(StoreError), self._store.write(wait=2) as connection:
            connection.execute(_process.delete().where(_process.c.id == self._id))

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            with contextlib.suppress(StoreError):  # a database that is away for a while comes back
                self._look()

    def _look(self) -> None:
        releases = self._store.releases
        with self._store.read() as connection:
            wanted = announced(connection, self._store.clock())
        for hash_ in wanted:
            with contextlib.suppress(StoreError):  # withdrawn in between, or not for this program
                releases.load(hash_)
        live = releases.poll()
        row = (live.hash if live else None, tuple(hash_ for hash_ in wanted if releases.has(hash_)))
        if row != self._row or time.monotonic() - self._beat_at > BEAT_SECONDS:
            self._beat(row)

    def _beat(self, row: tuple[str | None, tuple[str, ...]]) -> None:
        now = self._store.clock()
        values = {"seen_at": now, "release": row[0], "prepared": list(row[1])}
        with self._store.write() as connection:
            if not connection.execute(_process.update().where(_process.c.id == self._id).values(values)).rowcount:
                connection.execute(_process.insert().values(
                    id=self._id, host=socket.gethostname(), pid=os.getpid(), started_at=now, **values))
                connection.execute(_process.delete().where(_process.c.seen_at < now - FORGET))
        self._row, self._beat_at = row, time.monotonic()


def wait_until_prepared(store: Store, hash_: str, seconds: float) -> tuple[str, ...]:
    """Wait for the fresh processes to prepare a release; returns the ids of those that did not in time."""
    for _ in _until(seconds):
        with store.read() as connection:
            late = unprepared(connection, hash_, store.clock())
        if not late:
            return ()
    return late


def _until(seconds: float) -> Iterator[None]:
    give_up = time.monotonic() + seconds
    yield
    while time.monotonic() < give_up:
        time.sleep(0.1)
        yield
