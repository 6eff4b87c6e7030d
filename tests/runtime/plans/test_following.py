"""Who comes onto a plan, what is planned, and what a change does to it.

1. A record that comes to fulfil `enrol_when` begins the plan once, whoever writes; one that fulfilled it before does not again.
2. At its time a step makes its record, filled in, once.
3. When a record of a step is done, cancelled or deleted, its step says so, and what comes later is judged by its answers.
4. A moved anchor moves what is planned, and records that nobody has begun.
5. `stop_when`, also by a change of the patient, ends the plan, and what nobody has begun is cancelled.
6. Deleting what began the plan ends it; restoring takes it up again.
"""

from __future__ import annotations

from runtime.identity.actor import system_actor
from runtime.records.commands import Create, Delete, Restore
from runtime.store import system
from tests.fixtures.clock import START
from tests.runtime.plans.world import CALL, FLOW, World


def test_a_record_that_comes_to_fulfil_the_condition_enrols(world: World):
    """1."""
    treatment = world.treatment(finished=False)
    assert world.enrolments(treatment) == []
    world.update("treatment", treatment, finished=True)
    (one,) = world.enrolments(treatment)
    assert (one.state, one.plan, one.cause, one.anchor) == ("active", "test:recovery", "rule", "2026-03-02")
    assert world.steps(treatment) == {
        "day1.1": ("planned", "2026-03-03"), "week1.1": ("planned", "2026-03-09"), "recall.1": ("planned", "2026-09-02"),
        "recall.2": ("planned", "2027-03-02")}
    world.update("treatment", treatment, finished=True, kind="implant")
    assert len(world.enrolments(treatment)) == 1


def test_steps_make_their_records(world: World):
    """2."""
    treatment = world.treatment()
    world.run_due()
    assert world.calls(treatment) == {}
    world.days(1)
    (call,) = world.calls(treatment).values()
    assert (call["step"], str(call["due"]), call["status"]) == ("First day", "2026-03-03", "planned")
    world.days(1)
    assert len(world.calls(treatment)) == 1
    assert world.steps(treatment)["day1.1"] == ("created", "2026-03-03")


def test_answers_decide_what_comes(world: World):
    """3."""
    painless, painful = world.treatment(), world.treatment()
    world.days(1)
    for treatment, pain in ((painless, 0), (painful, 3)):
        assert world.fire(world.calls(treatment)["First day"]["id"], "finish", pain=pain).ok
    assert world.steps(painless)["day1.1"][0] == "done"
    world.days(6)
    assert world.steps(painless)["week1.1"] == ("skipped", "2026-03-09")
    assert world.steps(painful)["week1.1"] == ("created", "2026-03-09")
    assert world.calls(painful)["One week"]["note"] == "implant"


def test_a_window_that_passes_is_missed_and_may_still_be_done(world: World):
    """3."""
    treatment = world.treatment()
    world.days(3)
    assert world.steps(treatment)["day1.1"][0] == "created"
    world.days(1)
    assert world.steps(treatment)["day1.1"][0] == "missed"
    assert world.fire(world.calls(treatment)["First day"]["id"], "finish", pain=1).ok
    assert world.steps(treatment)["day1.1"][0] == "done"


def test_a_moved_anchor_moves_what_is_to_come(world: World):
    """4."""
    treatment = world.treatment()
    world.days(1)
    world.update("treatment", treatment, day="2026-03-05")
    assert world.steps(treatment) == {
        "day1.1": ("created", "2026-03-06"), "week1.1": ("planned", "2026-03-12"), "recall.1": ("planned", "2026-09-05"),
        "recall.2": ("planned", "2027-03-05")}
    assert str(world.calls(treatment)["First day"]["due"]) == "2026-03-06"


def test_an_unknown_anchor_waits(world: World):
    """4."""
    treatment = world.treatment(day=None)
    assert world.steps(treatment) == {} and world.enrolments(treatment)[0].why == "waiting"
    world.update("treatment", treatment, day="2026-03-02")
    assert len(world.steps(treatment)) == 4 and world.enrolments(treatment)[0].why is None
    world.days(1)
    assert len(world.calls(treatment)) == 1


def test_a_change_of_the_patient_ends_the_plan(world: World):
    """5."""
    patient = world.patient()
    treatment = world.treatment(patient)
    world.days(1)
    world.update("patient", patient, phone="999")
    (one,) = world.enrolments(treatment)
    assert (one.state, one.why) == ("stopped", "condition")
    assert {state for state, _ in world.steps(treatment).values()} == {"stopped"}
    assert world.calls(treatment)["First day"]["status"] == "cancelled"
    world.days(10)
    assert len(world.calls(treatment)) == 1


def test_what_somebody_has_begun_stays_when_the_plan_ends(world: World):
    """5."""
    patient = world.patient()
    treatment = world.treatment(patient)
    world.days(1)
    assert world.fire(world.calls(treatment)["First day"]["id"], "start").ok
    world.update("patient", patient, phone="999")
    assert world.calls(treatment)["First day"]["status"] == "running"
    assert world.steps(treatment)["day1.1"][0] == "created"
    assert world.fire(world.calls(treatment)["First day"]["id"], "finish", pain=1).ok
    assert world.steps(treatment)["day1.1"][0] == "done"


def test_deleting_what_began_it_ends_the_plan_and_restoring_takes_it_up(world: World):
    """6."""
    treatment = world.treatment()
    world.days(1)
    world.ok(Delete("treatment", treatment))
    assert (world.enrolments(treatment)[0].state, world.enrolments(treatment)[0].why) == ("stopped", "deleted")
    world.days(10)
    world.ok(Restore(treatment))
    assert world.enrolments(treatment)[0].state == "active"
    world.run_due()
    steps = world.steps(treatment)
    assert steps["day1.1"][0] == "missed" and steps["week1.1"][0] == "created" and steps["recall.1"][0] == "planned"


def test_a_cancelled_or_deleted_record_settles_its_step(world: World):
    """3."""
    one, two = world.treatment(), world.treatment()
    world.days(1)
    assert world.fire(world.calls(one)["First day"]["id"], "cancel", reason="moved away").ok
    call = world.calls(two)["First day"]["id"]
    world.ok(Delete("call", call))
    assert world.steps(one)["day1.1"][0] == world.steps(two)["day1.1"][0] == "skipped"
    world.ok(Restore(call))
    assert world.steps(two)["day1.1"][0] == "created"


def test_the_form_of_a_step_is_asked(world: World):
    """2. `wound` asks for the pain; the workflow's own form would refuse it."""
    treatment = world.treatment()
    world.days(1)
    call = world.calls(treatment)["First day"]["id"]
    refused = world.fire(call, "finish", note="well")
    assert not refused.ok and refused.errors[0].code == "not_on_form"
    assert not world.fire(call, "finish").ok
    assert world.fire(call, "finish", pain=2).ok
    other = world.ok(Create("call", {"patient": world.patient(), "step": "by hand", "due": "2026-03-09"})).id
    assert world.fire(other, "finish", note="well").ok


def test_a_guard_waits_for_what_the_form_of_a_step_asks(world: World):
    """2. The workflow's own form does not ask for the pain, the step's does: the button is not grey, and the answer is judged."""
    world.publish({"workflows/call.yaml": FLOW.replace("ask: outcome", "ask: outcome, when: pain < 5")})
    treatment = world.treatment()
    world.days(1)
    call = world.calls(treatment)["First day"]["id"]
    offers = {offer.transition.name: offer.refusal for offer in world.records.get("call", call, system_actor(START.date())).offers}
    assert offers["finish"] is None
    assert world.fire(call, "finish", pain=6).errors[0].code == "guard_refused"
    assert world.fire(call, "finish", pain=2).ok


def test_a_plan_that_has_run_is_finished(world: World):
    """3."""
    treatment = world.treatment()
    for _ in range(4):
        world.days(190)
        for call in world.calls(treatment).values():
            if call["status"] == "planned":
                assert world.fire(call["id"], "finish", **({"pain": 1} if call["step"] == "First day" else {})).ok
    (one,) = world.enrolments(treatment)
    assert (one.state, one.why) == ("finished", None)
    assert world.rows(system.job, system.job.c.kind == "plan", system.job.c.state == "waiting") == []


def test_a_record_that_refuses_its_new_day_keeps_the_old_one(world: World):
    """The step says what its record says, and moves as soon as the record lets it."""
    rule = "checks:\n  early: {rule: \"due < date('2026-03-10')\", message: {en: Too late, zh: 太晚}}\n"
    world.publish({"objects/call.yaml": CALL + rule})
    treatment = world.treatment()
    world.days(1)
    world.update("treatment", treatment, day="2026-03-12")
    assert str(world.calls(treatment)["First day"]["due"]) == "2026-03-03"
    assert world.steps(treatment)["day1.1"] == ("created", "2026-03-03")
    world.publish({})
    world.update("treatment", treatment, kind="implant", finished=False)
    world.update("treatment", treatment, finished=True)
    assert str(world.calls(treatment)["First day"]["due"]) == "2026-03-13" and world.steps(treatment)["day1.1"] == ("created", "2026-03-13")
