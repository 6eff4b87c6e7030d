"""Rows of releases: the live pointer, candidates, and the announcement that makes other processes prepare one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.targets.layout import Layout
from runtime.store import system

__all__ = ["Live", "announce", "announced", "flip", "live", "live_for_flip", "put_candidate", "withdraw"]

ANNOUNCED = "candidate:"
ANNOUNCED_FOR = timedelta(seconds=60)
"""How long processes go on preparing a candidate whose publisher is not heard of again."""

_live = system.live_release
_release = system.release
_setting = system.setting


@dataclasses.dataclass(frozen=True, slots=True)
class Live:
    """The pointer: which release is live, and how often it has been flipped."""

    hash: str
    generation: int


def live(connection: sa.Connection) -> Live:
    """The live release, with an empty hash before the first publish."""
    row = connection.execute(sa.select(_live.c.hash, _live.c.generation).where(_live.c.id == 1)).one()
    return Live(row.hash or "", row.generation)


def live_for_flip(connection: sa.Connection) -> Live:
    """The same, held against every write until the commit; waits for writes that hold the fence."""
    statement = sa.select(_live.c.hash, _live.c.generation).where(_live.c.id == 1).with_for_update()
    row = connection.execute(statement).one()
    return Live(row.hash or "", row.generation)


def put_candidate(
    connection: sa.Connection, hash_: str, files: Mapping[str, bytes], layout: Layout, base: str, actor: str, now: datetime
) -> None:
    """Store the bytes of a release unless they are there already, and announce it to the processes that serve."""
    there = connection.scalar(sa.select(_release.c.state).where(_release.c.hash == hash_))
    if there is None:
        row = {
            "hash": hash_, "base": base or None, "layout": dict(layout.names), "plugins": {}, "state": "candidate",
            "created_at": now, "created_by": actor,
        }
        if connection.execute(_insert(connection, _release).values(row).on_conflict_do_nothing()).rowcount:
            rows = [{"release": hash_, "path": path, "bytes": content} for path, content in sorted(files.items())]
            connection.execute(system.release_file.insert(), rows)
    announce(connection, hash_, now)


def announce(connection: sa.Connection, hash_: str, now: datetime) -> None:
    """Ask the processes that serve to prepare a release."""
    insert = _insert(connection, _setting).values(name=ANNOUNCED + hash_, value=now.isoformat())
    connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"value": now.isoformat()}))


def withdraw(connection: sa.Connection, hash_: str) -> None:
    """Nobody needs to prepare it any more."""
    connection.execute(_setting.delete().where(_setting.c.name == ANNOUNCED + hash_))


def announced(connection: sa.Connection, now: datetime) -> tuple[str, ...]:
    """Hashes of the releases that somebody is about to publish."""
    rows = connection.execute(sa.select(_setting.c.name, _setting.c.value).where(_setting.c.name.startswith(ANNOUNCED)))
    return tuple(
        sorted(row.name.removeprefix(ANNOUNCED) for row in rows if now - datetime.fromisoformat(row.value) < ANNOUNCED_FOR)
    )


def flip(connection: sa.Connection, hash_: str, layout: Layout, before: Live, now: datetime) -> bool:
    """Point to another release if the pointer is still where it was; returns whether it did."""
    moved = connection.execute(
        _live.update().where(_live.c.id == 1, _live.c.generation == before.generation)
        .values(hash=hash_, generation=before.generation + 1, flipped_at=now)
    ).rowcount
    if moved:
        connection.execute(
            _release.update().where(_release.c.hash == hash_)
            .values(state="published", published_at=now, layout=dict(layout.names))
        )
        withdraw(connection, hash_)
    return bool(moved)


def _insert(connection: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
