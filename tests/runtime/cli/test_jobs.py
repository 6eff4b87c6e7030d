"""`carework jobs`: what stands where, run again, drop; who may; what is refused says why."""

from __future__ import annotations

import datetime

import sqlalchemy as sa

from runtime.jobs.job import NewJob
from runtime.jobs.queue import schedule
from runtime.store import system
from runtime.store.database import Store
from tests.runtime.cli.conftest import Cli

NOW = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)


def put_aside(url: str, *keys: str) -> list[str]:
    """Jobs that were set aside; their ids."""
    store = Store.open(url)
    ids = iter(f"{n:032x}" for n in range(0x900, 0x999))
    with store.write() as connection:
        connection.execute(system.job.delete())
        jobs = [NewJob(kind="message", key=key, due_at=NOW) for key in keys]
        schedule(connection, jobs, now=NOW, new_id=lambda: next(ids), release=store.release())
        connection.execute(system.job.update().values(state="aside", attempts=24, problem="550 at runtime/x.py:1"))
        found = connection.execute(sa.select(system.job.c.id).order_by(system.job.c.key)).scalars().all()
    store.close()
    return list(found)


def states(url: str) -> list[str]:
    store = Store.open(url)
    with store.read() as connection:
        found = connection.execute(sa.select(system.job.c.state).order_by(system.job.c.key)).scalars().all()
    store.close()
    return list(found)


def test_looking_and_acting(sqlite_cli: Cli):
    """The list names what the others take."""
    first, second, third = put_aside(sqlite_cli.url, "a", "b", "c")
    told = sqlite_cli("jobs", "list").output
    assert first in told and "550 at runtime/x.py:1" in told and "message" in told
    sqlite_cli("jobs", "retry", first)
    sqlite_cli("jobs", "drop", second, "--reason", "the clinic closed")
    assert states(sqlite_cli.url) == ["waiting", "cancelled", "aside"]
    assert "0 dropped" in sqlite_cli("jobs", "drop", second, "--reason", "again", code=1).output
    sqlite_cli("jobs", "retry", "--kind", "message")
    assert states(sqlite_cli.url) == ["waiting", "cancelled", "waiting"] and third


def test_wrong_use(sqlite_cli: Cli):
    """A reason is needed, jobs or a kind, and the right to operate."""
    (one,) = put_aside(sqlite_cli.url, "a")
    sqlite_cli("jobs", "drop", one, code=2)
    sqlite_cli("jobs", "drop", one, "--reason", " ", code=2)
    assert "jobs list" in sqlite_cli("jobs", "retry", code=2).output
    sqlite_cli("jobs", "retry", one, "--kind", "message", code=2)
    assert "there is no user" in sqlite_cli("jobs", "retry", one, "--as", "nobody", code=1).output
    assert states(sqlite_cli.url) == ["aside"]
