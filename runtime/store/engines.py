"""What the two kinds of database have in common: a pair of engines, one to read and one to write, and errors made ours."""

from __future__ import annotations

import abc
import contextlib
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import exc

from runtime.store.errors import StoreBusy, StoreError, StoreUnavailable

__all__ = ["Database", "unavailable"]


class Database(abc.ABC):
    """One database with its two pools. Raises StoreBusy and StoreUnavailable for what is worth trying again."""

    dialect: str
    """`sqlite` or `postgresql`."""

    def __init__(self, reads: sa.Engine, writes: sa.Engine) -> None:
        self.reads = reads
        self.glances = reads
        self.writes = writes

    @contextlib.contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A read-only transaction on one snapshot."""
        with self._own_errors(), self.reads.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def glance(self) -> Iterator[sa.Connection]:
        """Reads that need no common snapshot: each prepared statement is a transaction of its own, without a BEGIN before it."""
        with self._own_errors(), self.glances.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def joined(self, connection: sa.Connection) -> Iterator[sa.Connection]:
        """A part of a read that is under way; errors are made ours here too."""
        with self._own_errors():
            yield connection

    @contextlib.contextmanager
    def write(self, *, wait: float | None = None) -> Iterator[sa.Connection]:
        """A transaction that commits at the end of the block; `wait` limits the seconds spent waiting for the turn."""
        with self._own_errors(), self._turn(wait), self.writes.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def _own_errors(self) -> Iterator[None]:
        try:
            yield
        except exc.TimeoutError as error:
            raise StoreBusy("all connections to the database are in use; try again") from error
        except exc.DBAPIError as error:
            ours = self.translate(error)
            if ours is None:
                raise
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


def unavailable(error: exc.DBAPIError) -> StoreUnavailable:
    """The error for a database that does not answer or cannot write."""
    return StoreUnavailable(f"the database cannot be used now: {error.orig}")
