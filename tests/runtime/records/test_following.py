"""Followers: they see every change of the objects they watch, act in its transaction, and cannot go in circles.

1. A follower is told of creates, updates, transitions, deletes and restores with the row before and after.
2. What it commands is written in the same transaction as the built-in account, for the person who began.
3. Commands that are refused leave nothing, and the change that led to them stands.
4. Changes that lead to each other without an end are stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from runtime.records.commands import Create, Delete, Restore, Transition, Update
from runtime.records.outcomes import Outcome, Refused, Written
from runtime.records.writing.following import DEPTH, within
from runtime.records.writing.happening import Happening
from runtime.records.writing.work import Work
from runtime.store import system
from runtime.store.compiled import Release
from tests.runtime.records.world import LI, NORTH, World, person

NURSE = person(("nurse", NORTH))


class Watcher:
    """Follows tasks and visits, and does what it is given."""

    def __init__(self, act: Callable[[Work, Happening], None] | None = None) -> None:
        self.seen: list[Happening] = []
        self._act = act

    def watched(self, release: Release) -> frozenset[str]:
        return frozenset({"task", "visit"})

    def follow(self, work: Work, happened: Sequence[Happening]) -> None:
        self.seen += happened
        for one in happened if self._act else ():
            self._act(work, one)  # type: ignore[misc]


@pytest.fixture
def visit(world: World) -> str:
    return world.make("visit", patient=world.make("patient", clinic=NORTH, name="A"), kind="x")


def test_every_change_is_told(world: World, visit: str):
    """1. In order, with old and new values; objects that nobody watches are not told of."""
    watcher = Watcher()
    world.records.followers = (watcher,)
    task = world.make("task", visit=visit, step="call", assignee=LI)
    world.ok(Update("task", task, {"step": "visit"}, 1), NURSE)
    world.ok(Update("task", task, {"step": "visit"}, 2), NURSE)
    world.ok(Transition("task", task, "start"), NURSE)
    world.ok(Delete("task", task), NURSE)
    world.ok(Restore(task), NURSE)
    world.make("patient", clinic=NORTH, name="B")
    assert [(one.action, one.version, one.object) for one in watcher.seen] == [
        ("create", 1, "task"), ("update", 2, "task"), ("start", 3, "task"), ("delete", 4, "task"), ("restore", 5, "task")]
    made, changed, started, gone, back = watcher.seen
    assert (made.old, made.row["step"], made.row["id"]) == ({}, "call", task)
    assert (changed.old["step"], changed.row["step"], "step" in changed.changed, "rank" in changed.changed) == ("call", "visit", True, False)
    assert started.transition is not None and started.transition.name == "start" and started.row["status"] == "running"
    assert (gone.row, back.row["step"]) == ({}, "visit")


def test_what_follows_is_in_the_same_transaction(world: World, visit: str):
    """2. History says the system did it, the audit for whom."""

    def rank(work: Work, one: Happening) -> None:
        if one.action == "start":
            assert isinstance(within(work, [Update("visit", visit, {"kind": "begun"}, None)])[0], Written)

    task = world.make("task", visit=visit, step="call", assignee=LI)
    world.records.followers = (watcher := Watcher(rank),)
    world.ok(Transition("task", task, "start"), NURSE)
    assert [(one.object, one.action) for one in watcher.seen] == [("task", "start"), ("visit", "update")]
    entry = world.records.history("visit", visit, NURSE)[0]
    assert entry.action == "update"
    who = system.audit
    rows = world.count(who, who.c.record_id == visit, who.c.actor == "system", who.c.acting_for == LI)
    assert rows == 1


def test_refused_commands_leave_nothing(world: World, visit: str):
    """3. All of a follower's list or none of it; the change itself stands."""
    got: list[Outcome] = []

    def both(work: Work, one: Happening) -> None:
        if one.action == "start":
            got.extend(within(work, [Update("visit", visit, {"kind": "begun"}, None), Create("task", {"visit": visit})]))

    task = world.make("task", visit=visit, step="call", assignee=LI)
    world.records.followers = (Watcher(both),)
    world.ok(Transition("task", task, "start"), NURSE)
    assert all(isinstance(one, Refused) for one in got) and len(got) == 2
    assert len(world.records.history("visit", visit, NURSE)) == 1


def test_circles_end(world: World, visit: str):
    """4. Each change leads to the next DEPTH times, then it is refused."""
    got: list[Outcome] = []

    def again(work: Work, one: Happening) -> None:
        got.extend(within(work, [Update("visit", visit, {"kind": f"{one.version}"}, None)]))

    world.records.followers = (Watcher(again),)
    world.ok(Update("visit", visit, {"kind": "y"}, 1), NURSE)
    assert [isinstance(one, Written) for one in got] == [True] * DEPTH + [False]


def test_a_rolled_back_part_is_not_told(world: World, visit: str):
    """1. Of a list whose parts stand alone, only what was written is told."""
    world.records.followers = (watcher := Watcher(),)
    world.run(Create("task", {"visit": visit, "step": "a"}), Create("task", {"visit": visit}), actor=NURSE, atomic=False)
    assert [one.row["step"] for one in watcher.seen] == ["a"]
