"""Effects of transitions, in the transaction of the transition.

1. Effects take place in order; those whose condition is false or unknown do not; `user` is who pressed.
2. They are written by the built-in account for the person who pressed, whose own rights do not matter.
3. A refused effect and those after it wait as a job; the person's change stands, and she is told.
4. The job is tried again and has each effect once; one that keeps failing is set aside with the line of the effect.
5. Nothing is written of another clinic.
6. Effects that lead to one another end, at a depth and after a hundred.
7. Many records at once cost few statements; one refused record does not hold up the others.
8. A transition that fails takes its effects along.
"""

from __future__ import annotations

import pytest

from runtime.effects import chain, running
from runtime.effects.chain import MOST
from runtime.records.commands import Create, JoinClinic, Transition, Update
from runtime.records.outcomes import Refused, Written
from runtime.records.writing.following import DEPTH
from runtime.store import system
from tests.fixtures.clock import FixedClock
from tests.runtime.effects.automated import LI, NORTH, SOUTH, WANG, Automated


def finished(clinic: Automated, pain: int | None, **values: object) -> tuple[str, Written]:
    task = clinic.task(**values)
    clinic.ok(Transition("task", task, "start"), actor=clinic.nurse())
    given = {} if pain is None else {"pain": pain}
    return task, clinic.ok(Transition("task", task, "finish", given), actor=clinic.nurse())


def notes(clinic: Automated) -> list[tuple[object, ...]]:
    table = clinic.store.release().tables.object("note")
    with clinic.store.read() as connection:
        rows = connection.execute(table.table.select()).mappings().all()
    return [(row["text"], row["pain"], row["task"], row["patient"]) for row in rows]


def test_effects_take_place_in_order(clinic: Automated):
    """1., 2. A note with its links back, the patient alarmed, the doctor told, the next task changed."""
    patient = clinic.patient(doctor=WANG)
    following = clinic.task(patient, step="visit")
    task, outcome = finished(clinic, 8, patient=patient, next=following)
    assert not outcome.warnings
    assert clinic.value("task", task, "assignee") == LI
    assert notes(clinic) == [("call", 8, task, patient)]
    assert clinic.value("patient", patient, "standing") == "alarmed"
    assert clinic.value("task", following, "step") == "after call"
    assert clinic.audited(patient)[-1] == ("alarm", "system", LI)
    with clinic.store.read() as connection:
        told = connection.execute(system.message.select()).one()
    assert (told.record_id, told.to_id, told.cause) == (task, WANG, "test:task.finish.tell")


@pytest.mark.parametrize("pain", [3, None])
def test_conditions_that_are_not_true(clinic: Automated, pain: int | None):
    """1. False and unknown alike."""
    patient = clinic.patient(doctor=WANG)
    finished(clinic, pain, patient=patient)
    assert clinic.value("patient", patient, "standing") == "calm"
    assert not clinic.jobs(kind="message")
    assert len(notes(clinic)) == 1


def test_a_refused_effect_waits(clinic: Automated, clock: FixedClock):
    """3., 4. The note takes no pain of 10; it and what comes after follow once that is corrected."""
    patient = clinic.patient(doctor=WANG)
    task, outcome = finished(clinic, 10, patient=patient)
    assert [warning.code for warning in outcome.warnings] == ["follow_up_delayed"]
    assert clinic.value("task", task, "status") == "done"
    assert notes(clinic) == [] and clinic.value("patient", patient, "standing") == "calm"
    job = clinic.jobs(kind="effects")[0]
    assert (job.record_id, job.clinic_id, job.subject_id) == (task, NORTH, patient)
    assert job.payload["effects"] == [f"test:task.finish.{name}" for name in ("log", "escalate", "tell", "follow")]
    clock.advance(minutes=1)
    clinic.run_due("effects")
    failed = clinic.jobs(kind="effects")[0]
    assert (failed.state, failed.attempts) == ("waiting", 1)
    assert failed.problem.startswith("test/workflows/task.yaml:15:7 test:task.finish.log: invalid; pain ")
    clinic.ok(Update("task", task, {"pain": 8}, None))
    clock.advance(minutes=1)
    clinic.run_due("effects")
    assert notes(clinic) == [("call", 8, task, patient)]
    assert clinic.audited(patient)[-1] == ("alarm", "system", LI)
    assert clinic.jobs(kind="effects")[0].state == "done"


def test_a_hopeless_effect_is_set_aside(clinic: Automated, clock: FixedClock):
    """4. After its attempts; nothing of what came before it in the same run is kept."""
    task, _ = finished(clinic, 10)
    for _ in range(12):
        clock.advance(days=1)
        clinic.run_due("effects")
    job = clinic.jobs(kind="effects")[0]
    assert (job.state, job.attempts) == ("aside", 10)
    assert "test:task.finish.log" in job.problem and notes(clinic) == []
    assert clinic.value("task", task, "status") == "done"


def test_nothing_of_another_clinic(clinic: Automated):
    """5. A link may lead to a patient of another clinic; no effect writes there. Once they share a clinic it may."""
    theirs = clinic.patient(SOUTH, name="B")
    task = clinic.task(other=theirs)
    clinic.ok(Transition("task", task, "start"))
    outcome = clinic.ok(Transition("task", task, "spill"), actor=clinic.nurse())
    assert [warning.code for warning in outcome.warnings] == ["follow_up_delayed"]
    assert clinic.value("patient", theirs, "name") == "B"
    assert "another_clinic" in clinic.jobs(kind="effects")[0].payload["problem"]
    clinic.ok(JoinClinic("patient", theirs, NORTH))
    again = clinic.task(other=theirs, step="C")
    clinic.ok(Transition("task", again, "start"))
    assert not clinic.ok(Transition("task", again, "spill"), actor=clinic.nurse()).warnings
    assert clinic.value("patient", theirs, "name") == "C"


def test_enrolling(clinic: Automated):
    """1. The record begins the plan; who pressed is behind it."""
    task, _ = finished(clinic, 1, due="2026-03-02")
    assert not clinic.ok(Transition("task", task, "care")).warnings
    with clinic.store.read() as connection:
        row = connection.execute(system.enrolment.select()).one()
    assert (row.record_id, row.plan, row.cause, row.state) == (task, "test:care", "effect", "active")


def test_reach_is_what_keeps_clinics_apart(clinic: Automated, monkeypatch: pytest.MonkeyPatch):
    """5. Planted fault: without it the other clinic's patient is written."""
    monkeypatch.setattr(running, "foreign", lambda around, object, effect, intents: {})
    theirs = clinic.patient(SOUTH, name="B")
    task = clinic.task(other=theirs)
    clinic.ok(Transition("task", task, "start"))
    clinic.ok(Transition("task", task, "spill"), actor=clinic.nurse())
    assert clinic.value("patient", theirs, "name") == "call"


@pytest.mark.parametrize("most", [MOST, 3])
def test_circles_end(clinic: Automated, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, most: int):
    """6. Two tasks that fire each other stop at the nearer bound; what was left out is set aside at once, not tried again."""
    monkeypatch.setattr(chain, "MOST", most)
    one = clinic.task(step="one")
    two = clinic.task(step="two", next=one)
    clinic.ok(Update("task", one, {"next": two}, None))
    clinic.ok(Transition("task", one, "start"), Transition("task", two, "start"))
    before = clinic.value("task", one, "version") + clinic.value("task", two, "version")
    outcome = clinic.ok(Transition("task", one, "circle"), actor=clinic.nurse())
    assert [warning.code for warning in outcome.warnings] == ["follow_up_delayed"]
    assert clinic.value("task", one, "version") + clinic.value("task", two, "version") == before + min(DEPTH, most) + 1
    assert clinic.jobs(kind="effects")[0].payload["circle"] is True
    clock.advance(minutes=1)
    clinic.run_due("effects")
    assert clinic.jobs(kind="effects")[0].state == "aside"


def test_many_at_once(clinic: Automated):
    """7. Twenty tasks finished by one list, one of them with a note that is refused."""
    patient = clinic.patient()
    tasks = [clinic.task(patient) for _ in range(20)]
    clinic.ok(*(Transition("task", task, "start") for task in tasks))
    outcomes = clinic.run(
        *(Transition("task", task, "finish", {"pain": 10 if task == tasks[7] else 1}) for task in tasks), actor=clinic.nurse())
    assert [bool(one.warnings) for one in outcomes if isinstance(one, Written)] == [place == 7 for place in range(20)]
    assert len(notes(clinic)) == 19
    assert [job.record_id for job in clinic.jobs(kind="effects")] == [tasks[7]]


def test_all_or_nothing(clinic: Automated):
    """8. A later command of the list is refused: neither the transition nor its effects took place, and no job waits."""
    task = clinic.task()
    clinic.ok(Transition("task", task, "start"))
    outcomes = clinic.run(Transition("task", task, "finish", {"pain": 10}), Create("note", {}), actor=clinic.system)
    assert all(isinstance(one, Refused) for one in outcomes)
    assert clinic.value("task", task, "status") == "running" and notes(clinic) == [] and not clinic.jobs(kind="effects")
