"""SQLite: WAL, `synchronous=FULL`, explicit transactions with DDL inside, writers in a queue, files private."""

from __future__ import annotations

import contextlib
import math
import os
import sqlite3
import time
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import URL

from runtime.store.engines import Database, unavailable
from runtime.store.errors import StoreBusy, StoreError, TooSlow, WrongDatabase
from runtime.store.queue import WriterQueue

__all__ = ["SqliteDatabase", "synchronous_level"]

OLDEST = (3, 35, 0)
BUSY_MILLISECONDS = 5000
LOOK_EVERY = 100_000
"""Instructions of SQLite's machine between two looks at the clock: some milliseconds."""
# What every connection is told, how it is asked whether it took it, and the answer that is needed.
_PRAGMAS = (
    ("PRAGMA busy_timeout=5000", "PRAGMA busy_timeout", BUSY_MILLISECONDS),
    ("PRAGMA foreign_keys=ON", "PRAGMA foreign_keys", 1),
    ("PRAGMA secure_delete=ON", "PRAGMA secure_delete", 1),
    ("PRAGMA cell_size_check=ON", "PRAGMA cell_size_check", 1),
    ("PRAGMA cache_size=-8000", "PRAGMA cache_size", -8000),
)
_SYNCHRONOUS = {
    "FULL": ("PRAGMA synchronous=FULL", "PRAGMA synchronous", 2),
    "NORMAL": ("PRAGMA synchronous=NORMAL", "PRAGMA synchronous", 1),
}
_QUERY_ONLY = ("PRAGMA query_only=ON", "PRAGMA query_only", 1)
_BUSY_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_BROKEN_CODES = {
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_NOTADB,
}
Register = Callable[[sqlite3.Connection], None]


def synchronous_level(environment: Mapping[str, str]) -> str:
    """FULL; a test of the power-cut proof itself may force NORMAL, which loses acknowledged writes.

    Raises WrongDatabase when something else asks for it.
    """
    asked = environment.get("CAREWORK_SQLITE_SYNCHRONOUS", "FULL").upper()
    if asked == "FULL":
        return asked
    if asked == "NORMAL" and environment.get("CAREWORK_TESTING") == "1":
        return asked
    raise WrongDatabase("CAREWORK_SQLITE_SYNCHRONOUS is for the project's own tests; remove it: anything but FULL loses writes")


class SqliteDatabase(Database):
    """One SQLite file. `register` adds the functions that compiled expressions call."""

    dialect = "sqlite"

    def __init__(self, path: Path, *, synchronous: str, register: Register, pool_size: int, wait: float) -> None:
        if sqlite3.sqlite_version_info < OLDEST:
            raise WrongDatabase(f"SQLite {sqlite3.sqlite_version} is too old; Carework needs {'.'.join(map(str, OLDEST))}")
        self.path = path
        self._wait = wait
        _create_private(path)
        self._queue = WriterQueue(path.with_name(path.name + ".lock"))
        url = URL.create("sqlite+pysqlite", database=str(path))
        setup = _Setup(synchronous, register, lambda: self.longest_read)
        super().__init__(
            setup.engine(url, "BEGIN", query_only=True, size=pool_size),
            setup.engine(url, "BEGIN IMMEDIATE", query_only=False, size=1),
        )
        self._use_wal()

    def _turn(self, wait: float | None) -> contextlib.AbstractContextManager[None]:
        return self._queue.turn(self._wait if wait is None else wait)

    def _use_wal(self) -> None:
        with self._turn(None):
            try:
                with contextlib.closing(self.writes.raw_connection()) as connection:
                    (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
            except sqlite3.DatabaseError as error:  # past SQLAlchemy, so not translated yet
                if error.sqlite_errorcode & 0xFF in _BUSY_CODES:
                    raise StoreBusy("another program keeps the database file locked; nothing was written, try again") from error
                raise WrongDatabase(f"{self.path} cannot be used: {error}") from error
            except exc.DBAPIError as error:
                self.raise_ours(error)
                raise
        if mode != "wal":
            raise WrongDatabase(f"{self.path} cannot use write-ahead logging (it is in mode {mode}); put it on a local disk")

    def translate(self, error: exc.DBAPIError) -> StoreError | None:
        """See Database. Codes: https://sqlite.org/rescode.html"""
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        if code in _BUSY_CODES:
            return StoreBusy("another program keeps the database file locked; nothing was written, try again")
        if code == sqlite3.SQLITE_INTERRUPT:
            return TooSlow("the statement took too long and was stopped; ask for less")
        if code in _BROKEN_CODES:
            return unavailable(error)
        return None

    def close(self) -> None:
        """See Database."""
        super().close()
        self._queue.close()


class _Timed(sqlite3.Connection):
    """A connection whose statements are stopped when they take too long: SQLite has no limit of its own."""

    _longest: Callable[[], float] | None = None
    _end = math.inf

    def limit(self, longest: Callable[[], float]) -> None:
        """From now on; `longest` gives seconds."""
        self._longest = longest
        mine = weakref.ref(self)  # the handler belongs to the connection, and would keep it for ever

        def late() -> bool:
            connection = mine()
            return connection is not None and time.monotonic() > connection._end

        self.set_progress_handler(late, LOOK_EVERY)

    def cursor(self, *args: Any, **more: Any) -> sqlite3.Cursor:  # type: ignore[override]
        """Every statement has a cursor of its own."""
        if self._longest is not None:
            self._end = time.monotonic() + self._longest()
        found: sqlite3.Cursor = super().cursor(*args, **more)
        return found


class _Setup:
    """Prepares every connection the same way and makes sure that the file's promises hold on it."""

    def __init__(self, synchronous: str, register: Register, longest_read: Callable[[], float]) -> None:
        self._synchronous = synchronous
        self._register = register
        self._longest_read = longest_read

    def engine(self, url: URL, begin: str, *, query_only: bool, size: int) -> sa.Engine:
        engine = sa.create_engine(
            url, pool_size=size, max_overflow=size * 3 if query_only else 2, pool_timeout=10, hide_parameters=True,
            connect_args={"isolation_level": None, "timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False,
                          "cached_statements": 512, "factory": _Timed},
        )

        @event.listens_for(engine, "connect")
        def prepare(connection: _Timed, record: object) -> None:
            self._prepare(connection, query_only)
            if query_only:
                connection.limit(self._longest_read)

        @event.listens_for(engine, "begin")
        def start(connection: sa.Connection) -> None:
            driver: Any = connection.connection.dbapi_connection
            try:  # straight to the driver: every request begins a read and a write of its own
                driver.execute(begin)
            except sqlite3.Error as error:
                raise exc.DBAPIError.instance(begin, (), error, sqlite3.Error, dialect=connection.dialect) from error

        return engine

    def _prepare(self, connection: sqlite3.Connection, query_only: bool) -> None:
        statements = [*_PRAGMAS, _SYNCHRONOUS[self._synchronous], *([_QUERY_ONLY] if query_only else [])]
        for change, question, value in statements:
            connection.execute(change)
            (held,) = connection.execute(question).fetchone()
            if held != value:
                raise WrongDatabase(f"SQLite did not take {change}; it keeps {held}")
        self._register(connection)


def _create_private(path: Path) -> None:
    """Make the file, readable by its owner alone; SQLite gives its companions the same mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise WrongDatabase(f"the database file {path} cannot be made: {error.strerror}") from error
