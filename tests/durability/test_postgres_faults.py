"""F-01, F-11: a server or a writer that dies in the middle of the load loses no acknowledged write on PostgreSQL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from runtime.store.database import Store
from tests.durability import workload
from tests.durability.surviving import faults
from tests.fixtures.postgres import PostgresServer, published_programs

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(published_programs() is None, reason="no PostgreSQL of our own to kill: install requirements-dev.txt")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server with PostgreSQL's own durability settings, for this module to kill."""
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


def fresh(server: PostgresServer, name: str) -> str:
    """The address of a new database with the first release published."""
    engine = sa.create_engine(server.url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    engine.dispose()
    workload.prepare(server.url(name))
    return server.url(name)


def load(url: str, journal: Path, first: int = 4096) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.durability.workload", url, str(journal), "100000", "6", str(first)]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL)


def words(journal: Path) -> list[str]:
    return journal.read_text().split() if journal.exists() else []


def after(journal: Path, count: int, running: subprocess.Popen[bytes]) -> None:
    """Wait until the load has had so many writes acknowledged."""
    deadline = time.monotonic() + 60
    while len(words(journal)) < count:
        assert running.poll() is None, "the load ended before the fault"
        assert time.monotonic() < deadline, "the load does not go on"
        time.sleep(0.002)


FAULTS: dict[str, Callable[[PostgresServer], None]] = {
    "kill -9": PostgresServer.kill,
    "pg_ctl -m immediate": lambda server: server.stop("immediate"),
}


@pytest.mark.parametrize("moment", [25, 45], ids=lambda count: f"after-{count}-writes")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_dying_server_keeps_what_it_acknowledged(server: PostgresServer, tmp_path: Path, fault: str, moment: int) -> None:
    """Before, around and after a publish: the server dies, comes back, and everything acknowledged is there, nothing half."""
    url = fresh(server, f"dies_{list(FAULTS).index(fault)}_{moment}")
    journal = tmp_path / "journal.txt"
    running = load(url, journal)
    try:
        after(journal, moment, running)
        FAULTS[fault](server)
        running.wait(timeout=60)
    finally:
        running.kill()
        running.wait()
        if server._process is None:
            server.start()
    store = Store.open(url)
    assert faults(store, words(journal)) == []
    store.close()


def test_a_killed_writer_leaves_nothing_half(server: PostgresServer, tmp_path: Path) -> None:
    """`kill -9` of the process, and a second one goes on at once with the same database."""
    url = fresh(server, "killed_writer")
    for number, moment in enumerate((15, 40)):
        journal = tmp_path / f"journal-{number}.txt"
        running = load(url, journal, first=4096 + number * 10**6)
        after(journal, moment, running)
        running.send_signal(signal.SIGKILL)
        running.wait()
        store = Store.open(url)
        assert [f for f in faults(store, words(journal)) if not f.startswith("lost p:")] == []
        store.close()


def test_the_check_sees_a_lost_write(server: PostgresServer) -> None:
    """The planted fault: a word that was never written is reported as lost."""
    store = Store.open(fresh(server, "planted"))
    assert faults(store, [f"c:{'9' * 32}"]) == [f"lost c:{'9' * 32}"]
    store.close()
