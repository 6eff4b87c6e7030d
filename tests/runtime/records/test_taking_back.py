"""Taking back one's own last change.

1. An update and a transition are taken back: values and state from before, a new version, an entry `undo` in history and audit.
2. Not what came before another change, another's, an old one, a create; nothing is written then.
3. It needs the right that the change needed.
4. Two at once: one wins.
5. Whom her change has taken the record from, takes it back all the same; nobody else, and not who has lost the right since.
"""

from __future__ import annotations

import datetime as dt

import pytest

from runtime.records.commands import Transition, Undo, Update
from runtime.records.outcomes import Kind
from tests.runtime.records.world import LI, NORTH, NOW, WANG, World, person

NURSE = person(("nurse", NORTH))
GIVER = person(("giver", NORTH))


@pytest.fixture
def task(world: World) -> str:
    patient = world.make("patient", clinic=NORTH, name="A")
    return world.make("task", visit=world.make("visit", patient=patient, kind="x"), step="call", assignee=LI)


def state(world: World, task: str) -> tuple[object, ...]:
    found = world.records.get("task", task, NURSE)
    assert found is not None
    return found.row.version, found.row.state, found.values["step"], found.values["pain"]


def test_an_update_and_a_transition(world: World, task: str):
    """1. Answers given with the transition go as well."""
    world.ok(Update("task", task, {"step": "visit"}, 1), NURSE)
    assert world.ok(Undo("task", task, 2), NURSE).version == 3
    assert state(world, task) == (3, "planned", "call", None)
    world.ok(Transition("task", task, "start"), NURSE)
    world.ok(Transition("task", task, "finish", {"pain": 4}), NURSE)
    world.ok(Undo("task", task, 5), NURSE)
    assert state(world, task) == (6, "running", "call", None)
    assert [entry.action for entry in world.records.history("task", task, NURSE)][:2] == ["undo", "finish"]  # type: ignore[index]


def test_what_cannot_be_taken_back(world: World, task: str):
    """2. Each with a reason, and the record as it was."""
    world.ok(Update("task", task, {"step": "visit"}, 1), NURSE)
    other = person(("nurse", NORTH), id=WANG)
    assert world.no(Undo("task", task, 2), other).kind is Kind.INVALID
    assert world.no(Undo("task", task, 1), NURSE).kind is Kind.INVALID
    assert world.no(Undo("task", task, 9), NURSE).kind is Kind.INVALID
    assert world.no(Undo("task", "0" * 32, 1), NURSE).kind is Kind.NOT_FOUND
    world.ok(Update("task", task, {"rank": 3}, 2), other)
    assert world.no(Undo("task", task, 2), NURSE).kind is Kind.STALE
    world.records.clock = lambda: NOW + dt.timedelta(minutes=16)
    assert world.no(Undo("task", task, 3), other).kind is Kind.INVALID
    assert state(world, task)[:3] == (3, "planned", "visit")


def test_the_right_of_the_change(world: World, task: str):
    """3. Who may no longer take the transition may not take it back either."""
    world.ok(Transition("task", task, "start"), NURSE)
    assert world.no(Undo("task", task, 2), person(("ranker", NORTH))).kind in (Kind.FORBIDDEN, Kind.NOT_FOUND)
    assert world.no(Undo("task", task, 2), person(("desk", NORTH))).kind is Kind.NOT_FOUND
    assert state(world, task)[1] == "running"


def test_together_and_apart(world: World, task: str):
    """4. The second of two finds another version; others of the list stand."""
    world.ok(Update("task", task, {"step": "visit"}, 1), NURSE)
    outcomes = world.run(Undo("task", task, 2), Undo("task", task, 2), actor=NURSE, atomic=False)
    assert [type(one).__name__ for one in outcomes] == ["Written", "Refused"]




def test_what_was_given_away(world: World, task: str):
    """5. As somebody does who hands her work to the wrong colleague: she does not see it any more."""
    second = world.make("task", visit=world.records.get("task", task, NURSE).values["visit"].id, step="call", assignee=LI)  # type: ignore[union-attr]
    for id in (task, second):
        world.ok(Update("task", id, {"assignee": WANG}, 1), GIVER)
    assert world.records.get("task", task, GIVER) is None
    assert world.no(Undo("task", task, 2), person(("giver", NORTH), id=WANG)).kind is Kind.INVALID
    assert world.no(Undo("task", task, 2), person(("ranker", NORTH))).kind is Kind.NOT_FOUND
    world.ok(Update("task", second, {"step": "visit"}, 2), NURSE)
    outcomes = world.run(Undo("task", task, 2), Undo("task", second, 2), actor=GIVER, atomic=False)
    assert [getattr(one, "version", None) for one in outcomes] == [3, None] and outcomes[1].kind is Kind.NOT_FOUND  # type: ignore[union-attr]
    back = world.records.get("task", task, GIVER)
    assert back is not None and back.values["assignee"].id == LI  # type: ignore[union-attr]
    assert world.records.get("task", second, GIVER) is None
