"""The releases a database holds, the live one this process works with, and the fence around it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from engine.targets.layout import Layout
from runtime.records.prepared import PreparedRows
from runtime.store import system
from runtime.store.compiled import Release, compile_release
from runtime.store.engines import Database
from runtime.store.errors import FenceMoved, NoRelease, StoreError

__all__ = ["Fence", "Release", "Releases"]

CHECK_SECONDS = 0.5
"""How often a process asks whether the live release is still the one it holds."""
KEPT = 3
"""How many compiled releases stay in memory: the live one, a candidate and the one before."""

_live = system.live_release
_POINTER = sa.select(_live.c.hash, _live.c.generation).where(_live.c.id == 1)


class Fence:
    """Reads the live hash inside a write so that no publish can flip it before the commit.

    On SQLite the write transaction is the lock; on PostgreSQL the row is read `FOR SHARE`, which makes a flip wait.
    """

    def __init__(self, dialect: str) -> None:
        statement = sa.select(_live.c.hash).where(_live.c.id == 1)
        self._statement = PreparedRows(statement if dialect == "sqlite" else statement.with_for_update(read=True))

    def hold(self, connection: sa.Connection, hash_: str) -> None:
        """Raises FenceMoved when another release is live."""
        found = self._statement.one_or_none(connection, {})
        live = found.hash if found else None
        if live != hash_:
            raise FenceMoved(live or "")


class Releases:
    """What this process knows of the releases. Safe to share between threads."""

    def __init__(self, database: Database, fence: Fence, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._fence = fence
        self.clock = clock
        self._loading = threading.Lock()
        self._kept: OrderedDict[str, Release] = OrderedDict()
        self._live: Release | None = None
        self._generation = -1
        self._next_check = 0.0
        self._moved = False

    def current(self) -> Release:
        """The live release. Asks the database at most every half second; while one thread loads a new release, others go on
        with the old one, unless a fence has told that it moved."""
        live = self._live
        if live is not None and not self._moved and time.monotonic() < self._next_check:
            return live
        return self.refresh()

    def refresh(self) -> Release:
        """Look at the database now. Raises NoRelease."""
        found = self.poll()
        if found is None:
            raise NoRelease("nothing has been published here yet; run `carework publish PATH`")
        return found

    def poll(self) -> Release | None:
        """Look at the database now; None before the first publish."""
        wait = self._live is None or self._moved
        if not self._loading.acquire(blocking=wait):
            return self._live
        try:
            self._swap()
        finally:
            self._loading.release()
        return self._live

    def hold(self, connection: sa.Connection, release: Release) -> None:
        """The fence; when it has moved, the next `current` looks at once."""
        try:
            self._fence.hold(connection, release.hash)
        except FenceMoved:
            self._moved = True
            raise

    def load(self, hash_: str) -> Release:
        """A release of this database, compiled and kept. Raises StoreError when there is no such release."""
        with self._loading:
            return self._load(hash_)

    def has(self, hash_: str) -> bool:
        """Whether a release is compiled and kept here."""
        return hash_ in self._kept

    def adopt(self, release: Release) -> None:
        """Keep a release that this process has just published, and look for the live one at once."""
        with self._loading:
            self._keep(release)
        self._moved = True

    def close(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._live = None

    def _swap(self) -> None:
        with self._database.read() as connection:
            hash_, generation = connection.execute(_POINTER).one()
        if hash_ is not None and generation != self._generation:
            self._live = self._load(hash_)
        self._generation = generation
        self._moved = False
        self._next_check = time.monotonic() + CHECK_SECONDS

    def _load(self, hash_: str) -> Release:
        files, layout = self.stored(hash_)
        kept = self._kept.get(hash_)
        if kept is not None and kept.layout.names == layout.names:
            self._kept.move_to_end(hash_)
            return kept
        release = compile_release(hash_, files, layout)
        self._keep(release)
        return release

    def _keep(self, release: Release) -> None:
        self._kept[release.hash] = release
        self._kept.move_to_end(release.hash)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def stored(self, hash_: str) -> tuple[dict[str, bytes], Layout]:
        """The exact bytes of a release by path, and its layout. Raises StoreError when there is no such release."""
        stored, file = system.release, system.release_file
        with self._database.read() as connection:
            layout = connection.scalar(sa.select(stored.c.layout).where(stored.c.hash == hash_))
            rows = connection.execute(sa.select(file.c.path, file.c.bytes).where(file.c.release == hash_)).all()
        if layout is None:
            raise StoreError(f"this database holds no release {hash_[:12]}")
        return {row.path: bytes(row.bytes) for row in rows}, Layout(layout)
