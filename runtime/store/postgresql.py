"""PostgreSQL through psycopg 3: UTC sessions, time limits, snapshot reads, pools that heal after a restart."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import URL

from runtime.store.engines import Database, unavailable
from runtime.store.errors import BadText, StoreBusy, StoreError, TooSlow, WrongDatabase

__all__ = ["PostgresDatabase"]

OLDEST = 140000
STATEMENT_MILLISECONDS = 30_000
LOCK_MILLISECONDS = 10_000
IDLE_SECONDS = 1.0
"""A connection that was idle for longer is asked whether it lives before it is used."""

# SQLSTATEs (PostgreSQL manual, appendix A): lock not available, query cancelled, deadlock, serialization failure,
# too many connections, shutdowns.
_BAD_TEXT_STATES = frozenset({"22021", "22P05"})
"""SQLSTATEs of characters that the encoding lacks (PostgreSQL manual, appendix A); NUL psycopg refuses itself, without a state."""
_CANCELLED = "57014"
_BUSY_STATES = {"55P03", "40P01", "40001", "53300", "25P03"}
_DOWN_STATES = {"57P01", "57P02", "57P03", "53100", "53200", "58030"}


class PostgresDatabase(Database):
    """One PostgreSQL database."""

    dialect = "postgresql"

    def __init__(self, url: URL, *, pool_size: int) -> None:
        url = url.set(drivername="postgresql+psycopg")
        super().__init__(_engine(url, pool_size, reads=True), _engine(url, pool_size, reads=False))
        self.glances = self.reads.execution_options(isolation_level="AUTOCOMMIT")
        with self.read() as connection:
            version = connection.scalar(sa.text("SELECT current_setting('server_version_num')::int")) or 0
            encoding = connection.scalar(sa.text("SHOW server_encoding"))
        if version < OLDEST:
            raise WrongDatabase(f"PostgreSQL {version // 10000} is too old; Carework needs {OLDEST // 10000} or newer")
        if encoding != "UTF8":
            raise WrongDatabase(f"the database's encoding is {encoding}; create it with ENCODING 'UTF8'")

    def translate(self, error: exc.DBAPIError) -> StoreError | None:
        """See Database."""
        state = getattr(error.orig, "sqlstate", None)
        if state == _CANCELLED:
            return TooSlow("the statement took too long and was stopped; ask for less")
        if state in _BUSY_STATES:
            return StoreBusy("the database was busy for too long; nothing was written, try again")
        if state in _BAD_TEXT_STATES or (state is None and isinstance(error, exc.DataError)):
            return BadText("a text holds characters that cannot be kept")
        if error.connection_invalidated or state in _DOWN_STATES or (state is None and isinstance(error, exc.OperationalError)):
            return unavailable(error)
        return None


def _engine(url: URL, size: int, *, reads: bool) -> sa.Engine:
    options = (
        f"-c TimeZone=UTC -c statement_timeout={STATEMENT_MILLISECONDS} -c lock_timeout={LOCK_MILLISECONDS}"
        " -c idle_in_transaction_session_timeout=60000 -c DateStyle=ISO -c client_encoding=UTF8"
    )
    engine = sa.create_engine(
        url, pool_size=size, max_overflow=size, pool_timeout=10, pool_use_lifo=True, hide_parameters=True,
        isolation_level="REPEATABLE READ" if reads else "READ COMMITTED",
        connect_args={"options": options, "connect_timeout": 10, "application_name": "carework"},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.read_only = reads

    @event.listens_for(engine, "checkin")
    def note(connection: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def look(connection: Any, record: Any, fairy: Any) -> None:
        if time.monotonic() - record.info.get("idle_since", time.monotonic()) > IDLE_SECONDS:
            _ping(connection)

    return engine


def _ping(connection: Any) -> None:
    """Make the pool replace a connection that a restart or a firewall has cut."""
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as error:
        raise exc.DisconnectionError("the connection was cut while it was idle") from error
