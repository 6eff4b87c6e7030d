"""What operators do to many jobs at once takes a transaction for each slice, so that nobody else waits for all of them."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from runtime.identity.actor import system_actor
from runtime.jobs import operating
from runtime.jobs.job import NewJob
from runtime.jobs.kinds import Workplace
from runtime.store import system
from tests.runtime.jobs.sinks import plan, rows


def test_all_of_a_kind_again(workplace: Workplace, monkeypatch: pytest.MonkeyPatch):
    """Each is audited; other kinds, and what was not set aside, stay."""
    monkeypatch.setattr(operating, "SLICE", 4)
    plan(workplace, [NewJob(kind="note", key=f"k{n}", due_at=workplace.clock()) for n in range(11)])
    plan(workplace, [NewJob(kind="post", key="other", due_at=workplace.clock()), NewJob(kind="note", key="waits", due_at=workplace.clock())])
    with workplace.store.write() as connection:
        connection.execute(system.job.update().where(system.job.c.key != "waits").values(state="aside", attempts=9, problem="550"))
    writes: list[Any] = []
    sa.event.listen(workplace.store.main.writes, "commit", writes.append)
    actor = system_actor(workplace.clock().date())
    count = operating.all_again(
        workplace.store, actor, workplace.store.release(), "note", now=workplace.clock(), new_id=workplace.new_id)
    assert (count, len(writes)) == (11, 3)
    assert {(row.state, row.attempts, row.problem) for row in rows(workplace.store, kind="note")} == {("waiting", 0, None)}
    assert [row.state for row in rows(workplace.store, kind="post")] == ["aside"]
    with workplace.store.read() as connection:
        audited = connection.execute(sa.select(system.audit.c.detail).where(system.audit.c.action == "run_job_again")).scalars().all()
    assert len({entry["job"] for entry in audited}) == 11
