"""Many at a time, several at once, and time that does not go as it should.

1. 500 records that one list of commands makes fit are enrolled with a bounded number of statements.
2. Two runners at the same due jobs make each record once.
3. A month of downtime: what each step says is done, in bounded transactions, once.
4. A clock that jumps a day and back makes nothing twice and loses nothing.
5. Two who fulfil the condition of one record at the same time put it on the plan once.
6. A step that tells somebody queues its message once.
7. What many are due to do is done with a bounded number of statements; a record that is refused harms no other, nor do two of one patient.
8. What one due job leads to for the plans of others that are due at the same time is neither lost nor undone, and nobody waits for it.
"""

from __future__ import annotations

import threading

import sqlalchemy as sa

from runtime.jobs.kinds import kinds_of
from runtime.records.commands import Create, Update
from runtime.store import system
from tests.runtime.plans.world import CALL, LI, NORTH, RECOVERY, TELLING, TREATMENT, World, telling

STATEMENTS = 60
"""For 500 records: none per record."""


def _many(world: World, count: int, **values: object) -> list[str]:
    patients = [outcome.id for outcome in world.run(*(Create("patient", {"name": f"P{n}"}, clinic=NORTH) for n in range(count)))]
    given = {"kind": "implant", "day": "2026-03-02", **values}
    return [outcome.id for outcome in world.run(*(Create("treatment", {"patient": one, **given}) for one in patients))]


def test_an_import_enrols_by_sets(world: World):
    """1. Every SELECT, and every statement about plans and jobs; that each record is updated by itself is another matter."""
    counted: list[str] = []

    def note(conn, cursor, statement, parameters, context, executemany):  # type: ignore[no-untyped-def]
        if statement.startswith("SELECT") or "cw_enrolment" in statement or "cw_job" in statement or "cw_plan" in statement:
            counted.append(statement)

    treatments = _many(world, 500, finished=False)
    sa.event.listen(world.store.main.writes, "before_cursor_execute", note)
    assert all(one.ok for one in world.run(*(Update("treatment", id, {"finished": True}, None) for id in treatments)))
    sa.event.remove(world.store.main.writes, "before_cursor_execute", note)
    assert len(world.rows(system.enrolment)) == 500 and len(world.rows(system.enrolment_step)) == 2000
    assert 8 < len(counted) < STATEMENTS, len(counted)


def test_two_runners_make_each_record_once(world: World):
    """2."""
    treatments = _many(world, 24, finished=True)
    world.clock.advance(days=1)
    runners = [world.runner() for _ in range(2)]
    for each in runners:
        each.kinds = {name: kind for name, kind in kinds_of(world.workplace).items() if name == "plan"}
    threads = [threading.Thread(target=each.run_due) for each in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.run_due()
    assert [len(world.calls(treatment)) for treatment in treatments] == [1] * 24
    steps = world.rows(system.enrolment_step, system.enrolment_step.c.state == "created")
    table = world.store.release().tables.object("call").table
    assert len(steps) == 24 == len(world.rows(table))


def test_after_a_month_of_downtime(world: World):
    """3. A step of every day: `run_late` makes all of them up, `merge` the latest, `skip` none that is past."""
    daily = "{{every: days(1), from: 'anchor + days(1)', times: 40, create: call, missed: {}}}"
    steps = "\n".join(f"  {name}: {daily.format(name)}" for name in ("run_late", "merge", "skip"))
    world.publish({"plans/recovery.yaml": RECOVERY[:RECOVERY.index("  day1")] + steps + "\n"})
    treatment = world.treatment()
    world.clock.advance(days=30)
    world.run_due()
    made = world.steps(treatment)
    states = {name: [made[f"{name}.{n}"][0] for n in range(1, 32)] for name in ("run_late", "merge", "skip")}
    assert states["run_late"] == ["created"] * 30 + ["planned"]
    assert states["merge"] == ["missed"] * 29 + ["created", "planned"]
    assert states["skip"] == ["missed"] * 29 + ["created", "planned"]
    world.run_due()
    assert world.steps(treatment) == made


def test_a_clock_that_jumps(world: World):
    """4."""
    treatment = world.treatment()
    for jump in (1, -1, 1, -1, 2, -2, 2):
        world.clock.advance(days=jump)
        world.run_due()
    assert len(world.calls(treatment)) == 1 and world.steps(treatment)["day1.1"][0] == "created"
    table = world.store.release().tables.object("call").table
    assert len(world.rows(table)) == 1


def test_two_at_once_enrol_once(world: World):
    """5. One makes the treatment fit, the other the patient."""
    world.publish({"plans/recovery.yaml": RECOVERY.replace("kind == 'implant'", "subject.name == 'Fit'")})
    for _ in range(4):
        patient = world.patient()
        treatment = world.treatment(patient, finished=False)
        commands = (Update("treatment", treatment, {"finished": True}, None), Update("patient", patient, {"name": "Fit"}, None))
        gate = threading.Barrier(2)

        def go(command: Update, gate: threading.Barrier = gate) -> None:
            gate.wait()
            world.ok(command)

        threads = [threading.Thread(target=go, args=(command,)) for command in commands]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        world.update("treatment", treatment, day="2026-03-04")
        assert len(world.enrolments(treatment)) == 1


def test_a_step_tells_once(world: World):
    """6."""
    world.publish({**telling(world), "plans/recovery.yaml": TELLING})
    treatment = world.treatment()
    world.days(1)
    assert world.steps(treatment)["say.1"] == ("done", "2026-03-03") and world.enrolments(treatment)[0].state == "finished"
    assert [row.message for row in world.rows(system.message)] == ["test:hello"]
    world.days(2)
    assert len(world.rows(system.message)) == 1


def test_steps_of_many(world: World):
    """7."""
    treatments = _many(world, 40, finished=True)
    world.clock.advance(days=1)
    selects: list[str] = []
    sa.event.listen(world.store.main.writes, "before_cursor_execute", lambda c, cursor, text, *more: selects.append(text))
    world.run_due()
    assert {name for each in treatments for name in world.calls(each)} == {"First day"}
    assert len([text for text in selects if text.startswith("SELECT")]) < 160


def test_one_that_is_refused_among_many(world: World):
    """7. `kind` of the third is too long for the note that the step fills in."""
    call = CALL.replace("note: {type: text, max: 40}", "note: {type: text, max: 10}")
    plan = RECOVERY.replace("window: days(2)}", "window: days(2), values: {note: kind}}").replace("kind == 'implant'", "true")
    world.publish({"objects/call.yaml": call, "plans/recovery.yaml": plan})
    patient = world.patient()
    world.run_due()  # the look at everybody that a publish asks for
    kinds = ("a", "b", "much too long", "c", "d")
    treatments = [world.treatment(patient if n in (0, 1) else None, kind=kind) for n, kind in enumerate(kinds)]
    world.clock.advance(days=1)
    world.run_due()
    assert [len(world.calls(each)) for each in treatments] == [1, 1, 0, 1, 1]
    aside = world.rows(system.job, system.job.c.state == "aside")
    assert [job.record_id for job in aside] == [treatments[2]] and "note" in aside[0].problem


def test_a_step_that_ends_the_plans_of_the_same_patient(world: World):
    """8. The jobs of the others are in the same hands already."""
    world.publish({
        "objects/call.yaml": CALL.replace("patient: {type: link, to: patient,", "patient: {type: link, to: patient, inverse: calls,"),
        "plans/recovery.yaml": RECOVERY.replace("subject.phone == '999'", "subject.calls.exists(c, true)")})
    patient = world.patient()
    several = [world.treatment(patient) for _ in range(3)]
    world.clock.advance(days=1)
    world.run_due()
    assert [world.enrolments(each)[0].state for each in several] == ["stopped"] * 3
    assert len(world.rows(world.store.release().tables.object("call").table)) == 1


def test_a_step_that_ends_a_plan_that_was_carried_on_with_it(world: World):
    """8. The second step of one is known when its first is done, and ends the other, which was through by then."""
    head = RECOVERY[:RECOVERY.index("  day1")]
    steps = """
  first: {at: anchor + days(1), create: call}
  second: {label: Second, at: answers.first.due, create: call, values: {assignee: doctor}}
"""
    last = "  last: {every: days(1), from: anchor + days(1), times: 3, create: call}\n"
    other = head.replace("name: recovery", "name: other").replace("implant", "crown").replace(
        "subject.phone == '999'", "doctor.calls.exists(c, c.step == 'Second')")
    world.publish({
        "objects/call.yaml": CALL.replace("assignee: {type: link, to: staff,", "assignee: {type: link, to: staff, inverse: calls,"),
        "objects/treatment.yaml": TREATMENT + "  doctor: {type: link, to: staff, on_delete: clear}\n",
        "plans/recovery.yaml": head + steps, "plans/other.yaml": other + last})
    ended, ends = (world.treatment(kind=kind, doctor=LI) for kind in ("crown", "implant"))
    world.clock.advance(days=1)
    world.run_due()
    assert world.steps(ended) == {f"last.{n}": ("stopped", f"2026-03-0{n + 2}") for n in (1, 2, 3)}
    assert (world.enrolments(ended)[0].state, world.calls(ended)["Last"]["status"]) == ("stopped", "cancelled")
    assert world.steps(ends) == {"first.1": ("created", "2026-03-03"), "second.1": ("created", "2026-03-03")}
    world.days(3)
    assert len(world.calls(ended)) == 1 and {job.state for job in world.rows(system.job, system.job.c.kind == "plan")} <= {"done", "cancelled"}
