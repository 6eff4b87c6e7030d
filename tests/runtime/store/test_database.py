"""The store opens on both databases, keeps its promises on every connection and refuses what it must not touch."""

from __future__ import annotations

import math
import os
import stat
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import make_url

from runtime.store.database import SERVED_SECONDS, Store
from runtime.store.errors import StoreBusy, TooSlow, WrongDatabase
from tests.fixtures.databases import Backend


def pragma(connection: sa.Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_pragmas_hold_on_every_connection(sqlite_backend):
    """SQLite is durable and strict on reads and writes: WAL, FULL, foreign keys, secure delete."""
    store = Store.open(sqlite_backend.fresh())
    for database in (store.main, store.audit):
        for transaction in (database.read, database.write):
            with transaction() as connection:
                held = {n: pragma(connection, n) for n in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")}
                assert held == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    store.close()


def test_errors_hold_no_values(store: Store) -> None:
    """The text of a database's error, which a log may hold, has the statement and no value of a record (H6)."""
    setting = sa.table("cw_setting", sa.column("name"), sa.column("nothing"))
    with store.write() as connection, pytest.raises(exc.SQLAlchemyError) as caught:
        connection.execute(sa.insert(setting).values(name="zq-canary", nothing="zq-canary"))
    assert "cw_setting" in str(caught.value) and "zq-canary" not in str(caught.value)


def test_normal_is_refused_outside_tests(sqlite_backend):
    """`synchronous=NORMAL` loses acknowledged writes: only the power-cut proof may ask for it."""
    url = sqlite_backend.fresh()
    with pytest.raises(WrongDatabase):
        Store.open(url, environment={"CAREWORK_SQLITE_SYNCHRONOUS": "NORMAL"})
    with pytest.raises(WrongDatabase):
        Store.open(url, environment={"CAREWORK_SQLITE_SYNCHRONOUS": "OFF", "CAREWORK_TESTING": "1"})
    store = Store.open(url, environment={"CAREWORK_SQLITE_SYNCHRONOUS": "NORMAL", "CAREWORK_TESTING": "1"})
    with store.write() as connection:
        assert pragma(connection, "synchronous") == 1
    store.close()


def test_files_are_private(sqlite_backend):
    """Only the owner may read the database, its log, its audit store and its locks."""
    url = sqlite_backend.fresh()
    store = Store.open(url)
    with store.write() as connection:
        connection.exec_driver_sql("INSERT INTO cw_setting VALUES ('a', 'b')")
    folder = Path(make_url(url).database or "").parent
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    store.close()
    assert {"carework.sqlite3", "carework.sqlite3-wal", "carework.audit.sqlite3", "carework.sqlite3.lock"} <= set(modes)
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://a/b", "nonsense"])
def test_other_databases_are_refused(url):
    """Only files and PostgreSQL; the message says what to write instead."""
    with pytest.raises(WrongDatabase, match="sqlite:///FILE"):
        Store.open(url)


def test_ddl_rolls_back(database_url):
    """A publish that dies leaves nothing: tables and columns made in a rolled-back transaction are gone."""
    store = Store.open(database_url)
    with pytest.raises(RuntimeError), store.write() as connection:
        connection.exec_driver_sql("CREATE TABLE o_half (id TEXT)")
        connection.exec_driver_sql("ALTER TABLE cw_setting ADD COLUMN half TEXT")
        raise RuntimeError
    with store.read() as connection:
        inspector = sa.inspect(connection)
        assert not inspector.has_table("o_half")
        assert [c["name"] for c in inspector.get_columns("cw_setting")] == ["name", "value"]
    store.close()


def test_reads_are_snapshots_that_cannot_write(database_url):
    """A read sees one state however long it takes, waits for no writer, and refuses to write."""
    store = Store.open(database_url)
    with store.read() as reading:
        count = sa.text("SELECT count(*) FROM cw_setting")
        assert reading.scalar(count) == 0
        with store.write() as writing:
            writing.exec_driver_sql("INSERT INTO cw_setting VALUES ('a', 'b')")
        assert reading.scalar(count) == 0
    with pytest.raises((exc.DBAPIError, WrongDatabase, Exception), match="(?i)read-?only"), store.read() as reading:
        reading.exec_driver_sql("INSERT INTO cw_setting VALUES ('c', 'd')")
    store.close()


def test_a_writer_that_waits_too_long_is_told(database_url):
    """The wait for one's turn is bounded on SQLite, the wait for a lock on PostgreSQL: StoreBusy, nothing written."""
    store = Store.open(database_url)
    with store.write() as first:
        first.exec_driver_sql("LOCK TABLE cw_setting" if store.dialect == "postgresql" else "SELECT 1")
        with pytest.raises(StoreBusy), store.write(wait=0.05) as second:
            if store.dialect == "postgresql":
                second.exec_driver_sql("SET LOCAL lock_timeout = 50")
            second.exec_driver_sql("INSERT INTO cw_setting VALUES ('late', '')")
    with store.write() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM cw_setting")) == 0
    store.close()


def test_writers_of_threads_and_processes_take_turns(database_url):
    """Read-modify-write of several threads and processes loses nothing, and no thread waits for ever."""
    store = Store.open(database_url)
    with store.write() as connection:
        connection.exec_driver_sql("INSERT INTO cw_setting VALUES ('n', '0')")
    child = os.fork()
    if child == 0:
        try:
            _count_up(Store.open(database_url), 40)
            os._exit(0)
        finally:
            os._exit(1)
    threads = [threading.Thread(target=_count_up, args=(store, 10)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with store.read() as connection:
        assert connection.scalar(sa.text("SELECT value FROM cw_setting WHERE name = 'n'")) == "80"
    store.close()


def _count_up(store: Store, times: int) -> None:
    lock = " FOR UPDATE" if store.dialect == "postgresql" else ""
    for _ in range(times):
        with store.write() as connection:
            value = connection.scalar(sa.text("SELECT value FROM cw_setting WHERE name = 'n'" + lock))
            connection.execute(sa.text("UPDATE cw_setting SET value = :v WHERE name = 'n'"), {"v": str(int(value) + 1)})


def test_postgres_sessions(postgres_server):
    """Sessions are in UTC with a time limit, and a pool whose connections were cut heals by itself."""
    url = postgres_server.fresh()
    store = Store.open(url)
    with store.read() as connection:
        assert connection.scalar(sa.text("SHOW TimeZone")) == "UTC"
        assert connection.scalar(sa.text("SHOW statement_timeout")) == "30s"
    with store.write() as connection:
        own = connection.scalar(sa.text("SELECT pg_backend_pid()"))
        connection.execute(sa.text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> :own"
        ), {"own": own})
    import time
    time.sleep(1.1)
    with store.read() as connection:
        assert connection.scalar(sa.text("SELECT 1")) == 1
    store.close()
    postgres_server.drop(url)


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


def test_a_statement_that_takes_too_long_is_stopped(database_url: str) -> None:
    """A read has a time limit on both databases; the error says what to do, and the connection goes on working."""
    store = Store.open(database_url)
    store.main.longest_read = 0.05
    with pytest.raises(TooSlow, match="ask for less"), store.read() as connection:
        if store.dialect == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 50")
        connection.exec_driver_sql(ENDLESS)
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    store.close()


def test_the_time_of_a_statement_begins_anew(sqlite_backend: Backend) -> None:
    """Many short reads within one transaction are not one long one; and nothing is stopped outside a process that serves."""
    store = Store.open(sqlite_backend.fresh())
    short = f"SELECT count(*) FROM ({ENDLESS.replace('count(*)', 'x')} LIMIT 20000)"
    with store.read() as connection:
        assert connection.exec_driver_sql(short).scalar() == 20_000
        store.main.longest_read = 5.0
        later = [connection.exec_driver_sql(short).scalar() for _ in range(3)]
    assert later == [20_000] * 3
    with store.write() as connection:
        store.main.longest_read = 0.0
        assert connection.exec_driver_sql(short.replace("20000", "200000")).scalar() == 200_000
    store.close()


def test_a_process_that_serves_has_the_limit(sqlite_backend: Backend) -> None:
    store = Store.open(sqlite_backend.fresh())
    assert store.main.longest_read == math.inf
    store.watch()
    assert store.main.longest_read == SERVED_SECONDS
    store.close()
