"""Stored formulas are true after every write, on both databases; `wrong` computes them from scratch and compares.

S1  Whatever is written – created, changed, moved through a workflow or to another parent, deleted with what hangs on it, undone,
    written in bulk – every stored formula has the value that it gives, in the same transaction.
S2  What reads the row itself alone is part of the change: in its history. What a change elsewhere does to a row gives it no new
    version and no history entry, since nobody changed it.
S3  What is refused or rolled back leaves no trace in them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
import sqlalchemy as sa

from runtime.records.commands import Command, Create, Delete, Restore, Transition, Update
from runtime.records.outcomes import Refused
from runtime.records.upkeep.keeping import Upkeep
from runtime.store import system
from tests.fixtures.databases import Backend
from tests.runtime.records.stored import build_stored, stored_release, value, wrong
from tests.runtime.records.world import LI, NORTH, WANG, World


@pytest.fixture
def world(backend: Backend, prepared_database: Callable[[str, Callable[[str], object]], str]) -> Iterator[World]:
    opened = World.open(prepared_database("records-stored", build_stored), stored_release(backend.name))
    yield opened
    opened.store.close()


def patient(world: World, name: str = "Chen", **more: object) -> str:
    return world.make("patient", NORTH, name=name, doctor=LI, **more)


def test_what_reads_its_own_row_is_part_of_the_change(world: World) -> None:
    """S1, S2: computed on create and update, in the order in which they need each other, and in the history."""
    visit = world.make("visit", patient=patient(world), fee="20.00", kind="x")
    assert (value(world, "visit", visit, "tax"), value(world, "visit", visit, "total")) == (Decimal("2.00"), Decimal("22.00"))
    world.ok(Update("visit", visit, {"fee": "40.00"}, 1))
    assert value(world, "visit", visit, "total") == Decimal("44.00")
    table = world.release.model.objects["visit"]
    history = world.scalars(sa.select(system.history.c.changes).where(system.history.c.record_id == visit, system.history.c.version == 2))
    assert history[0][table.fields["total"].id] == ["22.00", "44.00"]  # type: ignore[index]
    world.ok(Update("visit", visit, {"fee": None, "kind": None}, 2))
    assert value(world, "visit", visit, "total") is None and wrong(world) == []


def test_rows_count_from_the_first_moment(world: World) -> None:
    """S1: a parent without children has 0 and null, then what its children come to; formulas over formulas follow."""
    who = patient(world)
    assert [value(world, "patient", who, name) for name in ("spent", "open", "last_day")] == [Decimal(0), 0, None]
    first = world.make("visit", patient=who, fee="60.00", kind="x", day="2026-01-02")
    world.make("visit", patient=who, fee="50.00", kind="y", day="2026-01-05")
    assert value(world, "patient", who, "spent") == Decimal("110.00")
    assert value(world, "patient", who, "last_day") == dt.date(2026, 1, 5)
    assert value(world, "patient", who, "dear") is True
    task = world.make("task", visit=first, step="call", assignee=WANG)
    assert (value(world, "visit", first, "open"), value(world, "patient", who, "open")) == (1, 1)
    assert value(world, "task", task, "dear") is True and value(world, "visit", first, "helpers") == 1
    world.ok(Transition("task", task, "start"))
    world.ok(Transition("task", task, "finish", {"pain": 2}))
    assert (value(world, "visit", first, "open"), value(world, "patient", who, "open")) == (0, 0)
    assert wrong(world) == []


def test_a_child_that_changes_its_parent_counts_there_alone(world: World) -> None:
    """S1: the old parent and the new one."""
    old, new = patient(world), patient(world, "Zhao")
    visit = world.make("visit", patient=old, fee="30.00", kind="x")
    world.make("task", visit=visit, step="a")
    world.ok(Update("visit", visit, {"patient": new}, 1))
    assert [value(world, "patient", id, "spent") for id in (old, new)] == [Decimal(0), Decimal("30.00")]
    assert [value(world, "patient", id, "open") for id in (old, new)] == [0, 1]
    assert wrong(world) == []


def test_a_change_behind_a_link_is_followed(world: World) -> None:
    """S1: two links away; a link that is emptied makes null."""
    who = patient(world)
    visit = world.make("visit", patient=who, kind="x")
    assert value(world, "visit", visit, "doctor_name") == "Li"
    world.ok(Update("staff", LI, {"name": "Li Hua"}, 1))
    assert value(world, "visit", visit, "doctor_name") == "Li Hua"
    world.ok(Update("patient", who, {"doctor": WANG}, 1))
    assert value(world, "visit", visit, "doctor_name") == "Wang"
    world.ok(Delete("staff", WANG, None))
    assert value(world, "visit", visit, "doctor_name") is None and wrong(world) == []


def test_a_name_behind_children_is_followed(world: World) -> None:
    """S1: rows, then a link: the tasks of Wang, who is renamed."""
    visit = world.make("visit", patient=patient(world), kind="x")
    world.make("task", visit=visit, step="a", assignee=WANG)
    assert value(world, "visit", visit, "helpers") == 1
    world.ok(Update("staff", WANG, {"name": "Wang Fang"}, 1))
    assert value(world, "visit", visit, "helpers") == 0 and wrong(world) == []


def test_deletes_and_their_undo(world: World) -> None:
    """S1: a visit takes its tasks along, and both count no more; undo brings everything back."""
    who = patient(world)
    visit = world.make("visit", patient=who, fee="130.00", kind="x", day="2026-02-01")
    task = world.make("task", visit=visit, step="a")
    other = world.make("visit", patient=who, fee="1.00", kind="y")
    kept = world.make("task", visit=other, step="b")
    world.ok(Delete("visit", visit, None))
    assert [value(world, "patient", who, name) for name in ("spent", "open", "dear")] == [Decimal("1.00"), 1, False]
    assert value(world, "task", kept, "dear") is False and wrong(world) == []
    world.ok(Update("visit", other, {"fee": "5.00"}, 1))
    world.ok(Restore(visit))
    assert [value(world, "patient", who, name) for name in ("spent", "open", "dear")] == [Decimal("135.00"), 2, True]
    assert value(world, "task", task, "dear") is True and value(world, "task", kept, "dear") is True
    assert value(world, "visit", visit, "total") == Decimal("143.00") and wrong(world) == []


def test_other_rows_get_no_version_and_no_history(world: World) -> None:
    """S2: the parent's version, its `updated_at` and its history are those of what people did to it."""
    who = patient(world)
    table = world.release.tables.object("patient").table
    before = world.scalars(sa.select(table.c.updated_at).where(table.c.id == who))
    world.make("visit", patient=who, fee="10.00", kind="x")
    assert value(world, "patient", who, "spent") == Decimal("10.00")
    assert world.scalars(sa.select(table.c.version).where(table.c.id == who)) == [1]
    assert world.scalars(sa.select(table.c.updated_at).where(table.c.id == who)) == before
    assert world.count(system.history, system.history.c.record_id == who) == 1
    world.ok(Update("patient", who, {"name": "Chen Li"}, 1))


def test_many_children_at_once(world: World) -> None:
    """S1: 400 visits of 20 patients in one list of commands, then 600 of one."""
    people = [patient(world, f"P{n}") for n in range(20)]
    commands: list[Command] = [Create("visit", {"patient": people[n % 20], "fee": "1.00", "kind": "x"}) for n in range(400)]
    assert not [outcome for outcome in world.run(*commands) if isinstance(outcome, Refused)]
    assert {value(world, "patient", id, "spent") for id in people} == {Decimal("20.00")}
    world.run(*(Create("visit", {"patient": people[0], "fee": "1.00", "kind": "x"}) for _ in range(600)))
    assert value(world, "patient", people[0], "spent") == Decimal("620.00") and wrong(world) == []


def test_what_has_more_places_than_its_column(world: World) -> None:
    """S1: an average and a quotient of ten places in columns of two are rounded alike wherever they are computed."""
    who = patient(world)
    for fee in ("1.00", "1.00", "1.01", "1.05"):
        world.make("visit", patient=who, fee=fee, kind="x")
    assert (value(world, "patient", who, "usual"), value(world, "patient", who, "third")) == (Decimal("1.02"), Decimal("1.35"))
    world.make("visit", patient=who, fee="0.04", kind="x")
    assert wrong(world) == []


def test_commands_of_one_list_see_each_other(world: World) -> None:
    """S1: the deletion that follows the creation in the same list; and a refused command of a list that is not atomic."""
    who = patient(world)
    visit = f"{0xABC:032x}"
    world.run(Create("visit", {"patient": who, "fee": "7.00", "kind": "x"}, id=visit), Delete("visit", visit, None))
    assert value(world, "patient", who, "spent") == Decimal(0)
    done = world.run(Create("visit", {"patient": who, "fee": "8.00", "kind": "x"}), Create("visit", {"patient": who, "fee": "9.00"}), atomic=False)
    assert isinstance(done[1], Refused), "a fee needs a kind"
    assert value(world, "patient", who, "spent") == Decimal("8.00") and wrong(world) == []


def test_what_is_refused_leaves_no_trace(world: World) -> None:
    """S3: an atomic list whose last command is refused."""
    who = patient(world)
    world.run(Create("visit", {"patient": who, "fee": "8.00", "kind": "x"}), Create("visit", {"patient": who, "fee": "9.00"}))
    assert value(world, "patient", who, "spent") == Decimal(0) and wrong(world) == []


def test_what_dies_on_the_way_leaves_no_trace(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """S3: the process dies after half of the formulas: neither the row nor any formula of it is there afterwards."""
    who = patient(world)
    seen = []

    def dies(self: Upkeep, touched: dict[object, object]) -> None:
        seen.append(len(touched))
        compute(self, dict(list(touched.items())[:1]))  # type: ignore[arg-type]
        raise KeyboardInterrupt

    compute = Upkeep.compute
    monkeypatch.setattr(Upkeep, "compute", dies)
    with pytest.raises(KeyboardInterrupt):
        world.make("visit", patient=who, fee="8.00", kind="x")
    monkeypatch.undo()
    assert seen and value(world, "patient", who, "spent") == Decimal(0) and wrong(world) == []
    assert world.count(world.release.tables.object("visit").table) == 0


def test_the_comparison_finds_what_is_wrong(world: World) -> None:
    """Planted fault: one value changed behind the service's back, one write without upkeep."""
    who = patient(world)
    world.make("visit", patient=who, fee="8.00", kind="x")
    table = world.release.tables.object("patient")
    with world.store.write() as connection:
        connection.execute(sa.update(table.table).where(table.table.c.id == who).values({table.column("open").name: 7}))
    assert wrong(world) == [f"patient.open {who}"]
