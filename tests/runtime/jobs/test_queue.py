"""Scheduling and cancelling are part of the caller's transaction, and a key is there once.

1. A job scheduled twice under a key is there once, with the later time and payload; what is rolled back leaves none.
2. One that is done, being sent or set aside stays as it is; a cancelled one waits again.
3. Cancelling reaches waiting jobs alone, by keys, by record, by kind.
4. Moving a job that a runner holds takes it out of the runner's hands.
5. However many jobs are done, looking, claiming and counting read the indexes of what is not.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.model.effect import Missed
from runtime.jobs import claiming, operating
from runtime.jobs.claiming import claim
from runtime.jobs.job import NewJob, State
from runtime.jobs.kinds import Workplace
from runtime.jobs.marking import hold
from runtime.jobs.queue import cancel, schedule
from runtime.store import system
from tests.runtime.jobs.sinks import Notes, noted, plan, rows, runner_of

A, B = f"{0xA:032x}", f"{0xB:032x}"


def job(workplace: Workplace, key: str, **more: object) -> NewJob:
    return NewJob(**{"kind": "note", "key": key, "due_at": workplace.clock(), **more})  # type: ignore[arg-type]


def test_a_key_is_there_once(workplace: Workplace):
    """1. Also twice in one call, and in a chunk of its own among many."""
    later = workplace.clock() + timedelta(hours=1)
    plan(workplace, [job(workplace, "a"), job(workplace, "a", due_at=later, payload={"n": 1})])
    plan(workplace, [job(workplace, f"k{n:04}") for n in range(1200)] + [job(workplace, "a", due_at=later, payload={"n": 2})])
    assert len(rows(workplace.store)) == 1201
    assert [(row.due_at, row.payload, row.merge) for row in rows(workplace.store, key="a")] == [(later, {"n": 2}, "")]


def test_it_is_part_of_the_transaction(workplace: Workplace):
    """1. A change that is not written leaves no job."""
    with pytest.raises(RuntimeError), workplace.store.write() as connection:
        schedule(connection, [job(workplace, "a")], now=workplace.clock(), new_id=workplace.new_id, release=workplace.store.release())
        raise RuntimeError
    assert rows(workplace.store) == []


@pytest.mark.parametrize(("state", "after"), [
    ("waiting", "waiting"), ("cancelled", "waiting"), ("sending", "sending"), ("done", "done"), ("aside", "aside")])
def test_what_was_begun_stays(workplace: Workplace, state: str, after: str):
    """2."""
    plan(workplace, [job(workplace, "a")])
    with workplace.store.write() as connection:
        connection.execute(sa.update(system.job).values(state=state, attempts=3))
    moved = workplace.clock() + timedelta(days=1)
    plan(workplace, [job(workplace, "a", due_at=moved)])
    assert [(row.state, row.due_at == moved) for row in rows(workplace.store)] == [(after, after == "waiting")]
    assert rows(workplace.store)[0].attempts == (0 if state == "cancelled" else 3), "what was called off begins anew"


def test_cancelling(workplace: Workplace):
    """3."""
    plan(workplace, [
        job(workplace, "a", record_id=A), job(workplace, "b", record_id=A, kind="post"), job(workplace, "c", record_id=B),
        job(workplace, "d", record_id=B), job(workplace, "e")])
    with workplace.store.write() as connection:
        connection.execute(sa.update(system.job).where(system.job.c.key == "d").values(state="done"))
        assert cancel(connection, record_id=A, kind="note", now=workplace.clock()) == 1
        assert cancel(connection, record_id=B, now=workplace.clock()) == 1
        assert cancel(connection, keys=["e", "d", "x"], now=workplace.clock()) == 1
        with pytest.raises(ValueError, match="keys or a record"):
            cancel(connection, kind="note", now=workplace.clock())
    assert {row.key: row.state for row in rows(workplace.store)} == {
        "a": "cancelled", "b": "waiting", "c": "cancelled", "d": "done", "e": "cancelled"}


def test_a_moved_job_is_nobodys(workplace: Workplace):
    """4. The runner that held it finds so when it begins, and leaves it."""
    plan(workplace, [job(workplace, "a")])
    with workplace.store.write() as connection:
        (held,) = claim(connection, Notes(), "slow", workplace.clock())
    plan(workplace, [job(workplace, "a", due_at=workplace.clock() + timedelta(days=1))])
    with workplace.store.write() as connection:
        assert hold(connection, [held.id], "slow", workplace.clock()) == set()
    assert runner_of(workplace, Notes()).run_due() == 0 and not noted(workplace.store)


def test_the_group_of_a_merge_is_the_record(workplace: Workplace):
    """The default of `merge`."""
    plan(workplace, [job(workplace, "a", record_id=A, missed=Missed.MERGE), job(workplace, "b", missed=Missed.MERGE, merge="g")])
    assert [row.merge for row in rows(workplace.store)] == [A, "g"]


def plan_of(connection: sa.Connection, statement: Any, **given: Any) -> str:
    """How the database would find the rows."""
    compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True, "literal_binds": True})
    how = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    return "\n".join(str(row) for row in connection.exec_driver_sql(how + str(compiled)))


def test_what_is_done_costs_nothing(workplace: Workplace):
    """5. However many jobs are done, looking, claiming and counting read the indexes of what is not."""
    now = workplace.clock()
    ended = [
        {"id": f"d{n:031x}", "kind": "note", "key": f"d{n}", "due_at": now, "payload": {}, "release": "r", "missed": "run_late", "merge": "",
         "state": "done", "attempts": 1, "doubtful": False, "created_at": now, "done_at": now - timedelta(days=3)}
        for n in range(20_000)
    ]
    with workplace.store.write() as connection:
        connection.execute(system.job.insert(), ended)
    plan(workplace, [job(workplace, f"w{n}", record_id=f"{n:032x}") for n in range(50)])
    with workplace.store.write() as connection:
        connection.exec_driver_sql("ANALYZE")
        times = claiming._times(now)
        for statement, index in (
            (claiming._waiting().params(**times, b_kind="note", b_limit=64), "cw_job_due"),
            (claiming._left().params(**times, b_kind="note"), "cw_job_sending"),
            (claiming._in_hands().params(b_records=[A, B]), "cw_job_record"),
            (claiming._earliest(("note",)).params(**times), "cw_job_due"),
            (operating._waiting(now), "cw_job_due"), (operating._standing(State.ASIDE), "cw_job_aside"), (operating._ended(now), "cw_job_done"),
        ):
            found = plan_of(connection, statement)
            assert index in found and "Seq Scan" not in found, found
