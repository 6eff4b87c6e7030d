"""Broken plans, tasks and opening hours: code and files, each with one mark (see `broken.py`)."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["PLANS"]

_BASE = {
    "objects/visit.yaml": """
name: visit
subject: patient
fields:
  patient: {type: link, to: patient, required: true}
  day: {type: date}
  late: {type: date, formula: "today + days(1)"}
  at: {type: datetime}
  kind: {type: text}
""",
    "objects/call.yaml": """
name: call
subject: patient
task: {due: due, label: step}
fields:
  patient: {type: link, to: patient, required: true}
  due: {type: date, required: true}
  step: {type: text, required: true}
  pain: {type: integer}
  sum: {type: integer, formula: "pain + 1"}
""",
    "forms/call.yaml": "name: call\nobject: call\nitems: {pain: {}}\n",
    "forms/visit.yaml": "name: visit\nobject: visit\nitems: {kind: {}}\n",
}


def _plan(steps: str, head: str = "subject: patient\nanchor: visit.day") -> dict[str, str]:
    return {**_BASE, "plans/p.yaml": f"name: p\n{head}\nsteps: {{{steps}}}\n"}


def _step(keys: str) -> dict[str, str]:
    return _plan(f"one: {{at: anchor + days(1), create: call}}, two: {{{keys}}}")


def _object(task: str) -> dict[str, str]:
    fields = "fields:\n  a: {type: text}\n  day: {type: date}\n  sum: {type: date, formula: day}\n  p: {type: link, to: patient}\n"
    return {"objects/visit.yaml": f"name: visit\ntask: {{{task}}}\n{fields}"}


def _hours(line: str) -> dict[str, str]:
    return {"organisation.yaml": f"name: o\npacks: [base]\nhours:\n  {line}\n"}


PLANS: list[tuple[str, Mapping[str, str]]] = [
    ("CARE-001", {**_BASE, "plans/p.yaml": "name: «p\nsubject: patient\nanchor: visit.day\nsteps: {}\n"}),
    ("OBJECT-001", _plan("one: {at: anchor, create: call}", "subject: «patent\nanchor: visit.day")),
    ("OBJECT-001", _plan("one: {at: anchor, create: call}", "subject: patient\nanchor: «vist.day")),
    ("FIELD-001", _plan("one: {at: anchor, create: call}", "subject: patient\nanchor: visit.«dya")),
    ("CARE-002", _plan("one: {at: anchor, create: call}", "subject: patient\nanchor: «visit")),
    ("CARE-002", _plan("one: {at: anchor, create: call}", "subject: patient\nanchor: «visit.kind")),
    ("CARE-002", _plan("one: {at: anchor, create: call}", "subject: patient\nanchor: «visit.late")),
    ("CARE-003", _plan("one: {at: now, create: call}", "subject: staff\nanchor: «visit.day")),
    ("CARE-004", _plan("one: {at: anchor, create: call}", "subject: patient\nanchor: visit.day\nenrol_when: «answers.one.pain > 1")),
    ("CARE-006", _plan("one: {at: anchor, create: call}", "subject: patient\nanchor: visit.day\nstop_when: «answers == null")),
    ("EXPR-002", _plan("one: {at: anchor, create: call}", "subject: patient\nanchor: visit.day\nstop_when: answers.«two.pain > 3")),
    ("EXPR-002", _plan("one: {at: anchor, create: call}", "subject: patient\nanchor: visit.day\nstop_when: «user.name == 'x'")),
    ("SHAPE-004", _plan("one: {at: anchor, create: call}", "subject: patient\nanchor: visit.day\nrunning: «stay")),
    ("SHAPE-003", _plan("«one: {create: call}")),
    ("SHAPE-009", _step("every: days(1), from: anchor, «at: anchor, create: call")),
    ("CARE-005", _step("«every: days(1), create: call")),
    ("CARE-005", _step("at: anchor, «times: 3, create: call")),
    ("CARE-005", _step("at: anchor, «form: call, message: m")),
    ("CARE-005", _step("at: anchor, create: call, «to: patient")),
    ("CARE-006", _step("at: anchor, create: call, when: «answers.two.pain > 3")),
    ("CARE-006", _plan("one: {at: anchor, create: call, when: «answers.two.pain > 3}, two: {at: anchor, create: call}")),
    ("CARE-006", _step("at: anchor, create: call, when: «answers != null")),
    ("EXPR-002", _step("at: anchor, create: call, when: answers.«onne.pain > 3")),
    ("NAME-008", _plan("one: {at: anchor, create: call, was: [uno]}, two: {at: anchor, create: call, when: answers.«uno.pain > 1}")),
    ("NAME-011", _plan("one: {at: anchor, create: call, retired: true}, two: {at: anchor, create: call, when: answers.«one.pain > 1}")),
    ("CARE-007", _step("at: «kind, create: call")),
    ("CARE-008", _step("at: «today + days(1), create: call")),
    ("CARE-008", _step("at: «late, create: call")),
    ("CARE-009", _step("every: «days(0), from: anchor, create: call")),
    ("CARE-009", _step("every: «hours(5), from: anchor, create: call")),
    ("CARE-009", _step("every: «workdays(1), from: at, create: call")),
    ("CARE-009", _step("at: anchor, window: «days(answers.one.pain), create: call")),
    ("CARE-009", _step("at: anchor, window: «kind, create: call")),
    ("CARE-010", _plan("«one: {at: anchor}")),
    ("CARE-011", _step("at: anchor, create: call, form: «visit")),
    ("FORM-004", _step("at: anchor, create: call, form: «cal")),
    ("MESSAGE-001", _step("at: anchor, message: «hello")),
    ("FLOW-009", _step("at: anchor, create: call, values: {«sum: '1'}")),
    ("FLOW-011", _plan("«one: {at: anchor, create: staff}")),
    ("EXPR-016", _step("at: anchor, create: call, values: {pain: «kind}")),
    ("OBJECT-012", _object("due: «a")),
    ("OBJECT-012", _object("due: «sum")),
    ("OBJECT-012", _object("due: day, assignee: «p")),
    ("FIELD-001", _object("due: «dya")),
    ("PACK-014", _hours('mon-fri: «08:30')),
    ("PACK-014", _hours('mon: «13:00-17:00, 08:00-12:00')),
    ("PACK-014", _hours('fri-mon: «08:00-12:00')),
    ("SHAPE-007", _hours('«weekday: 08:00-12:00')),
]
