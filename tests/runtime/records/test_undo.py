"""Deletes and their undo: rows go and come back whole, under the same id, with what they took along."""

from __future__ import annotations

import sqlalchemy as sa

from runtime.records.commands import Create, Delete, Restore, Update
from runtime.records.outcomes import Kind
from runtime.store import system
from tests.runtime.records.test_writes import stored
from tests.runtime.records.world import NORTH, SOUTH, WANG, World, model, person, put, release_of

NURSE = person(("nurse", NORTH))
MANAGER = person(("manager", NORTH))


def _tables(world: World, *names: str) -> list[int]:
    return [world.count(world.release.tables.object(name).table) for name in names]


def test_a_delete_takes_along_and_comes_back(world: World):
    """A visit goes with its tasks (cascade) and comes back with them, values, subjects and history unbroken."""
    patient = world.make("patient", actor=NURSE, name="A", phone="13812345678", born="1990-05-01")
    visit = world.make("visit", actor=NURSE, patient=patient, kind="x", fee="3.50", tags=["urgent", "first"], day="2026-03-01")
    tasks = [world.make("task", actor=NURSE, visit=visit, step=f"s{n}", due="2026-03-02") for n in range(3)]
    before = dict(stored(world, "visit", visit)), [dict(stored(world, "task", id)) for id in tasks]
    assert world.ok(Delete("visit", visit, 1), NURSE).version == 2
    assert _tables(world, "visit", "task") == [0, 0]
    assert world.count(system.record_subject) == 1
    assert world.records.get("visit", visit, NURSE) is None
    assert world.ok(Restore(visit), NURSE).version == 3
    after = dict(stored(world, "visit", visit)), [dict(stored(world, "task", id)) for id in tasks]
    for old, new in zip((before[0], *before[1]), (after[0], *after[1]), strict=True):
        assert {**old, "version": 3} == new
    assert world.count(system.record_subject) == 5
    assert world.count(system.deleted) == 0
    assert [entry.action for entry in world.records.history("task", tasks[0], NURSE)] == ["restore", "delete", "create"]


def test_links_hinder_or_are_cleared(world: World):
    """A restricting link refuses the delete and names the object; a clearing one is emptied with history and set again."""
    doctor = world.make("staff", actor=None, name="Zhou")
    patient = world.make("patient", actor=NURSE, name="A", doctor=doctor)
    world.make("visit", actor=NURSE, patient=patient)
    refused = world.no(Delete("patient", patient), MANAGER)
    assert (refused.kind, "Visits" in refused.message) == (Kind.IN_USE, True)
    world.ok(Delete("staff", doctor), MANAGER)
    assert (stored(world, "patient", patient)["doctor"], stored(world, "patient", patient)["version"]) == (None, 2)
    world.ok(Restore(doctor), MANAGER)
    assert (stored(world, "patient", patient)["doctor"], stored(world, "patient", patient)["version"]) == (doctor, 3)


def test_an_undo_that_no_longer_fits_is_refused(world: World):
    """A taken unique value or a lost link target refuses the undo and changes nothing."""
    patient = world.make("patient", actor=MANAGER, name="A", card="7")
    world.ok(Delete("patient", patient), MANAGER)
    other = world.make("patient", actor=MANAGER, name="B", card="7")
    assert world.no(Restore(patient), MANAGER).kind is Kind.DUPLICATE
    world.ok(Update("patient", other, {"card": "8"}, 1), MANAGER)
    world.ok(Restore(patient), MANAGER)
    visit = world.make("visit", actor=MANAGER, patient=patient)
    world.ok(Delete("visit", visit), MANAGER)
    world.ok(Delete("patient", patient), MANAGER)
    assert world.no(Restore(visit), MANAGER).kind is Kind.IN_USE
    assert world.no(Restore("f" * 32), MANAGER).kind is Kind.NOT_FOUND


def test_undo_needs_the_right_to_delete(world: World):
    """Who could not have deleted the row cannot bring it back, nor learn that it existed."""
    visit = world.make("visit", patient=world.make("patient", clinic=NORTH, name="A"))
    world.ok(Delete("visit", visit), MANAGER)
    assert world.no(Restore(visit), person(("desk", NORTH))).kind is Kind.NOT_FOUND
    assert world.no(Restore(visit), person(("nurse", SOUTH), id=WANG)).kind is Kind.NOT_FOUND
    assert world.no(Restore(visit), person(("caller", NORTH))).kind is Kind.NOT_FOUND
    assert world.ok(Restore(visit), person(("nurse", NORTH), id=WANG)).version == 3


def test_stale_and_foreign_deletes_are_refused(world: World):
    """A stale version, a row of another clinic and a row that is gone are told apart as far as the actor may know."""
    here, there = (world.make("visit", patient=world.make("patient", clinic=clinic, name="A")) for clinic in (NORTH, SOUTH))
    world.ok(Update("visit", here, {"kind": "y"}, 1))
    kinds = [world.no(command, NURSE).kind for command in (Delete("visit", here, 1), Delete("visit", there), Delete("visit", "f" * 32))]
    assert kinds == [Kind.STALE, Kind.NOT_FOUND, Kind.NOT_FOUND]
    assert world.no(Delete("visit", here), person(("desk", NORTH))).kind is Kind.FORBIDDEN


def test_retired_fields_survive_delete_and_undo(world: World):
    """A field that was retired keeps its value through a delete and its undo, and blocks nothing."""
    patient = world.make("patient", clinic=NORTH, name="A")
    visit = world.make("visit", patient=patient, kind="x", fee="3.50")
    text = model().objects["visit"]
    assert text.fields["fee"].type.name == "decimal"
    from tests.runtime.records.world import FILES

    retired = FILES["objects/visit.yaml"].replace("fee: {type: decimal,", "fee: {retired: true, type: decimal,").split("checks:")[0]
    world.release = release_of(model({"objects/visit.yaml": retired}), world.release.layout)
    put(world.store, world.release)
    world.ok(Delete("visit", visit))
    world.ok(Restore(visit))
    table = world.release.tables.object("visit")
    column = table.retired_columns["test:visit.fee", ""]
    assert str(world.scalars(sa.select(column).where(table.table.c.id == visit))[0]) == "3.50"
    assert world.one(Create("visit", {"patient": patient, "fee": "1.00"})).kind is Kind.INVALID


def test_a_delete_races_with_new_links(world: World):
    """Whoever comes first wins: no link ever leads nowhere, and nobody sees a database error."""
    from tests.runtime.records.test_writes import race

    patients = [world.make("patient", actor=MANAGER, name=f"p{n}") for n in range(4)]

    def work(place: int) -> list[object]:
        commands = [Delete("patient", id) if place % 2 else Create("visit", {"patient": id}) for id in patients]
        return [world.one(command, MANAGER) for command in commands]

    outcomes = [outcome for several in race(6, work) for outcome in several]
    kinds = {outcome.kind for outcome in outcomes if not outcome.ok}
    assert kinds <= {Kind.INVALID, Kind.IN_USE, Kind.NOT_FOUND}, kinds
    visit, patient = (world.release.tables.object(name) for name in ("visit", "patient"))
    lost = sa.select(visit.table.c.id).where(visit.column("patient").not_in(sa.select(patient.table.c.id)))
    assert world.scalars(lost) == []


def test_a_row_is_deleted_once(world: World):
    """Of several racing deletes one succeeds, with one history row; the others find nothing."""
    from tests.runtime.records.test_writes import race

    visit = world.make("visit", actor=MANAGER, patient=world.make("patient", actor=MANAGER, name="A"))
    outcomes = race(6, lambda n: world.one(Delete("visit", visit), MANAGER))
    assert sorted(outcome.kind.value for outcome in outcomes if not outcome.ok) == ["not_found"] * 5
    assert world.count(system.history, system.history.c.record_id == visit) == 2
    assert world.count(system.deleted) == 1
