"""Databases of the benchmark: the definitions published, rows filled in by bulk SQL; made once per size, copied for each run."""

import contextlib
import dataclasses
import datetime
import hashlib
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from engine.text import read_folder
from runtime.identity.actor import system_actor
from runtime.identity.sessions import Sessions
from runtime.identity.tokens import Tokens
from runtime.store.database import Store
from runtime.store.publish import Incoming, publish
from runtime.web.app import new_ids
from tests.benchmarks.rows import Chain, Table
from tests.fixtures.postgres import PostgresServer

__all__ = ["DEFINITIONS", "Entry", "Postgres", "Sqlite", "open_access"]

HERE = Path(__file__).parent
DEFINITIONS = HERE / "definitions"
BUILD = HERE.parents[1] / "build" / "bench"
# Subjects and the history of creations follow from the rows. {object} and {array} are the JSON functions of the dialect.
DERIVED = (
    "INSERT INTO cw_record_subject (record_id, place, subject_id, object) SELECT id, 0, subject_id, 'core:patient' FROM o_patient",
    "INSERT INTO cw_record_subject (record_id, place, subject_id, object) SELECT id, 0, subject_id, 'core:followup_task' FROM o_followup_task",
    "INSERT INTO cw_record_subject (record_id, place, subject_id, object) SELECT id, 0, subject_id, 'core:contact_log' FROM o_contact_log",
    """INSERT INTO cw_history (id, record_id, object, version, at, "by", action, release, changes, reason)
       SELECT id, id, 'core:followup_task', 1, created_at, created_by, 'create', (SELECT hash FROM cw_live_release),
              {object}('core:followup_task.step', {array}(NULL, step), 'core:followup_task.due', {array}(NULL, due),
                       'core:followup_task.patient', {array}(NULL, patient)), NULL FROM o_followup_task""",
)


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """How to get in: the nurse's session secret and API token, and the clinics she works in."""

    session: str
    token: str
    clinics: tuple[str, ...]


class Sqlite:
    """SQLite files, kept under build/bench."""

    name = "sqlite"

    def __init__(self) -> None:
        self._runs = Path(tempfile.mkdtemp(prefix="carework-bench-"))

    def __enter__(self) -> "Sqlite":
        return self

    def __exit__(self, *error: object) -> None:
        shutil.rmtree(self._runs, ignore_errors=True)

    def copy(self, patients: int) -> str:
        """The address of a copy of the database of that size."""
        kept = BUILD / f"sqlite-{patients}-{fingerprint()}"
        if not kept.exists():
            making = kept.with_name(kept.name + ".part")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(parents=True)
            self._make(making, patients)
            making.rename(kept)
        copy = self._runs / str(patients)
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(kept, copy)
        return f"sqlite:///{copy / 'carework.sqlite3'}"

    def _make(self, folder: Path, patients: int) -> None:
        path = folder / "carework.sqlite3"
        _publish(f"sqlite:///{path}")
        connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND name LIKE '_x_o_%'").fetchall()
        connection.execute("BEGIN")
        for name, _ in indexes:
            connection.execute(f'DROP INDEX "{name}"')
        for table in _tables(patients):
            columns, marks = _columns(table), ", ".join("?" * len(table.columns))
            connection.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", table.rows)
        for statement in DERIVED:
            connection.execute(statement.format(object="json_object", array="json_array"))
        for _, sql in indexes:
            connection.execute(sql)
        connection.execute("COMMIT")
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the rows point to nowhere: {broken[:3]}")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()


class Postgres:
    """One PostgreSQL server with its own durability (fsync on); its cluster with all sizes is kept under build/bench."""

    name = "postgresql"

    def __init__(self) -> None:
        self._server = PostgresServer({"shared_buffers": "512MB", "max_wal_size": "4GB", "checkpoint_timeout": "30min"})
        self._kept = BUILD / f"postgres-{fingerprint()}"

    def __enter__(self) -> "Postgres":
        if self._kept.exists():
            subprocess.run(["cp", "-a", self._kept, self._server.cluster], check=True)
        self._server.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.remove()

    def copy(self, patients: int) -> str:
        """The address of a copy of the database of that size."""
        original, copy = f"bench_{patients}", f"run_{patients}"
        with self._admin() as admin:
            if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [original]).fetchone() is None:
                self._make(patients)
        with self._admin() as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)".encode())
            admin.execute(f"CREATE DATABASE {copy} TEMPLATE {original} STRATEGY file_copy".encode())
        return self._server.url(copy)

    def _make(self, patients: int) -> None:
        making, original = f"part_{patients}", f"bench_{patients}"
        with self._admin() as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {making}".encode())
            admin.execute(f"CREATE DATABASE {making} TEMPLATE template0".encode())
        url = self._server.url(making)
        _publish(url)
        with psycopg.connect(_plain(url)) as connection:
            connection.execute("SET session_replication_role = replica")
            for table in _tables(patients):
                with connection.cursor().copy(f"COPY {table.name} ({_columns(table)}) FROM STDIN".encode()) as copy:
                    for row in table.rows:
                        copy.write_row(row)
            for statement in DERIVED:
                connection.execute(statement.format(object="json_build_object", array="json_build_array").encode())
        with psycopg.connect(_plain(url), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        with self._admin() as admin:
            admin.execute(f"ALTER DATABASE {making} RENAME TO {original}".encode())
        self._keep()

    def _keep(self) -> None:
        """Copy the cluster while the server is down."""
        self._server.stop()
        shutil.rmtree(self._kept, ignore_errors=True)
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", self._server.cluster, self._kept], check=True)
        self._server.start()

    @contextlib.contextmanager
    def _admin(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(_plain(self._server.url()), autocommit=True) as connection:
            yield connection


def fingerprint() -> str:
    """Changes with the definitions, the tables and how rows are made, so that old databases are not taken for new ones."""
    found = hashlib.sha256(read_folder(DEFINITIONS).hash.encode())
    makers = [HERE / "rows.py", Path(__file__), *sorted((HERE.parents[1] / "runtime/store/migrations").glob("*"))]
    for path in (*makers, HERE.parents[1] / "engine/targets/indexes.py"):
        found.update(path.read_bytes() if path.is_file() else b"")
    return found.hexdigest()[:12]


def open_access(url: str) -> Entry:
    """A session and a token for the nurse, as signing in would make them."""
    store = Store.open(url)
    now = store.clock()
    with store.write() as connection:
        nurse, = connection.exec_driver_sql("SELECT id FROM cw_user WHERE login = 'nurse'").one()
        clinics = connection.exec_driver_sql("SELECT clinic_id FROM cw_membership ORDER BY id").scalars().all()
        session = Sessions(store).start(connection, nurse, now)
    _, token = Tokens(store, new_ids()).issue(nurse, now, label="bench")
    store.close()
    return Entry(session, token, tuple(clinics))


def _publish(url: str) -> None:
    store = Store.open(url)
    publish(store, Incoming(source=read_folder(DEFINITIONS)), system_actor(datetime.date.today()), new_id=new_ids())
    store.close()


def _tables(patients: int) -> Iterator[Table]:
    chain = Chain(patients, datetime.date.today())
    yield from chain.tables()
    yield from chain.people()


def _columns(table: Table) -> str:
    return ", ".join(f'"{column}"' for column in table.columns)


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
