"""The store: the main database, the audit store, and the live release that reads and writes are pinned to."""

from __future__ import annotations

import contextlib
import contextvars
import os
import weakref
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from runtime.store.engines import Database
from runtime.store.errors import WrongDatabase
from runtime.store.functions import register
from runtime.store.migrations import AUDIT, MAIN
from runtime.store.postgresql import PostgresDatabase
from runtime.store.processes import Watch
from runtime.store.releases import Fence, Release, Releases
from runtime.store.sqlite import SqliteDatabase, synchronous_level

__all__ = ["Store"]

WAIT_SECONDS = 15.0
"""How long a writer stands in line before it is told to try again."""
SERVED_SECONDS = 10.0
"""How long a statement that reads may take in a process that serves people; PostgreSQL has its own limit for every process."""


class Store:
    """Everything Carework keeps. Open it once per process, after forking.

    `main` and `audit` are the two databases; on PostgreSQL they are one.
    """

    def __init__(self, main: Database, audit: Database, clock: Callable[[], datetime]) -> None:
        self.main = main
        self.audit = audit
        self.clock = clock
        self.dialect = main.dialect
        self._fence = Fence(main.dialect)
        self._releases = Releases(main, self._fence, clock)
        self._watch: Watch | None = None
        self._shared: contextvars.ContextVar[sa.Connection | None] = contextvars.ContextVar("store.shared", default=None)
        _forget_after_fork(self)

    @classmethod
    def open(
        cls, url: str, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), pool_size: int = 5,
        wait: float = WAIT_SECONDS, environment: Mapping[str, str] = os.environ,
    ) -> Store:
        """Open the database at a SQLAlchemy address and bring its system tables up to date.

        Raises WrongDatabase, SchemaTooNew, StoreUnavailable.
        """
        main, audit = _databases(_parsed(url), pool_size, wait, synchronous_level(environment))
        try:
            MAIN.upgrade(main, clock)
            AUDIT.upgrade(audit, clock)
        except BaseException:
            main.close()
            audit.close()
            raise
        return cls(main, audit, clock)

    def read(self) -> contextlib.AbstractContextManager[sa.Connection]:
        """A read-only transaction on one snapshot; takes no turn in the writer queue."""
        shared = self._shared.get()
        return self.main.read() if shared is None else self.main.joined(shared)

    def glance(self) -> contextlib.AbstractContextManager[sa.Connection]:
        """A read of single statements, each of its own moment: the cheapest look."""
        shared = self._shared.get()
        return self.main.glance() if shared is None else self.main.joined(shared)

    def together(self) -> contextlib.AbstractContextManager[sa.Connection]:
        """Within the block every `read` of this thread is part of one transaction, so a page is of one moment. Write outside."""
        return _Together(self.read(), self._shared)

    def write(self, *, wait: float | None = None) -> contextlib.AbstractContextManager[sa.Connection]:
        """A transaction that commits at the end of the block. Raises StoreBusy when its turn does not come in time."""
        return self.main.write(wait=wait)

    def release(self) -> Release:
        """The live release, which the caller keeps for the whole of its work. Raises NoRelease before the first publish."""
        return self._releases.current()

    @property
    def releases(self) -> Releases:
        """The releases of this database and what this process has prepared of them."""
        return self._releases

    def fence(self, connection: sa.Connection, release: Release) -> None:
        """In a write: make sure that `release` is live and stays so until the commit. Raises FenceMoved."""
        self._releases.hold(connection, release)

    def watch(self) -> None:
        """For a process that serves: prepare what others are about to publish, swap after a flip, and tell by a heartbeat."""
        self.limit_reads()
        if self._watch is None:
            self._watch = Watch(self)
            self._watch.start()

    def limit_reads(self) -> None:
        """For a process that serves: a statement that reads for too long raises TooSlow. Commands may take their time."""
        self.main.longest_read = SERVED_SECONDS

    def close(self) -> None:
        """Stop watching and close every connection."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        self._releases.close()
        self.main.close()
        self.audit.close()


class _Together(contextlib.AbstractContextManager[sa.Connection]):
    """A read that others join. A class and not a generator: every request that reads is in one."""

    __slots__ = ("_read", "_shared", "_token")

    def __init__(
        self, read: contextlib.AbstractContextManager[sa.Connection], shared: contextvars.ContextVar[sa.Connection | None],
    ) -> None:
        self._read = read
        self._shared = shared

    def __enter__(self) -> sa.Connection:
        connection = self._read.__enter__()
        self._token = self._shared.set(connection)
        return connection

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._shared.reset(self._token)
        self._read.__exit__(kind, error, trace)


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        raise WrongDatabase("that is no database address; write sqlite:///FILE or postgresql://USER@HOST/NAME") from error


def _databases(url: URL, pool_size: int, wait: float, synchronous: str) -> tuple[Database, Database]:
    kind = url.get_backend_name()
    if kind == "sqlite":
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise WrongDatabase("Carework needs a database file; write sqlite:///FILE")
        path = Path(url.database).absolute()
        main, audit = (
            SqliteDatabase(file, synchronous=synchronous, register=register, pool_size=pool_size, wait=wait)
            for file in (path, audit_path(path))
        )
        return main, audit
    if kind == "postgresql":
        database = PostgresDatabase(url, pool_size=pool_size)
        return database, database
    raise WrongDatabase(f"Carework does not run on {kind}; use sqlite:///FILE or postgresql://USER@HOST/NAME")


def audit_path(path: Path) -> Path:
    """The file of the audit store that belongs to a SQLite database, e.g. `carework.audit.sqlite3`."""
    return path.with_name(f"{path.stem}.audit{path.suffix or '.sqlite3'}")


def _forget_after_fork(store: Store) -> None:
    """A forked child must not use its parent's connections."""
    if not hasattr(os, "register_at_fork"):
        return
    reference = weakref.ref(store)

    def in_child() -> None:
        mine = reference()
        if mine is not None:
            mine.main.forget_connections()
            mine.audit.forget_connections()

    os.register_at_fork(after_in_child=in_child)
