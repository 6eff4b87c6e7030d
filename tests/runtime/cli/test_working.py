"""`carework worker`: two processes on one PostgreSQL, one of which is killed at work: every timer fires once.

That faults are found is shown by `tests/runtime/jobs/test_time.py`, whose workers have them; these are the command itself.
"""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from runtime.records.commands import Create
from runtime.records.outcomes import Written
from runtime.store import system
from tests.fixtures.clock import FixedClock
from tests.fixtures.databases import PostgresBackend
from tests.runtime.cli.conftest import ROOT
from tests.runtime.cli.test_serving import RUN
from tests.runtime.effects.automated import Automated, build

TASKS = 150
PATIENCE = 60.0
EXPECTED = [("become_due", "system"), ("create", "system"), ("lose", "system")]


@pytest.fixture
def url(postgres_server: PostgresBackend) -> Iterator[str]:
    made = postgres_server.prepared("automated", build)
    yield made
    postgres_server.drop(made)


@pytest.fixture
def clinic(url: str, clock: FixedClock, new_id: Callable[[], str]) -> Iterator[Automated]:
    """The automated clinic at a day before its timers, which are all over for the workers."""
    opened = Automated.open(url, clock, new_id)
    yield opened
    opened.store.close()


def _worker(url: str, folder: Path) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONUNBUFFERED": "1", "CAREWORK_DATABASE_URL": url, "CAREWORK_KEYS": str(folder / "keys")}
    return subprocess.Popen([*RUN, "worker"], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def test_one_of_two_is_killed(clinic: Automated, url: str, tmp_path: Path) -> None:
    """No timer is lost, none fires twice; SIGTERM ends the other after its jobs."""
    patient = clinic.patient()
    made = clinic.run(*(Create("task", {"patient": patient, "step": f"t{n}", "due": "2026-03-05"}, None) for n in range(TASKS)))
    tasks = [each.id for each in made if isinstance(each, Written)]
    assert len(tasks) == TASKS
    workers = [_worker(url, tmp_path) for _ in range(2)]
    try:
        for worker in workers:
            assert worker.stdout is not None and worker.stdout.readline().startswith("working")
        _until(lambda: len(clinic.jobs(kind="timer", state="done")) > 0)
        workers[0].kill()
        workers[0].wait()
        with clinic.store.write() as connection:  # the leases of the dead need not be waited for here
            past = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
            connection.execute(sa.update(system.job).where(system.job.c.holder.is_not(None)).values(held_until=past))
        _until(lambda: len(clinic.jobs(kind="timer", state="done")) == 2 * TASKS)
        workers[1].send_signal(signal.SIGTERM)
        rest, _ = workers[1].communicate(timeout=90)
        assert (workers[0].returncode, workers[1].returncode, rest.strip()) == (-signal.SIGKILL, 0, "stopped")
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    assert {task: sorted(entry[:2] for entry in clinic.audited(task)) for task in tasks} == dict.fromkeys(tasks, EXPECTED)


def _until(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < give_up, "nothing gets on"
        time.sleep(0.05)
