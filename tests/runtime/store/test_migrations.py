"""System tables have migrations of their own: from version 1 to now, once, and never by an older program."""

from __future__ import annotations

import datetime
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from runtime.store import system
from runtime.store.database import Store
from runtime.store.errors import SchemaTooNew
from runtime.store.migrations import AUDIT, MAIN, m0001_first, m0001_views
from runtime.store.migrations.upgrade import Migrations

NOW = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)


def version_1(url: str) -> None:
    """A database as the first Carework left it, with a person, a membership and a setting in it."""
    store = Store.open(url)
    with store.write() as connection:
        for metadata in (system.metadata, system.audit_metadata):
            metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE IF EXISTS cw_schema")
        connection.exec_driver_sql("DROP TABLE IF EXISTS cw_audit_schema")
    with store.write() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS cw_search_index")
    with store.audit.write() as connection:
        system.audit_metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE IF EXISTS cw_audit_schema")
    Migrations("cw_schema", (m0001_first,)).upgrade(store.main, lambda: NOW)
    Migrations("cw_audit_schema", (m0001_views,)).upgrade(store.audit, lambda: NOW)
    with store.write() as connection:
        connection.execute(sa.text("INSERT INTO cw_user (id, login, created_at) VALUES ('u', 'li', '2026-03-02T00:00:00.000000Z')"))
        connection.execute(sa.text("INSERT INTO cw_membership (id, user_id, role) VALUES ('m', 'u', 'core:nurse')"))
    store.close()


def test_upgrade_from_version_1(database_url: str):
    """Opening a version 1 database brings its tables to the newest version and keeps what is in them."""
    version_1(database_url)
    store = Store.open(database_url)
    with store.read() as connection:
        assert MAIN.version(connection) == MAIN.newest
        assert connection.execute(sa.select(system.membership.c.role)).scalars().all() == ["core:nurse"]
        assert connection.execute(sa.select(system.user.c.created_at)).scalar_one() == NOW
    with store.audit.read() as connection:
        assert AUDIT.version(connection) == AUDIT.newest
    store.close()


def test_tables_are_those_of_the_program(store: Store):
    """What the migrations make is exactly what `system.py` describes: columns, types, indexes, unique rules."""
    for database, metadata in ((store.main, system.metadata), (store.audit, system.audit_metadata)):
        with database.read() as connection:
            def own(name: str | None, kind: str, parents: object, tables: frozenset[str] = frozenset(metadata.tables)) -> bool:
                return kind != "table" or name in tables

            def here(item: Any, *_: object, dialect: str = connection.dialect.name) -> bool:
                return not isinstance(item, sa.Index) or item._ddl_if is None or item._ddl_if.dialect == dialect

            context = MigrationContext.configure(connection, opts={"include_name": own, "include_object": here, "compare_type": True})
            assert compare_metadata(context, metadata) == []


def test_opening_again_changes_nothing(database_url: str):
    """Each step runs once."""
    for _ in range(2):
        store = Store.open(database_url)
        with store.read() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM cw_schema")) == MAIN.newest
            assert connection.scalar(sa.text("SELECT count(*) FROM cw_live_release")) == 1
        store.close()


def test_an_older_program_keeps_off(database_url: str):
    """A database that a newer Carework has changed is refused with the way out, and left alone."""
    store = Store.open(database_url)
    with store.write() as connection:
        connection.exec_driver_sql(f"INSERT INTO cw_schema VALUES ({MAIN.newest + 1}, '2030-01-01T00:00:00.000000Z', 'newer')")
    store.close()
    with pytest.raises(SchemaTooNew, match="newer Carework"):
        Store.open(database_url)


def test_several_processes_open_at_once(database_url: str):
    """The steps run under a lock: one opens and upgrades, the others find it done."""
    errors: list[BaseException] = []

    def open_it() -> None:
        try:
            Store.open(database_url).close()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []


def test_steps_count_without_gaps():
    """A step that is left out would be left out for ever."""
    with pytest.raises(ValueError, match="count from 1"):
        Migrations("x", (m0001_first, m0001_first))
