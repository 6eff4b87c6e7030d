"""Engines: SQLite with WAL, FULL and a queue of writers, PostgreSQL with psycopg; one to read and one to write."""

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import make_url

__all__ = ["Store"]

PRAGMAS = ("busy_timeout=5000", "foreign_keys=ON", "secure_delete=ON", "cell_size_check=ON", "cache_size=-8000", "synchronous=FULL")
OPTIONS = "-c TimeZone=UTC -c statement_timeout=30000 -c lock_timeout=10000 -c DateStyle=ISO -c client_encoding=UTF8"


class Store:
    """The main database and where views are audited: a file of its own on SQLite, the same database on PostgreSQL."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            path = Path(parsed.database or "")
            audit = path.with_name(f"{path.stem}.audit{path.suffix}")
            self.reads = _sqlite(path, "BEGIN")
            self._queue: contextlib.AbstractContextManager[None] = _Queue(path)
            self._audit_queue: contextlib.AbstractContextManager[None] = _Queue(audit)
            self.writes = _sqlite(path, "BEGIN IMMEDIATE")
            self.audit = _sqlite(audit, "BEGIN IMMEDIATE")
        else:
            parsed = parsed.set(drivername="postgresql+psycopg")
            self.reads = _postgres(parsed, "REPEATABLE READ")
            self.writes = self.audit = _postgres(parsed, "READ COMMITTED")
            self._queue = self._audit_queue = contextlib.nullcontext()

    def read(self) -> contextlib.AbstractContextManager[sa.Connection]:
        """A snapshot."""
        return self.reads.connect()

    @contextlib.contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that commits at the end of the block."""
        with self._queue, self.writes.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def write_audit(self) -> Iterator[sa.Connection]:
        """The same in the audit store."""
        with self._audit_queue, self.audit.begin() as connection:
            yield connection


class _Queue:
    """Writers of this process line up at a lock, processes at a locked file: SQLite's own waiting sleeps."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".twin.lock")
        self._threads = threading.Lock()
        self._descriptor, self._pid = -1, 0

    def __enter__(self) -> None:
        self._threads.acquire()
        if self._pid != os.getpid():  # a forked worker must not share its parent's lock
            self._descriptor, self._pid = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), os.getpid()
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def __exit__(self, *error: object) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        self._threads.release()


def _sqlite(path: Path, begin: str) -> sa.Engine:
    engine = sa.create_engine(
        f"sqlite:///{path}", pool_size=5, connect_args={"isolation_level": None, "check_same_thread": False, "cached_statements": 512},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgres(url: sa.URL, isolation: Any) -> sa.Engine:
    return sa.create_engine(url, pool_size=5, pool_use_lifo=True, isolation_level=isolation, connect_args={"options": OPTIONS})
