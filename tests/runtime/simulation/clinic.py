"""A pack with a follow-up plan, messages and roles, small enough to be published in a moment, and its scenarios."""

from __future__ import annotations

from collections.abc import Mapping

from engine.text import Source, check, read_bytes
from runtime.simulation.houses import Houses
from runtime.simulation.scenarios import Ran, run_scenario
from tests.builders import files_of

FILES: Mapping[str, str] = {
    "objects/patient.yaml": "extend: base:patient\ncontact: {email: email}\nfields: {email: {type: email}}\n",
    "objects/surgery.yaml": """
name: surgery
title: "{kind}"
belongs_to: {via: patient}
subject: patient
fields:
  patient: {type: link, to: patient, required: true}
  kind: {type: text}
  day: {type: date}
""",
    "objects/call.yaml": """
name: call
title: "{step}"
belongs_to: {via: patient}
subject: patient
task: {due: due, assignee: who, label: step}
fields:
  patient: {type: link, to: patient, required: true}
  surgery: {type: link, to: surgery}
  due: {type: date, required: true}
  step: {type: text, required: true}
  who: {type: link, to: staff}
  pain: {type: integer, min: 0, max: 10}
""",
    "workflows/call.yaml": """
object: call
field: status
initial: planned
states: {planned: {}, late: {}, done: {category: done}, cancelled: {category: cancelled}}
transitions:
  finish: {from: [planned, late], to: done, ask: pain, label: {en: Finish, zh: 完成}}
  grow_late: {from: planned, to: late}
  cancel: {from: [planned, late], to: cancelled, reason: required}
timers:
  late: {in: planned, at: due + days(2), fire: grow_late}
""",
    "forms/pain.yaml": "name: pain\nobject: call\nitems: {pain: {required: true}}\n",
    "messages/care.yaml": """
name: care
label: {en: Take care, zh: 注意事项}
object: surgery
channels: [email]
subject: Care
body: Rest after the {kind}.
""",
    "plans/recovery.yaml": """
name: recovery
label: {en: Recovery, zh: 康复}
subject: patient
anchor: surgery.day
enrol_when: kind == 'implant'
steps:
  advice: {label: Advice, at: anchor, message: care}
  day1: {label: First day, at: anchor + days(1), create: call}
  week1: {label: First week, at: anchor + days(7), create: call, skip_when: answers.day1.pain == 0}
""",
    "roles/nurse.yaml": """
name: nurse
grants:
  people: {object: patient, can: [read]}
  calls: {object: call, can: [read, finish], rows: "who == user.id || !has(who)"}
""",
}
GIVEN = """
given:
  wang: {object: patient, values: {name: Wang, email: wang@example.org}}
"""
BEGIN = "{create: surgery, record: op, values: {patient: {record: wang}, kind: implant, day: 2026-11-02}}"


def source_of(steps: str, given: str = GIVEN, begins: str = "2026-11-02", **files: str) -> Source:
    """The pack with one scenario, `s`."""
    text = f"name: s\nfrom: {begins}\n{given}\nsteps:\n{steps}\n"
    return read_bytes(files_of({**FILES, **files, "scenarios/s.yaml": text}))


def run(houses: Houses, steps: str, given: str = GIVEN, begins: str = "2026-11-02", **files: str) -> Ran:
    source = source_of(steps, given, begins, **files)
    checked = check(source)
    assert checked.model is not None, "\n".join(map(str, checked.problems))
    return run_scenario(houses, source, checked.model.scenarios["s"])


def failures(ran: Ran) -> list[tuple[str, int, str]]:
    """Step, line and message."""
    return [(each.step, each.place.line, each.message) for each in ran.failures]
