"""Compiling plans: what they see, what a step fills in by itself, layers, names that changed.

Requirements
1. A plan is begun by records of the object that its anchor names, about the one record of its subject.
2. Rules see the record's fields, `subject`, `anchor`, `today`, `now` and the answers of steps before.
3. A step may send a message, to the patient unless it says whom; the message is about the step's record or the one that begins the plan.
4. A later layer adds to another pack's plan, overrides and hides steps.
5. Differences of plans and steps go by their ids: a rename is none.
6. Opening hours are read from days and spans of days.
"""

from __future__ import annotations

import datetime

from engine.model import Hours, Model, Running
from engine.targets.elements import elements
from engine.targets.schedule import changed_steps
from tests.builders import model_of, problems_of

PATIENT = {"objects/patient.yaml": "extend: base:patient\ncontact: {email: email}\nfields: {email: {type: email}}\n"}
FILES = {
    **PATIENT,
    "objects/visit.yaml": """
name: visit
subject: patient
fields:
  patient: {type: link, to: patient, required: true}
  day: {type: date}
  kind: {type: text}
""",
    "objects/call.yaml": """
name: call
subject: patient
task: {due: due, assignee: who, label: step}
fields:
  patient: {type: link, to: patient, required: true}
  visit: {type: link, to: visit, required: true}
  due: {type: date, required: true}
  step: {type: text, required: true}
  who: {type: link, to: staff}
  pain: {type: integer}
""",
    "messages/hello.yaml": "name: hello\nobject: call\nchannels: [email]\nsubject: Hello\nbody: 'How is it {step}?'\n",
    "messages/thanks.yaml": "name: thanks\nobject: visit\nchannels: [email]\nsubject: Thanks\nbody: Goodbye\n",
}
PLAN = """
name: recovery
label: {en: Recovery, zh: 康复随访}
subject: patient
anchor: visit.day
enrol_when: kind == 'implant'
stop_when: subject.name == 'gone' || answers.day1.pain > 9
running: replan
steps:
  day1: {label: {en: First day, zh: 第一天}, at: anchor + days(1), create: call, window: hours(12), calendar: clinic_hours, message: hello}
  week1:
    at: anchor + days(7)
    create: call
    when: today > anchor && kind != null
    skip_when: answers.day1.pain == 0 && answers.day1.patient.name != 'x'
    values: {pain: answers.day1.pain, who: answers.day1.who}
  bye: {at: answers.week1.due + months(1), message: thanks, to: patient}
  recall: {every: months(6), from: anchor + months(6), times: 10, create: call, missed: merge}
"""


def plan_of(text: str = PLAN, **files: str) -> Model:
    return model_of({**FILES, "plans/recovery.yaml": text, **files})


def test_a_plan_as_the_model_has_it() -> None:
    """Requirements 1 to 3."""
    plan = plan_of().plans["recovery"]
    assert (plan.id, plan.subject, plan.object, plan.anchor, plan.running) == (
        "test:recovery", "patient", "visit", ("day",), Running.REPLAN)
    day1, week1, bye, recall = plan.steps.values()
    assert (day1.id, day1.working, day1.times, day1.create, day1.message, day1.to, day1.recipient) == (
        "test:recovery.day1", True, 1, "call", "hello", ("patient",), "patient")
    assert set(week1.values) == {"pain", "who"}
    assert (bye.create, bye.message, bye.to) == ("", "thanks", ("patient",))
    assert (recall.times, recall.missed.value, recall.every is not None) == (10, "merge", True)


def test_a_plan_over_the_patients_own_date() -> None:
    """Requirement 1: birthdays, immunisations."""
    text = "name: shots\nsubject: patient\nanchor: patient.birth_date\nsteps: {one: {at: anchor + months(2), message: hi}}\n"
    hi = "name: hi\nobject: patient\nchannels: [email]\nsubject: Hi\nbody: Hi\n"
    plan = model_of({**PATIENT, "plans/shots.yaml": text, "messages/hi.yaml": hi}).plans["shots"]
    assert (plan.object, plan.subject, plan.steps["one"].to, plan.steps["one"].recipient) == ("patient", "patient", (), "patient")


def test_a_later_layer_changes_steps() -> None:
    """Requirement 4: one is added after another, one is overridden, one hidden."""
    files = {**FILES, "plans/recovery.yaml": PLAN}
    change = """
extend: test:recovery
steps:
  day3: {at: anchor + days(3), create: call, after: day1}
  day1: {window: days(2)}
  bye: {hidden: true}
"""
    over = {"own/pack.yaml": "name: own\nversion: 1.0.0\nlanguage: 1\nrequires: {test: '>=1', base: '>=1'}\n", "own/plans/recovery.yaml": change}
    plan = model_of({**files, **over}).plans["recovery"]
    assert [(step.name, step.id) for step in plan.steps.values()] == [
        ("day1", "test:recovery.day1"), ("day3", "own:recovery.day3"), ("week1", "test:recovery.week1"), ("recall", "test:recovery.recall")]
    window = plan.steps["day1"].window
    assert window is not None and window.text == "days(2)"


def test_steps_for_what_a_later_layer_hid_are_left_out() -> None:
    """Requirement 4: of a hidden message nobody is told; a step that does nothing else is gone."""
    files = {**FILES, "plans/recovery.yaml": PLAN}
    over = {
        "own/pack.yaml": "name: own\nversion: 1.0.0\nlanguage: 1\nrequires: {test: '>=1', base: '>=1'}\n",
        "own/messages/thanks.yaml": "extend: test:thanks\nhidden: true\n",
    }
    plan = model_of({**files, **over}).plans["recovery"]
    assert list(plan.steps) == ["day1", "week1", "recall"]


def test_a_message_about_another_object_is_refused() -> None:
    """Requirement 3."""
    text = PLAN.replace("message: thanks, to: patient", "message: hello")
    found = problems_of({**FILES, "plans/recovery.yaml": text})
    assert [(problem.code.code, problem.place.line) for problem in found] == [("CARE-011", 17)]


def test_differences_go_by_ids() -> None:
    """Requirement 5."""
    one, two = plan_of(), plan_of(PLAN.replace("  recall: {", "  checkup: {was: [recall], "))
    found, there = elements(one), elements(two)
    assert {key for key in found if key.startswith("plan")} == {key for key in there if key.startswith("plan")}
    assert changed_steps(one.plans["recovery"], two.plans["recovery"]) == frozenset()
    three = plan_of(PLAN.replace("anchor + days(1)", "anchor + days(2)").replace("times: 10", "times: 9"))
    assert changed_steps(one.plans["recovery"], three.plans["recovery"]) == {"test:recovery.day1", "test:recovery.recall"}
    four = plan_of(PLAN.replace("anchor + days(7)", "anchor + days(7) + days(1)"))
    assert changed_steps(one.plans["recovery"], four.plans["recovery"]) == {"test:recovery.week1", "test:recovery.bye"}


def test_a_retired_plan_keeps_its_id() -> None:
    """Requirement 5."""
    model = plan_of(PLAN.replace("running: replan", "running: replan\nretired: true"))
    assert "recovery" not in model.plans and "plan test:recovery" in model.retired


def test_opening_hours() -> None:
    """Requirement 6: a day by itself says more than a span that has it."""
    text = "name: o\npacks: [base]\nhours: {saturday: 09:00-12:00, mon-fri: '08:30-12:00, 13:30-17:30', wed: 13:30-20:00}\n"
    hours = model_of({"organisation.yaml": text}).organisation.hours
    at = datetime.time
    assert hours == Hours({
        **{day: ((at(8, 30), at(12)), (at(13, 30), at(17, 30))) for day in (1, 2, 4, 5)}, 3: ((at(13, 30), at(20)),), 6: ((at(9), at(12)),)})
