"""Broken scenarios: code and files, each with one mark (see `broken.py`)."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["SCENARIOS"]

_BASE = {
    "objects/visit.yaml": """
name: visit
subject: patient
fields:
  patient: {type: link, to: patient, required: true}
  day: {type: date}
  sum: {type: integer, formula: "1 + 1"}
""",
    "workflows/visit.yaml": """
object: visit
field: status
initial: new
states: {new: {}, done: {category: done}}
transitions: {close: {from: new, to: done}}
""",
    "plans/care.yaml": "name: care\nsubject: patient\nanchor: visit.day\nsteps: {one: {at: anchor, create: visit}}\n",
    "roles/nurse.yaml": "name: nurse\n",
}
_GIVEN = "wang: {object: patient, values: {name: Wang}}, op: {object: visit, values: {patient: {record: wang}}}"


def _scenario(steps: str, given: str = _GIVEN, begins: str = "2026-11-02") -> dict[str, str]:
    return {**_BASE, "scenarios/s.yaml": f"name: s\nfrom: {begins}\ngiven: {{{given}}}\nsteps: {{{steps}}}\n"}


def _step(keys: str) -> dict[str, str]:
    return _scenario(f"one: {{{keys}}}")


SCENARIOS: list[tuple[str, Mapping[str, str]]] = [
    ("SCENARIO-001", _step("when: {update: «wong, values: {name: x}}")),
    ("SCENARIO-001", _step("expect: {x: {record: «later}}")),
    ("SCENARIO-001", _scenario("one: {at: +1d}", "op: {object: visit, values: {patient: {record: «wang}}}")),
    ("SCENARIO-001", _step("expect: {x: {object: visit, where: {patient: {record: «wong}}}}")),
    ("SCENARIO-002", _scenario("one: {at: +1d}", begins="«tomorrow")),
    ("SCENARIO-002", _scenario("one: {at: +1d}", begins="«2026-02-30")),
    ("SCENARIO-002", _step("at: «7d")),
    ("SCENARIO-002", _step("at: «+7days")),
    ("SCENARIO-003", _step("when: «{values: {name: x}}")),
    ("SCENARIO-003", _step("when: «{update: wang, delete: wang}")),
    ("SCENARIO-003", _step("refused: «forbidden")),
    ("SCENARIO-003", {**_BASE, "scenarios/s.yaml": "name: «s\nfrom: 2026-11-02\nsteps: {}\n"}),
    ("SCENARIO-004", _step("expect: {x: «{count: 1}}")),
    ("SCENARIO-004", _step("expect: {x: «{object: visit, plan: care}}")),
    ("SCENARIO-005", _step("as: «nusre")),
    ("SCENARIO-006", _step("when: {enrol: care, of: «wang}")),
    ("SCENARIO-006", _scenario("one: {}", "wang: {object: patient, values: {name: W}}, o: {object: visit, values: {patient: {record: wang}}},"
                               " p: {object: visit, values: {patient: {record: «o}}}")),
    ("CARE-012", _step("when: {enrol: «crae, of: op}")),
    ("MESSAGE-001", _step("expect: {x: {message: «hello}}")),
    ("OBJECT-001", _step("when: {create: «vist}")),
    ("FIELD-001", _step("when: {update: op, values: {«dya: 2026-11-02}}")),
    ("FLOW-007", _step("when: {transition: «open, of: op}")),
    ("SHAPE-003", _step("when: «{transition: close}")),
    ("SHAPE-001", _step("when: {update: op, «of: wang}")),
    ("SHAPE-001", _step("expect: {x: {plan: care, «where: {day: 2026-11-02}}}")),
    ("SHAPE-001", _scenario("one: {}", "wang: {object: patient, «role: nurse, values: {name: W}}")),
    ("DATA-003", _step("when: {update: op, values: {day: «soon}}")),
    ("DATA-005", _step("when: {update: op, values: {«sum: 3}}")),
    ("DATA-006", _scenario("one: {}", "wang: «{object: patient}")),
]
