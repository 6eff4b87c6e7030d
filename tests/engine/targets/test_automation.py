"""What the release plan says of what runs by itself, and the pure side of effects and timers.

1. An effect that writes what a role that may set it off could not is listed with that role (A-30); with the right it is not.
2. New and changed effects and timers are operations of the plan, by their ids.
3. A timer's date is when the day begins in the organisation's zone; unknown times and the ends of the calendar have none.
4. Effects take place where their condition is true, with values of the row.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pytest

from engine.expressions.zones import zone
from engine.model import Model
from engine.targets.automation import acts_beyond
from engine.targets.diff import diff
from engine.targets.effects import Consequences
from engine.targets.layout import Layout
from engine.targets.timers import Clock, day_begins
from tests.builders import model_of

TASK = """
name: task
title: "{step}"
belongs_to: {via: patient}
subject: patient
fields:
  patient: {type: link, to: patient, required: true}
  step: {type: text, max: 40}
  due: {type: date}
  at: {type: datetime}
  pain: {type: integer}
"""
FLOW = """
object: task
field: status
initial: planned
states: {planned: {}, done: {}}
transitions:
  finish: {from: planned, to: done, then: {name: {do: set, on: patient, if: "pain >= 7", values: {name: step}}}}
timers:
  close: {in: planned, at: due, fire: finish}
  soon: {in: planned, at: at, fire: finish}
"""
NURSE = "name: nurse\ngrants: {t: {object: task, can: [read, finish]}, p: {object: patient, can: [%s]}}\n"


def model(rights: str = "read", flow: str = FLOW) -> Model:
    return model_of({"objects/task.yaml": TASK, "workflows/task.yaml": flow, "roles/nurse.yaml": NURSE % rights})


class Row:
    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def lookup(self, path: tuple[str, ...]) -> Any:
        return self._values.get(".".join(path))


@pytest.mark.parametrize(("rights", "beyond"), [("read", ("test:nurse",)), ("read, create", ("test:nurse",)), ("read, update", ())])
def test_beyond_the_rights(rights: str, beyond: tuple[str, ...]):
    """1."""
    found = [one.roles for one in acts_beyond(None, model(rights))]
    assert found == ([beyond] if beyond else [])


def test_said_once():
    """1., 2. What was so before is not said again; when a role loses the right, it is."""
    before, after = model("read, update"), model("read")
    plan = diff(before, Layout().extend(before), after)
    said = [text for text in plan.describe("en") if "by itself" in text]
    assert said == ["“Name” (test:task.finish.name) sets name of Patient by itself when test:nurse take “Finish”, who may not do that themselves"]
    assert any("自动修改患者的 name" in text for text in plan.describe("zh"))
    assert not list(acts_beyond(after, after))


def test_elements_of_the_plan():
    """2. Added, changed, renamed with `was`, and gone."""
    before = model()
    changed = FLOW.replace("at: due", 'at: "due + days(1)"').replace("name: {do", "title: {was: [name], do").replace(
        "  soon: {in: planned, at: at, fire: finish}\n", "")
    plan = diff(before, Layout().extend(before), model(flow=changed))
    said = {(type(one).__name__, one.id) for one in plan.operations}
    assert {("RenameElement", "test:task.finish.name"), ("ChangeElement", "test:task.close"), ("RemoveElement", "test:task.soon"),
            ("SetTimers", "test:task")} <= said


@pytest.mark.parametrize(("day", "begins"), [
    (datetime.date(2026, 3, 10), datetime.datetime(2026, 3, 9, 16, tzinfo=datetime.UTC)), (datetime.date(1, 1, 1), None),
    (datetime.date(9999, 12, 31), datetime.datetime(9999, 12, 30, 16, tzinfo=datetime.UTC)),
])
def test_the_day_begins(day: datetime.date, begins: datetime.datetime | None):
    """3."""
    assert day_begins(day, zone("Asia/Shanghai") or datetime.UTC) == begins


def test_a_day_without_midnight():
    """3. In Santiago the clocks jump over midnight on 2024-09-08: the day begins at one."""
    there = zone("America/Santiago") or datetime.UTC
    assert day_begins(datetime.date(2024, 9, 8), there) == datetime.datetime(2024, 9, 8, 4, tzinfo=datetime.UTC)


def test_the_times_of_a_row():
    """3. Each timer of the state that the row is in, one time each; the key tells them apart."""
    made = model()
    clock = Clock(made.workflows["task"], made.organisation.timezone)
    moment = datetime.datetime(2026, 3, 2, 5, tzinfo=datetime.UTC)
    due = clock.due("planned", Row({"due": datetime.date(2026, 3, 10), "at": moment}))
    assert [(one.timer.name, one.at) for one in due] == [("close", datetime.datetime(2026, 3, 9, 16, tzinfo=datetime.UTC)), ("soon", moment)]
    assert len({one.key("a") for one in due} | {one.key("b") for one in due}) == 4
    assert [one.timer.name for one in clock.due("planned", Row({"at": moment}))] == ["soon"]
    assert clock.due("done", Row({"at": moment})) == () == clock.due(None, Row({}))


@pytest.mark.parametrize(("pain", "takes_place"), [(7, True), (6, False), (None, False)])
def test_conditions(pain: int | None, takes_place: bool):
    """4."""
    made = Consequences(model().workflows["task"].transitions["finish"])
    intent = made.intent("name", Row({"pain": pain, "step": "call", "patient": "p1", "id": "t1"}))
    assert (intent is not None) is takes_place
    assert intent is None or (intent.record, intent.values) == ("p1", {"name": "call"})
