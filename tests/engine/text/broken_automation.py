"""Broken packs for the problem codes of effects and timers; see `broken.py`."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["AUTOMATION"]

_TASK = """name: task
title: "{step}"
belongs_to: {via: patient}
subject: patient
fields:
  patient: {type: link, to: patient, required: true}
  step: {type: text, max: 40}
  due: {type: date}
  pain: {type: integer}
  next: {type: link, to: task}
  born: {type: date, formula: patient.birth_date, stored: true}
  number: {type: sequence, pattern: "T-{0000}"}
"""
_NOTE = """name: note
title: "{text}"
belongs_to: {via: task}
fields:
  task: {type: link, to: task, required: true}
  text: {type: text, max: 40, required: true}
"""


def _files(effect: str = "", timer: str = "", more: str = "", name: str = "e", finish: str = "finish") -> dict[str, str]:
    then = f", then: {{{name}: {effect}}}" if effect else ""
    timers = f"timers:\n  t: {timer}\n" if timer else ""
    flow = (
        "object: task\nfield: status\ninitial: new\nstates: {new: {}, done: {}}\ntransitions:\n"
        f"  {finish}: {{from: new, to: done{then}}}\n  drop: {{from: [new, done], to: new, reason: required}}\n{more}{timers}")
    return {"objects/task.yaml": _TASK, "objects/note.yaml": _NOTE, "workflows/task.yaml": flow}


def _message(object_name: str) -> dict[str, str]:
    return {"messages/m.yaml": f"name: m\nobject: {object_name}\nchannels: [inbox]\nsubject: a\nbody: b\n"}


_ROOM = {
    "objects/room.yaml": "name: room\nfields: {name: {type: text}}\n",
    "workflows/room.yaml": "object: room\nfield: status\ninitial: new\nstates: {new: {}}\ntransitions:\n"
                           "  go: {from: new, to: new, then: {e: {do: set, on: «subject, values: {name: \"'a'\"}}}}\n",
}

_PLAN = {"plans/p.yaml": (
    "name: p\nsubject: patient\nanchor: patient.birth_date\nsteps: {one: {at: anchor + days(1), create: task, values: {step: \"'a'\"}}}\n")}

AUTOMATION: list[tuple[str, Mapping[str, str]]] = [
    ("FLOW-007", _files("{do: transition, name: «finsh}")),
    ("FLOW-007", _files("{do: transition, on: patient, name: «finish}")),
    ("FLOW-007", _files(timer="{in: new, at: due, fire: «done}")),
    ("FLOW-008", _files("{do: set, on: patient.«name, values: {name: step}}")),
    ("FLOW-009", _files("{do: set, values: {«status: step}}")),
    ("FLOW-009", _files("{do: set, values: {«number: step}}")),
    ("FLOW-010", _files("{do: transition, name: «drop}")),
    ("FLOW-010", _files(timer="{in: new, at: due, fire: «drop}")),
    ("FLOW-011", _files("{do: create, object: note}", name="«e")),
    ("FLOW-012", _files("{do: assign, to: user}", name="«e")),
    ("FLOW-013", {**_files("{do: notify, message: m, to: «next}"), **_message("task")}),
    ("FLOW-014", _files(timer="{in: done, at: due, fire: «finish}")),
    ("FLOW-014", _files("{do: transition, name: finish}", name="«e")),
    ("FLOW-015", _files(timer="{in: new, at: «pain, fire: finish}")),
    ("FLOW-016", _files(timer="{in: new, at: «patient.birth_date, fire: finish}")),
    ("FLOW-016", _files(timer="{in: new, at: \"due < «today ? due : due\", fire: finish}")),
    ("FLOW-016", _files(timer="{in: new, at: \"«updated_at\", fire: finish}")),
    ("FLOW-016", _files(timer="{in: new, at: «born, fire: finish}")),
    ("FLOW-017", _files("{do: transition, on: next, name: finish}", finish="«finish")),
    ("FLOW-018", {**_files("{do: notify, message: m, to: patient.doctor}", name="«e"), **_message("note")}),
    ("FLOW-018", {**_files("{do: enrol, plan: p}", name="«e"), **_PLAN}),
    ("CARE-012", {**_files("{do: enrol, plan: «q}"), **_PLAN}),
    ("MESSAGE-001", {**_files("{do: notify, message: «n, to: patient.doctor}"), **_message("task")}),
    ("FLOW-019", _ROOM),
    ("SHAPE-001", _files("{do: set, values: {step: step}, «object: note}")),
    ("SHAPE-003", _files("{do: set}", name="«e")),
    ("FIELD-001", _files("{do: set, values: {«stpe: step}}")),
    ("EXPR-002", _files("{do: set, values: {step: «stpe}}")),
    ("EXPR-002", _files("{do: set, if: «a, values: {step: step}}")),
]
