"""What a publish does to people on plans, by the plan's `running`.

1. `move_at_next_step`: what is planned follows the new steps; what was made stays.
2. `replan`: what nobody has begun moves as well, and goes with its step.
3. `keep`: those under way go on by the release they began with; those who come later go by the new one.
4. A plan that is retired ends; a step that is renamed keeps what became of it, one that is retired comes no more.
5. Those who meet a new plan's condition already are not put on it; those who come to meet it are.
6. Going back to the release before is a publish like any other.
7. The release plan says how many people and tasks that is about.
8. Who meets a new condition is found before the flip, beside people at work; at the flip what has changed meanwhile.
"""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from engine.targets.operations import Risk
from engine.targets.plans_under_way import BeginPlan, EndPlan, MovePlan
from runtime.plans import met
from runtime.records.commands import Create, Delete
from runtime.store import publish, system
from tests.runtime.plans.world import CALL, FILES, RECOVERY, TREATMENT, World

LATER = RECOVERY.replace("anchor + days(1)", "anchor + days(3)").replace("anchor + days(7)", "anchor + days(10)")
COUNTED = CALL.replace("treatment: {type: link, to: treatment,", "treatment: {type: link, to: treatment, inverse: calls,")


def running(text: str, how: str) -> dict[str, str]:
    return {"plans/recovery.yaml": text.replace("move_at_next_step", how)}


def test_what_is_planned_moves(world: World):
    """1."""
    treatment = world.treatment()
    world.days(1)
    world.publish({"plans/recovery.yaml": LATER})
    world.run_due()
    steps = world.steps(treatment)
    assert steps["day1.1"] == ("created", "2026-03-03") and steps["week1.1"] == ("planned", "2026-03-12")
    assert str(world.calls(treatment)["First day"]["due"]) == "2026-03-03"
    world.days(9)
    assert str(world.calls(treatment)["One week"]["due"]) == "2026-03-12"


def test_what_nobody_has_begun_moves(world: World):
    """2."""
    world.publish(running(RECOVERY, "replan"))
    one, two = world.treatment(), world.treatment()
    world.days(1)
    assert world.fire(world.calls(two)["First day"]["id"], "start").ok
    world.publish(running(LATER, "replan"))
    world.run_due()
    assert str(world.calls(one)["First day"]["due"]) == "2026-03-05" and str(world.calls(two)["First day"]["due"]) == "2026-03-03"
    assert world.steps(one)["day1.1"] == ("created", "2026-03-05")


def test_those_under_way_go_on_as_they_began(world: World):
    """3."""
    world.publish(running(RECOVERY, "keep"))
    treatment = world.treatment()
    renamed = TREATMENT.replace("  day: {type: date}", "  operated: {type: date, was: [day]}")
    plan = LATER.replace("move_at_next_step", "keep").replace("treatment.day", "treatment.operated")
    world.publish({"objects/treatment.yaml": renamed, "plans/recovery.yaml": plan})
    values = {"patient": world.patient(), "kind": "implant", "operated": "2026-03-02", "finished": True}
    later = world.ok(Create("treatment", values)).id
    world.days(1)
    assert str(world.calls(treatment)["First day"]["due"]) == "2026-03-03" and world.calls(later) == {}
    world.days(2)
    assert str(world.calls(later)["First day"]["due"]) == "2026-03-05"


def test_a_retired_plan_ends(world: World):
    """4."""
    other = {"plans/other.yaml": RECOVERY.replace("name: recovery", "name: other")}
    world.publish({**running(RECOVERY, "keep"), **other})
    treatment = world.treatment()
    world.days(1)
    world.publish({**running(RECOVERY + "retired: true\n", "keep"), **other})
    world.run_due()
    states = {row.plan: (row.state, row.why) for row in world.enrolments(treatment)}
    assert states["test:recovery"] == ("stopped", "retired") and states["test:other"][0] == "active"


def test_steps_are_known_by_their_ids(world: World):
    """4."""
    treatment = world.treatment()
    world.days(1)
    changed = RECOVERY.replace("  day1: {", "  first: {was: [day1], ").replace("answers.day1", "answers.first").replace(
        "  recall: {", "  recall: {retired: true, ")
    world.publish({"plans/recovery.yaml": changed})
    world.run_due()
    assert world.steps(treatment) == {"day1.1": ("created", "2026-03-03"), "week1.1": ("planned", "2026-03-09")}
    assert len(world.calls(treatment)) == 1


def test_those_who_meet_a_new_condition_already_stay_off(world: World):
    """5."""
    before, unfinished = world.treatment(kind="crown"), world.treatment(kind="crown", finished=False)
    world.publish({"plans/recovery.yaml": RECOVERY.replace("kind == 'implant'", "kind == 'crown' && subject.name == 'Wang'")})
    world.update("treatment", before, day="2026-03-04")
    world.update("treatment", unfinished, finished=True)
    assert world.enrolments(before) == [] and len(world.enrolments(unfinished)) == 1
    world.update("treatment", before, kind="implant")
    world.update("treatment", before, kind="crown")
    assert len(world.enrolments(before)) == 1


@pytest.mark.parametrize("in_sql", [True, False])
def test_looking_ahead_of_the_flip(world: World, monkeypatch: pytest.MonkeyPatch, in_sql: bool):
    """8. What changes between the look and the flip is looked at again, also behind a link; the rest is not."""
    if not in_sql:  # as for a condition that no database can judge
        monkeypatch.setattr(met, "sql_problem", lambda tree: "no")
    condition = "kind == 'crown' && subject.name == 'Wang'"
    left, came, other = (world.treatment(kind=kind) for kind in ("crown", "filling", "crown"))
    elsewhere = world.patient(name="Li")
    behind = world.treatment(elsewhere, kind="crown")
    monkeypatch.setattr(met, "_MARGIN", datetime.timedelta(0))
    world.clock.advance(seconds=60)
    ahead, judge = publish.look_ahead, met._judge
    judged: list[Any] = []

    def meanwhile(*given: Any, **named: Any) -> None:
        ahead(*given, **named)
        world.update("treatment", left, kind="filling")
        world.update("treatment", came, kind="crown")
        world.update("patient", elsewhere, name="Wang")
        monkeypatch.setattr(met, "_judge", lambda *given: (judged.extend(given[4]), judge(*given)))

    monkeypatch.setattr(publish, "look_ahead", meanwhile)
    world.publish({"plans/recovery.yaml": RECOVERY.replace("finished && kind == 'implant'", condition)})
    assert set(judged) == {left, came, behind}
    for each in (came, other, behind):
        world.update("treatment", each, day="2026-03-04")
        assert world.enrolments(each) == []
    world.update("treatment", left, kind="crown")
    assert len(world.enrolments(left)) == 1
    world.run_due()
    (key,) = world.rows(system.setting, system.setting.c.name == "plan_met:test:recovery")
    assert {row.plan for row in world.rows(system.plan_met)} == {key.value}


def test_child_rows_that_go_while_a_publish_looks_ahead(world: World, monkeypatch: pytest.MonkeyPatch):
    """8. A deleted or moved one may have been all that made its parent meet the condition."""
    world.publish({"objects/call.yaml": COUNTED})
    gone, left, reached, stays = (world.treatment(kind="crown") for _ in range(4))

    def call(treatment: str) -> str:
        (row,) = world.rows(system.record_subject, system.record_subject.c.record_id == treatment)
        return world.ok(Create("call", {"patient": row.subject_id, "treatment": treatment, "step": "x", "due": "2026-03-02"})).id

    calls = {each: call(each) for each in (gone, left, stays)}
    monkeypatch.setattr(met, "_MARGIN", datetime.timedelta(0))
    world.clock.advance(seconds=60)
    ahead = publish.look_ahead

    def meanwhile(*given: Any, **named: Any) -> None:
        ahead(*given, **named)
        world.ok(Delete("call", calls[gone]))
        world.update("call", calls[left], treatment=reached)

    monkeypatch.setattr(publish, "look_ahead", meanwhile)
    condition = "calls.exists(c, c.step == 'x')"
    world.publish({"objects/call.yaml": COUNTED, "plans/recovery.yaml": RECOVERY.replace("finished && kind == 'implant'", condition)})
    for each in (gone, left, reached, stays):
        call(each)
    assert [len(world.enrolments(each)) for each in (gone, left, reached, stays)] == [1, 1, 0, 0]


def test_what_a_failed_publish_remembered_is_forgotten(world: World, monkeypatch: pytest.MonkeyPatch):
    """8. By the next one that begins or ends the plan."""
    files = {"plans/recovery.yaml": RECOVERY.replace("kind == 'implant'", "kind == 'crown'")}
    world.treatment(kind="crown")

    def fails(*given: Any, **named: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(publish, "_expand_and_flip", fails)
        for _ in range(2):
            with pytest.raises(RuntimeError):
                world.publish(files)
    assert len({row.plan for row in world.rows(system.plan_met)}) == 2
    world.publish(files)
    world.run_due()
    (key,) = world.rows(system.setting, system.setting.c.name.startswith("plan_met"))
    assert {row.plan for row in world.rows(system.plan_met)} == {key.value}


def test_going_back_to_a_condition(world: World):
    """6. Whoever meets it by then stays off."""
    treatment = world.treatment(kind="crown")
    world.publish({"plans/recovery.yaml": RECOVERY.replace("kind == 'implant'", "kind == 'bridge'")})
    world.update("treatment", treatment, kind="implant")
    world.publish({})
    world.update("treatment", treatment, day="2026-03-04")
    assert world.enrolments(treatment) == []
    assert world.enrolments(world.treatment()) != []


def test_going_back_moves_back(world: World):
    """6."""
    treatment = world.treatment()
    before = world.steps(treatment)
    world.publish({"plans/recovery.yaml": LATER})
    world.run_due()
    assert world.steps(treatment) != before
    world.publish({})
    world.run_due()
    assert world.steps(treatment) == before


def test_the_release_plan_says_how_many(world: World):
    """7."""
    patient = world.patient()
    world.treatment(patient), world.treatment(patient), world.treatment(day="2026-02-25")
    world.days(2)
    plan = world.clinic.plan({**FILES, "plans/recovery.yaml": LATER})
    (move,) = [operation for operation in plan.operations if isinstance(operation, MovePlan)]
    assert (move.people, move.tasks, move.overdue) == (2, 2, 0)
    assert move.describe("en") == "2 people are on “Recovery”: 2 tasks move, 0 become due at once"
    sooner = {**FILES, **running(RECOVERY.replace("anchor + days(7)", "anchor + days(1)"), "replan")}
    (move,) = [operation for operation in world.clinic.plan(sooner).operations if isinstance(operation, MovePlan)]
    assert (move.tasks, move.overdue) == (3, 2)
    (end,) = [operation for operation in world.clinic.plan({**FILES, **running(RECOVERY + "retired: true\n", "keep")}).operations
              if isinstance(operation, EndPlan)]
    assert end.people == 2 and end.risk is Risk.DESTRUCTIVE
    (kept,) = [operation for operation in world.clinic.plan({**FILES, **running(LATER, "keep")}).operations if isinstance(operation, MovePlan)]
    assert kept.describe("zh") == "2 人正在“术后随访”中，按原计划继续"


def test_a_plan_over_columns_that_are_yet_to_be_made_is_planned(world: World):
    """7. What cannot be counted is said to be all."""
    world.treatment()
    files = {"objects/treatment.yaml": TREATMENT + "  extra: {type: integer}\n",
             "plans/recovery.yaml": RECOVERY.replace("enrol_when: \"finished", "enrol_when: \"extra == null && finished")}
    (move,) = [operation for operation in world.clinic.plan({**FILES, **files}).operations if isinstance(operation, BeginPlan)]
    assert "enrols those who come" in move.describe("en")
    stop = {**files, "plans/recovery.yaml": RECOVERY.replace("subject.phone == '999'", "extra == 3")}
    (move,) = [operation for operation in world.clinic.plan({**FILES, **stop}).operations if isinstance(operation, MovePlan)]
    assert (move.people, move.tasks) == (1, None) and "all tasks move" in move.describe("en")
    world.publish(stop)


def test_a_formula_behind_the_condition_begins_it_anew(world: World) -> None:
    """5. Those who come to meet the condition because a formula means something else now meet it already: they stay off."""
    plan = RECOVERY.replace("finished && kind == 'implant'", "grave")
    treatment = TREATMENT.rstrip() + "\n  grave: {type: boolean, stored: true, formula: \"kind == 'implant'\"}\n"
    world.publish({"objects/treatment.yaml": treatment, "plans/recovery.yaml": plan})
    id = world.treatment(kind="crown")
    world.publish({"objects/treatment.yaml": treatment.replace("implant", "crown"), "plans/recovery.yaml": plan})
    world.update("treatment", id, day="2026-03-04")
    assert world.enrolments(id) == []


@pytest.mark.parametrize("kept", ["false", "true"])
def test_a_formula_behind_a_rule_moves_the_plan(world: World, kept: str) -> None:
    """2., 7. Behind the time of a step and behind what ends the plan, also of the patient; a text that says the same moves nobody."""
    gap = "  gap: {type: integer, stored: KEPT, formula: 'kind == \"implant\" ? 7 : 9'}\n".replace("KEPT", kept)
    patient = world.clinic.incoming({}).source.files["base/objects/patient.yaml"].decode()
    alarm = "  alarm: {type: boolean, stored: KEPT, formula: \"name == 'Nobody'\"}\n".replace("KEPT", kept)
    plan = RECOVERY.replace("anchor + days(7)", "anchor + days(gap)").replace("subject.phone == '999'", "subject.alarm")
    files = {"objects/treatment.yaml": TREATMENT + gap, "base/objects/patient.yaml": patient + alarm, "plans/recovery.yaml": plan}

    def moves(**changed: str) -> list[MovePlan]:
        after = {**FILES, **files, "objects/treatment.yaml": TREATMENT + gap.replace("7", changed.get("gap", "7")),
                 "base/objects/patient.yaml": patient + alarm.replace("Nobody", changed.get("alarm", "Nobody")),
                 "plans/recovery.yaml": plan.replace("days(gap)", changed.get("text", "days(gap)"))}
        return [operation for operation in world.clinic.plan(after).operations if isinstance(operation, MovePlan)]

    world.publish(files)
    treatment = world.treatment()
    assert world.steps(treatment)["week1.1"] == ("planned", "2026-03-09")
    assert moves(text="days( gap )") == []
    assert len(moves(gap="8")) == len(moves(alarm="Wang")) == 1
    world.publish({**files, "objects/treatment.yaml": TREATMENT + gap.replace("7", "8")})
    world.run_due()
    assert world.steps(treatment)["week1.1"] == ("planned", "2026-03-10")
    world.publish({**files, "base/objects/patient.yaml": patient + alarm.replace("Nobody", "Wang")})
    world.run_due()
    assert world.enrolments(treatment)[0].state == "stopped"
