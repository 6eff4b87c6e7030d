"""Timers: one job for a record in the state, fired once, by compare-and-set.

1. A record that enters the state has a job for its time; a date is when the clinic's day begins.
2. A changed time moves it, leaving the state or deleting the record cancels it, restoring brings it back.
3. At its time the transition fires as the built-in account, and what follows from it follows.
4. It does not fire twice for one time, nor when its guard says no, nor when the record has moved on.
5. A new release sets timers anew for the records that are there, in slices, and its plan says for how many.
6. Fifty people and the timer at one record: one wins.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from engine.targets.operations import SetTimers
from runtime.identity.actor import system_actor
from runtime.jobs.job import State
from runtime.jobs.operating import again
from runtime.records.commands import Delete, Restore, Transition, Update
from runtime.records.outcomes import Written
from runtime.timers import renewing
from tests.fixtures.clock import FixedClock
from tests.runtime.effects.automated import FILES, Automated, publish
from tests.runtime.store.publishing import Clinic

SHANGHAI_8 = datetime.datetime(2026, 3, 9, 16, 0, tzinfo=datetime.UTC)
"""When the 10th of March begins in Shanghai."""


def waiting(clinic: Automated) -> list[tuple[str, datetime.datetime]]:
    return [(job.payload["timer"].rpartition(".")[2], job.due_at) for job in clinic.jobs(kind="timer", state="waiting")]


def test_a_job_for_the_time(clinic: Automated):
    """1., 2. Created, moved, cleared, set again, left, deleted, restored."""
    task = clinic.task(due="2026-03-10")
    assert waiting(clinic) == [("become_due", SHANGHAI_8)]
    clinic.ok(Update("task", task, {"due": "2026-03-11"}, None))
    assert waiting(clinic) == [("become_due", SHANGHAI_8 + datetime.timedelta(days=1))]
    clinic.ok(Update("task", task, {"step": "visit"}, None))
    assert len(clinic.jobs(kind="timer")) == 2
    clinic.ok(Update("task", task, {"due": None}, None))
    assert waiting(clinic) == []
    clinic.ok(Update("task", task, {"due": "2026-03-10"}, None))
    assert waiting(clinic) == [("become_due", SHANGHAI_8)]
    clinic.ok(Delete("task", task))
    assert waiting(clinic) == []
    clinic.ok(Restore(task))
    assert waiting(clinic) == [("become_due", SHANGHAI_8)]
    clinic.ok(Transition("task", task, "become_due"))
    assert waiting(clinic) == [("give_up", SHANGHAI_8 + datetime.timedelta(days=2))]
    clinic.ok(Transition("task", task, "start"))
    assert waiting(clinic) == []


def test_a_moment_of_the_day(clinic: Automated):
    """1. A datetime is taken as it is; in one transaction only what stands at its end waits."""
    task = clinic.task(at="2026-03-02T05:00:00Z", due="2026-04-01")
    clinic.ok(Transition("task", task, "start"), Update("task", task, {"at": "2026-03-02T06:00:00Z"}, None))
    assert waiting(clinic) == [("minute", datetime.datetime(2026, 3, 2, 6, tzinfo=datetime.UTC))]


def test_it_fires(clinic: Automated, clock: FixedClock):
    """3. One after the other, late as they are; the effects of a timed transition have nobody to act for."""
    task = clinic.task(due="2026-03-10")
    clock.set(SHANGHAI_8 - datetime.timedelta(seconds=1))
    clinic.run_due("timer")
    assert clinic.value("task", task, "status") == "planned"
    clock.set(SHANGHAI_8)
    clinic.run_due("timer")
    assert clinic.value("task", task, "status") == "due"
    clock.advance(days=9)
    clinic.run_due("timer")
    assert clinic.value("task", task, "status") == "lost"
    assert clinic.audited(task)[1:] == [("become_due", "system", None), ("lose", "system", None)]
    assert [job.state for job in clinic.jobs(kind="timer")] == ["done", "done"]


def test_effects_of_what_time_does(clinic: Automated, clock: FixedClock):
    """3. The timer finishes a running task: the note is made."""
    task = clinic.task(at="2026-03-02T03:00:00Z")
    clinic.ok(Transition("task", task, "start"))
    clock.advance(hours=1)
    clinic.run_due("timer")
    assert clinic.value("task", task, "status") == "done" and clinic.count("note") == 1


def test_once_for_one_time(clinic: Automated, clock: FixedClock):
    """4. What was lost in time and opened again is not lost again at once; with another time it may be."""
    task = clinic.task(due="2026-02-20")
    clinic.run_due("timer")
    clinic.run_due("timer")
    assert clinic.value("task", task, "status") == "lost"
    clinic.ok(Transition("task", task, "reopen"))
    clinic.run_due("timer")
    assert clinic.value("task", task, "status") == "due"
    clinic.ok(Update("task", task, {"due": "2026-03-10"}, None))
    clock.advance(days=30)
    clinic.run_due("timer")
    assert clinic.value("task", task, "status") == "lost"


def test_a_record_that_moved_on(clinic: Automated, clock: FixedClock):
    """4. The job may have been claimed when somebody was faster: it does nothing, and that is no failure."""
    task = clinic.task(due="2026-03-02")
    assert len(clinic.jobs(kind="timer", state="waiting")) == 1
    with clinic.store.write() as connection:  # as a runner does that has begun it
        table = clinic.store.release().tables.object("task")
        connection.execute(table.table.update().values({table.column("status"): "done"}))
    clinic.run_due("timer")
    job = clinic.jobs(kind="timer")[0]
    assert (job.state, job.problem, clinic.value("task", task, "status")) == (State.DONE.value, None, "done")


def test_two_timers_of_one_state(clinic: Automated, clock: FixedClock):
    """4. Both are overdue: the first to fire leaves nothing for the second, whose job is in the same hands already."""
    Clinic(clinic.store).publish(changed(lambda text: text.replace("lose: {from: due,", "lose: {from: [planned, due],") + (
        "  drop: {in: planned, at: \"due + days(1)\", fire: lose}\n")))
    tasks = [clinic.task(due="2026-02-20") for _ in range(3)]
    clinic.run_due("timer")
    assert {clinic.value("task", task, "status") for task in tasks} == {"lost"}
    states = sorted((job.payload["timer"].rpartition(".")[2], job.state) for job in clinic.jobs(kind="timer"))
    assert states == [("become_due", "done")] * 3 + [("drop", "cancelled")] * 3 + [("give_up", "done")] * 3


def changed(flow: Callable[[str], str], extra: dict[str, str] | None = None) -> dict[str, str]:
    return {**FILES, "workflows/task.yaml": flow(FILES["workflows/task.yaml"]), **(extra or {})}


def test_a_guard_says_no(clinic: Automated, clock: FixedClock):
    """4. Judged when the time comes; the record stays, the job is done."""
    Clinic(clinic.store).publish(changed(lambda text: text.replace("to: due}", 'to: due, when: "has(pain)"}', 1)))
    tasks = clinic.task(due="2026-03-02"), clinic.task(due="2026-03-02", pain=1)
    clinic.run_due("timer")
    assert [clinic.value("task", task, "status") for task in tasks] == ["planned", "due"]
    assert not clinic.jobs(kind="timer", state="aside")


def test_the_rules_say_no(clinic: Automated, clock: FixedClock):
    """4. What refuses it for another reason than its guard is shown to operators, and it fires once that is mended."""
    Clinic(clinic.store).publish(changed(
        lambda text: text.replace("to: due}", "to: due, ask: must}", 1),
        {"forms/must.yaml": "name: must\nobject: task\nitems: {pain: {required: true}}\n"}))
    task = clinic.task(due="2026-03-02")
    clinic.run_due("timer")
    job = clinic.jobs(kind="timer")[0]
    assert (job.state, clinic.value("task", task, "status")) == (State.ASIDE.value, "planned")
    assert job.problem.endswith("become_due: invalid (pain required)")
    clinic.ok(Update("task", task, {"pain": 2}, None))
    with clinic.store.write() as connection:
        actor = system_actor(clock().date())
        assert again(connection, actor, clinic.store.release(), ids=(job.id,), now=clock(), new_id=clinic.workplace.new_id) == 1
    clinic.run_due("timer")
    assert clinic.value("task", task, "status") == "due"


def test_many_at_once(clinic: Automated, clock: FixedClock):
    """4. As one list of commands: those that their guard keeps, whose time moved or that are gone keep nobody else."""
    Clinic(clinic.store).publish(changed(lambda text: text.replace("to: due}", 'to: due, when: "has(pain)"}', 1)))
    patient = clinic.patient()
    tasks = [clinic.task(patient, due="2026-03-02", **({} if n == 3 else {"pain": 1})) for n in range(12)]
    minute = clinic.task(patient, at="2026-03-02T01:00:00Z")
    clinic.ok(Transition("task", minute, "start"))
    with clinic.store.write() as connection:  # behind everybody's back, so that its job stays
        table = clinic.store.release().tables.object("task").table
        connection.execute(table.delete().where(table.c.id == tasks[5]))
    selects: list[str] = []
    sa.event.listen(clinic.store.main.writes, "before_cursor_execute", lambda c, cursor, text, *more: selects.append(text))
    clinic.run_due("timer")
    assert len([text for text in selects if text.startswith("SELECT")]) < 12 + 40
    found = {place: clinic.value("task", task, "status") for place, task in enumerate(tasks)}
    assert found == {**dict.fromkeys(range(12), "due"), 3: "planned", 5: None}
    assert clinic.value("task", minute, "status") == "done" and len(clinic.jobs(kind="timer", state="done")) == 13
    assert clinic.audited(tasks[0])[-1] == ("become_due", "system", None)


def test_a_release_sets_timers_anew(clinic: Automated, clock: FixedClock, monkeypatch: pytest.MonkeyPatch):
    """5. Another time, a new timer and one that is gone, over more records than a slice holds; equal timers are left alone."""
    monkeypatch.setattr(renewing, "SLICE", 3)
    planned = [clinic.task(due="2026-03-10") for _ in range(7)]
    late = clinic.task(due="2026-02-27")
    clinic.ok(Transition("task", late, "become_due"))
    done = clinic.task(due="2026-03-10")
    clinic.ok(Transition("task", done, "start"))
    files = changed(lambda text: text.replace("at: due, fire", 'at: "due - days(1)", fire').replace("  give_up", "  #").replace(
        "  minute:", '  idle: {in: running, at: "due + days(30)", fire: finish}\n  minute:'))
    plan = Clinic(clinic.store).plan(files)
    found = [operation for operation in plan.operations if isinstance(operation, SetTimers)]
    assert [(one.timers, one.count) for one in found] == [(("become_due", "give_up", "idle"), 9)]
    publish(clinic.store, files)
    clinic.run_due("timers")
    early = SHANGHAI_8 - datetime.timedelta(days=1)
    assert waiting(clinic) == [("become_due", early)] * 7 + [("idle", SHANGHAI_8 + datetime.timedelta(days=30))]
    assert {job.record_id for job in clinic.jobs(kind="timer", state="waiting")} == {*planned, done}
    assert not [one for one in Clinic(clinic.store).plan({**files, "objects/x.yaml": "name: x\nfields: {a: {type: text}}\n"}).operations
                if isinstance(one, SetTimers)]


def test_a_formula_that_moves_the_time(clinic: Automated):
    """5. The text of the timer stays, the formula that it reads does not."""
    files = changed(lambda text: text.replace("at: due, fire", "at: remind, fire"))
    publish(clinic.store, files)
    plan = Clinic(clinic.store).plan({**files, "objects/task.yaml": FILES["objects/task.yaml"].replace("due - days(1)", "due - days(2)")})
    assert [one.timers for one in plan.operations if isinstance(one, SetTimers)] == [("become_due",)]


def test_one_winner(clinic: Automated, clock: FixedClock):
    """6. The transition and its history are there once, whoever was first."""
    task = clinic.task(due="2026-03-02")
    people = 49
    barrier = Barrier(people + 1)

    def press(place: int) -> bool:
        barrier.wait()
        if place == people:
            clinic.run_due("timer")
            return False
        return isinstance(clinic.run(Transition("task", task, "become_due"))[0], Written)

    with ThreadPoolExecutor(people + 1) as pool:
        won = sum(pool.map(press, range(people + 1)))
    assert won in (0, 1)
    assert [action for action, _, _ in clinic.audited(task)] == ["create", "become_due"]
    assert clinic.value("task", task, "status") == "due"
