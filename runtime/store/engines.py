"""What the two kinds of database have in common: a pair of engines, one to read and one to write, and errors made ours."""

from __future__ import annotations

import abc
import contextlib
import math
from collections.abc import Iterator
from types import TracebackType

import sqlalchemy as sa
from sqlalchemy import exc

from runtime.store.errors import StoreBusy, StoreError, StoreUnavailable

__all__ = ["Database", "unavailable"]

_FOREIGN = (exc.TimeoutError, exc.DBAPIError)


class Database(abc.ABC):
    """One database with its two pools. Raises StoreBusy and StoreUnavailable for what is worth trying again."""

    dialect: str
    """`sqlite` or `postgresql`."""
    longest_read: float = math.inf
    """Seconds that one statement may take that reads, where the database has no limit of its own."""

    def __init__(self, reads: sa.Engine, writes: sa.Engine) -> None:
        self.reads = reads
        self.glances = reads
        self.writes = writes

    def read(self) -> contextlib.AbstractContextManager[sa.Connection]:
        """A read-only transaction on one snapshot."""
        return _Look(self, self.reads, begins=True)

    def glance(self) -> contextlib.AbstractContextManager[sa.Connection]:
        """Reads that need no common snapshot: each prepared statement is a transaction of its own, without a BEGIN before it."""
        return _Look(self, self.glances, begins=False)

    def joined(self, connection: sa.Connection) -> contextlib.AbstractContextManager[sa.Connection]:
        """A part of a read that is under way; errors are made ours here too."""
        return _Joined(self, connection)

    @contextlib.contextmanager
    def write(self, *, wait: float | None = None) -> Iterator[sa.Connection]:
        """A transaction that commits at the end of the block; `wait` limits the seconds spent waiting for the turn."""
        try:
            with self._turn(wait), self.writes.connect() as connection, connection.begin():
                yield connection
        except _FOREIGN as error:
            self.raise_ours(error)
            raise

    def raise_ours(self, error: BaseException | None) -> None:
        """Raise the store's error for one of SQLAlchemy's; return where it has none, and for errors of others."""
        if isinstance(error, exc.TimeoutError):
            raise StoreBusy("all connections to the database are in use; try again") from error
        if isinstance(error, exc.DBAPIError):
            ours = self.translate(error)
            if ours is not None:
                raise ours from error

    def _turn(self, wait: float | None) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    @abc.abstractmethod
    def translate(self, error: exc.DBAPIError) -> StoreError | None:
        """The error in the store's terms; None for errors that are the statement's own fault."""

    def forget_connections(self) -> None:
        """Drop connections without closing them: for a child process, whose parent goes on using them."""
        self.reads.dispose(close=False)
        self.writes.dispose(close=False)

    def close(self) -> None:
        """Close all connections."""
        self.reads.dispose()
        self.writes.dispose()


class _Joined(contextlib.AbstractContextManager[sa.Connection]):
    """A part of a read. A class and not a generator, like `_Look`: each request enters several, and this takes half the time."""

    __slots__ = ("_connection", "_database")

    def __init__(self, database: Database, connection: sa.Connection) -> None:
        self._database = database
        self._connection = connection

    def __enter__(self) -> sa.Connection:
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            self._database.raise_ours(error)


class _Look(contextlib.AbstractContextManager[sa.Connection]):
    """A connection to read through, in a transaction of its own with `begins`."""

    __slots__ = ("_begins", "_connection", "_database", "_engine")

    def __init__(self, database: Database, engine: sa.Engine, *, begins: bool) -> None:
        self._database = database
        self._engine = engine
        self._begins = begins

    def __enter__(self) -> sa.Connection:
        try:
            self._connection = connection = self._engine.connect()
            if self._begins:
                try:
                    connection.begin()
                except BaseException:
                    connection.close()
                    raise
        except _FOREIGN as error:
            self._database.raise_ours(error)
            raise
        return connection

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._connection.close()  # which ends the transaction: there is nothing to commit
        except _FOREIGN as closing:
            self._database.raise_ours(error or closing)
            raise
        if error is not None:
            self._database.raise_ours(error)


def unavailable(error: exc.DBAPIError) -> StoreUnavailable:
    """The error for a database that does not answer or cannot write."""
    return StoreUnavailable(f"the database cannot be used now: {error.orig}")
