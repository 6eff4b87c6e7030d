"""Transitions: only edges of the workflow, by their own right, with the guard, the form and the reason that they ask for (A-29)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from runtime.records.commands import Create, Transition, Update
from runtime.records.outcomes import Kind
from runtime.store import system
from tests.runtime.records.test_writes import codes
from tests.runtime.records.world import LI, NORTH, WANG, World, person

NURSE = person(("nurse", NORTH))
MANAGER = person(("manager", NORTH))


@pytest.fixture
def task(world: World) -> str:
    patient = world.make("patient", clinic=NORTH, name="A")
    return world.make("task", visit=world.make("visit", patient=patient, kind="x"), step="call", assignee=LI)


def test_a_transition_writes_state_answers_and_reason(world: World, task: str):
    """State, answers and reason stand in one history entry; the version grows by one."""
    assert world.ok(Transition("task", task, "start", version=1), NURSE).version == 2
    assert world.ok(Transition("task", task, "finish", {"pain": 4}, 2, "went well"), NURSE).version == 3
    entry = world.records.history("task", task, NURSE)[0]
    assert (entry.action, entry.reason, entry.version) == ("finish", "went well", 3)
    assert {change.field.name: (change.old, change.new) for change in entry.changes} == {"pain": (None, 4), "status": ("running", "done")}


def test_what_stands_in_the_way_is_told(world: World, task: str):
    """Wrong state, missing answers, guard, reason, foreign fields, unknown and forbidden steps each have their kind and code."""
    assert codes(world.no(Transition("task", task, "finish", {"pain": 1}, version=1), NURSE)) == {"": "wrong_state"}
    lost = world.no(Transition("task", task, "finish", {"pain": 1}), NURSE)
    assert (lost.kind, lost.state, lost.rule) == (Kind.LOST, "planned", "finish")
    assert world.no(Transition("task", task, "drop", reason="x"), NURSE).kind is Kind.FORBIDDEN
    assert codes(world.no(Transition("task", task, "drop", reason="  "), MANAGER)) == {"reason": "reason_required"}
    assert codes(world.no(Transition("task", task, "start", reason="x"), MANAGER)) == {"reason": "reason_unwanted"}
    assert codes(world.no(Transition("task", task, "start", {"pain": 1}), NURSE)) == {"pain": "not_on_form"}
    assert codes(world.no(Transition("task", task, "start", {"nope": 1}), NURSE)) == {"nope": "unknown_field"}
    assert world.no(Transition("task", task, "nope"), NURSE).kind is Kind.NOT_FOUND
    assert world.no(Transition("visit", task, "start"), NURSE).kind is Kind.NOT_FOUND
    world.ok(Transition("task", task, "start"), NURSE)
    assert codes(world.no(Transition("task", task, "finish"), NURSE)) == {"pain": "required"}
    assert codes(world.no(Transition("task", task, "finish", {"pain": 11}), NURSE)).keys() == {"pain"}
    held = world.no(Transition("task", task, "finish", {"pain": 10}), NURSE)
    assert codes(held) == {"": "guard_refused"} and "It depends on: Pain" in held.errors[0].message
    assert world.no(Transition("task", task, "finish", {"pain": 1}, version=1), NURSE).kind is Kind.STALE
    assert world.count(system.history, system.history.c.record_id == task) == 2


def test_the_state_moves_by_transitions_alone(world: World, task: str):
    """A-22: create and update refuse the state field."""
    assert codes(world.no(Update("task", task, {"status": "done"}, 1), MANAGER)) == {"status": "state_field"}
    assert codes(world.no(Create("task", {"step": "x", "status": "done"}), MANAGER)) == {"status": "state_field"}


def test_offers_follow_rights_and_guards(world: World, task: str):
    """A record offers the transitions of its state that the actor may fire; a guard over answers is not judged yet."""
    offers = {actor.memberships[0].role: [o.transition.name for o in world.records.get("task", task, actor).offers]
              for actor in (NURSE, MANAGER, person(("caller", NORTH)))}
    assert offers == {"test:nurse": ["start"], "test:manager": ["start", "drop"], "test:caller": ["start"]}
    assert world.records.get("task", task, person(("caller", NORTH), id=WANG)) is None
    world.ok(Transition("task", task, "start"), person(("caller", NORTH)))
    offer, = world.records.get("task", task, NURSE).offers
    assert (offer.transition.name, offer.refusal) == ("finish", None)


def test_a_reader_without_the_right_cannot_press(world: World, task: str):
    """Who may read but not fire is told FORBIDDEN; who may not read is told that there is nothing."""
    assert world.no(Transition("task", task, "finish", {"pain": 1}), person(("caller", NORTH))).kind is Kind.FORBIDDEN
    assert world.no(Transition("task", task, "start"), person(("caller", NORTH), id=WANG)).kind is Kind.NOT_FOUND
    assert world.scalars(sa.select(system.history.c.action).where(system.history.c.record_id == task)) == ["create"]
