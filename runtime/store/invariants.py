"""What must hold in every database, for `carework doctor` (numbers as in the threat catalogue's invariants)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.text import read_bytes
from runtime.store import schema, stored, system
from runtime.store.engines import Database
from runtime.store.errors import StoreError

if TYPE_CHECKING:
    from runtime.store.compiled import Release
    from runtime.store.database import Store

__all__ = ["Breach", "breaches"]

SHOWN = 20
"""At most so many ids are named for one breach."""

_history = system.history
_deleted = system.deleted


@dataclasses.dataclass(frozen=True, slots=True)
class Breach:
    """Something that must never be: the invariant's number (`I6`) or `file`, and what was found."""

    invariant: str
    message: str


def breaches(store: Store, *, deep: bool = False) -> list[Breach]:
    """Every breach. `deep` reads every row and the whole file."""
    found = [*_system_tables(store)]
    if not found:
        found += _pointer(store)
    if not any(breach.invariant == "I6" or "pointers" in breach.message for breach in found):
        found += _release(store, deep)
    for database in dict.fromkeys((store.main, store.audit)) if deep else ():
        with database.read() as connection:
            found += _file(connection)
    return found


def _release(store: Store, deep: bool) -> Iterator[Breach]:
    """The live release, its tables, and with `deep` their rows; rows are looked at only in tables that are as they should be."""
    with store.read() as connection:
        live = stored.live(connection)
    if not live.hash:
        return
    files, _ = store.releases.stored(live.hash)
    if read_bytes(files).hash != live.hash:
        yield Breach("I7", f"the bytes of release {live.hash[:12]} are not those it was published with")
    try:
        release = store.releases.load(live.hash)
    except StoreError as error:
        yield Breach("I7", str(error))
        return
    with store.read() as connection:
        wrong = schema.differences(connection, release.tables, release.layout)
        yield from (Breach("I6", text) for text in wrong)
        if deep and not wrong:
            yield from _rows(connection, release)


def _system_tables(store: Store) -> Iterator[Breach]:
    databases: tuple[tuple[Database, sa.MetaData], ...] = (
        (store.main, system.metadata), (store.audit, system.audit_metadata))
    for database, metadata in databases:
        with database.read() as connection:
            inspector = sa.inspect(connection)
            there = set(inspector.get_table_names())
            for name, table in metadata.tables.items():
                if name not in there:
                    yield Breach("I6", f"the system table {name} is missing")
                    continue
                columns = {column["name"] for column in inspector.get_columns(name)}
                for missing in sorted({column.name for column in table.columns} - columns):
                    yield Breach("I6", f"the system column {name}.{missing} is missing")


def _pointer(store: Store) -> Iterator[Breach]:
    """I7: exactly one pointer, to a release that is whole."""
    pointer = system.live_release
    with store.read() as connection:
        rows = connection.execute(sa.select(pointer.c.hash)).scalars().all()
        if len(rows) != 1:
            yield Breach("I7", f"there are {len(rows)} pointers to a live release")
        for hash_ in rows:
            state = connection.scalar(sa.select(system.release.c.state).where(system.release.c.hash == hash_))
            if hash_ is not None and state != "published":
                yield Breach("I7", f"the live release {hash_[:12]} is in state {state}")


def _file(connection: sa.Connection) -> list[Breach]:
    """The file's own checks; PostgreSQL checks its foreign keys at each commit and has no such command."""
    if connection.dialect.name != "sqlite":
        return []
    text = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check") if row[0] != "ok"]
    keys = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    found = [Breach("file", line) for line in text[:SHOWN]]
    return found + [Breach("file", f"row {row[1]} of {row[0]} points to nothing in {row[2]}") for row in keys[:SHOWN]]


def _rows(connection: sa.Connection, release: Release) -> Iterator[Breach]:
    for table in release.tables.by_id.values():
        yield from _versions(connection, table.object.id, table.table)
        yield from _clinics(connection, table.object.belongs_to.scope, table.table)


def _versions(connection: sa.Connection, object_id: str, table: sa.Table) -> Iterator[Breach]:
    """I2 and I5: the newest history entry of a row has its version, and the versions count without a gap."""
    newest = (
        sa.select(_history.c.record_id, sa.func.max(_history.c.version).label("top"), sa.func.count().label("n"))
        .where(_history.c.object == object_id).group_by(_history.c.record_id).subquery()
    )
    joined = table.outerjoin(newest, newest.c.record_id == table.c.id)
    wrong = sa.or_(newest.c.top.is_(None), newest.c.top != table.c.version)
    for row in connection.execute(sa.select(table.c.id, table.c.version, newest.c.top).select_from(joined).where(wrong).limit(SHOWN)):
        yield Breach("I2", f"{object_id} {row.id} has version {row.version}, its history ends at {row.top}")
    gaps = sa.select(newest.c.record_id).where(newest.c.n != newest.c.top).limit(SHOWN)
    for id_ in connection.execute(gaps).scalars():
        yield Breach("I5", f"the history of {object_id} {id_} has a gap or a repeat")
    both = sa.select(table.c.id).where(table.c.id.in_(sa.select(_deleted.c.record_id))).limit(SHOWN)
    for id_ in connection.execute(both).scalars():
        yield Breach("I2", f"{object_id} {id_} is in its table and among the deleted")


def _clinics(connection: sa.Connection, scope: str, table: sa.Table) -> Iterator[Breach]:
    """A row of a `clinics` object is in at least the clinic it names; one of the organisation is in none."""
    member = system.record_clinic
    if scope == "clinics":
        inside = sa.exists().where(member.c.record_id == table.c.id, member.c.clinic_id == table.c.clinic_id)
        wrong = sa.select(table.c.id).where(table.c.clinic_id.is_not(None), ~inside)
    elif scope == "organisation":
        wrong = sa.select(table.c.id).where(table.c.clinic_id.is_not(None))
    else:
        return
    for id_ in connection.execute(wrong.limit(SHOWN)).scalars():
        yield Breach("I2", f"row {id_} of {table.name} is not in the clinic it names")
