"""Examples of the jobs of timers, for what must hold for every kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from runtime.jobs.kinds import Workplace
from runtime.jobs.queue import cancel, schedule
from runtime.store import system
from runtime.timers.renewing import renewal
from tests.runtime.effects.automated import Automated, build
from tests.runtime.jobs.examples import Example


def _due_today(workplace: Workplace) -> None:
    Automated.over(workplace.store, workplace.clock, workplace.new_id).task(due="2026-03-02")


def _become_due(workplace: Workplace, folder: Path) -> Sequence[Any]:
    audit = system.audit
    with workplace.store.read() as connection:
        return connection.execute(sa.select(audit).where(audit.c.action == "become_due")).all()


def _forgotten(workplace: Workplace) -> None:
    """A task that waits for nothing, as one does that was there before its timer; and the job after a publish."""
    clinic = Automated.over(workplace.store, workplace.clock, workplace.new_id)
    task = clinic.task(due="2026-12-31")
    with workplace.store.write() as connection:
        now = workplace.clock()
        cancel(connection, record_id=task, now=now)
        schedule(connection, [renewal("test:task", "a release", now)], now=now, new_id=workplace.new_id, release=workplace.store.release())


def _waiting(workplace: Workplace, folder: Path) -> Sequence[Any]:
    job = system.job
    with workplace.store.read() as connection:
        return connection.execute(sa.select(job).where(job.c.kind == "timer", job.c.state == "waiting")).all()


EXAMPLES = (
    Example(kind="timer", build=build, begin=_due_today, effects=_become_due),
    Example(kind="timers", build=build, begin=_forgotten, effects=_waiting),
)
