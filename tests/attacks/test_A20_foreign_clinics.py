"""A-20: nothing gets into a clinic, out of it or back into it by somebody who has no right there.

1. A record is shared with a clinic, and taken out of it, by somebody who may update it there too; other clinics read as unknown.
2. A row moved behind another record must be the mover's to update there.
3. A row that belongs to a clinic through a link is never without one.
4. An undo needs the right to delete that very row now; what hinders it is told to nobody else, nor that there was a row.
5. A clinic with rows or people in it cannot be deleted; whose own record was deleted is nobody.
"""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from runtime.identity.actor import TokenScope
from runtime.identity.generation import generation_column
from runtime.identity.loading import load_actor
from runtime.records.commands import Create, Delete, JoinClinic, LeaveClinic, Restore, Update
from runtime.records.outcomes import Kind, Refused
from runtime.records.query import ListQuery
from runtime.records.rows import BadQuery
from runtime.store import system
from tests.runtime.records.world import FILES, LI, NORTH, NOW, SOUTH, TODAY, WANG, World, model, person, put, release_of

MANAGER = person(("manager", NORTH))
READS_SOUTH = person(("nurse", NORTH), ("desk", SOUTH))


def use(world: World, path: str, text: str) -> None:
    """Another release with one file replaced."""
    world.release = release_of(model({path: text}))
    put(world.store, world.release)


def told(refused: Refused) -> object:
    return refused.kind, refused.message, refused.errors, refused.rule


def test_sharing_needs_the_right_in_both_clinics(world: World) -> None:
    """Requirement 1: also with a token that is narrower than its owner."""
    patient = world.make("patient", clinic=NORTH, name="A")
    narrow = person(("nurse", NORTH), ("nurse", SOUTH), scope=TokenScope(clinics=frozenset({NORTH})))
    for actor in (person(("nurse", NORTH)), person(("nurse", NORTH), ("caller", SOUTH)), narrow):
        there, nowhere = (world.no(JoinClinic("patient", patient, clinic), actor) for clinic in (SOUTH, "f" * 32))
        assert told(there) == told(nowhere)
    assert world.records.get("patient", patient, person(("nurse", SOUTH))) is None
    world.ok(JoinClinic("patient", patient, SOUTH), person(("nurse", NORTH), ("nurse", SOUTH)))
    assert world.no(LeaveClinic("patient", patient, SOUTH), person(("nurse", NORTH))).kind is Kind.FORBIDDEN
    assert world.records.get("patient", patient, person(("nurse", SOUTH))) is not None
    world.ok(LeaveClinic("patient", patient, SOUTH), person(("nurse", None)))


def test_a_link_is_no_way_into_another_clinic(world: World) -> None:
    """Requirement 2: who may only read in the south cannot move a visit there, nor what hangs on it."""
    north, south = (world.make("patient", clinic=clinic, name="A") for clinic in (NORTH, SOUTH))
    visit = world.make("visit", patient=north)
    assert world.no(Update("visit", visit, {"patient": south}, 1), READS_SOUTH).kind is Kind.FORBIDDEN
    assert world.no(Create("visit", {"patient": south}), READS_SOUTH).kind is Kind.FORBIDDEN
    world.ok(Update("visit", visit, {"patient": south}, 1), person(("nurse", NORTH), ("nurse", SOUTH)))


def test_no_row_is_without_its_clinic(world: World) -> None:
    """Requirement 3: even where the definition does not say that the link is required."""
    use(world, "objects/visit.yaml", FILES["objects/visit.yaml"].replace("to: patient, required: true", "to: patient"))
    visit = world.make("visit", patient=world.make("patient", clinic=NORTH, name="A"))
    for actor in (MANAGER, person(("manager", None)), world.system):
        for command in (Update("visit", visit, {"patient": None}, 1), Create("visit", {})):
            refused = world.no(command, actor)
            assert [(error.field, error.code) for error in refused.errors] == [("patient", "required")]


def test_an_undo_is_for_who_could_delete(world: World) -> None:
    """Requirement 4: a right that was lost since, another clinic, and a collision or a lost link that would tell."""
    patient = world.make("patient", clinic=NORTH, name="A", card="7")
    visit = world.make("visit", patient=patient)
    world.ok(Delete("visit", visit), MANAGER)
    world.ok(Delete("patient", patient), MANAGER)
    world.make("patient", clinic=NORTH, name="B", card="7")
    for id in (patient, visit):
        for actor in (person(("manager", SOUTH)), person(("desk", NORTH)), person(("nurse", SOUTH), id=WANG)):
            assert told(world.no(Restore(id), actor)) == told(world.no(Restore("f" * 32), actor))
    assert world.no(Restore(patient), MANAGER).kind is Kind.DUPLICATE
    assert world.no(Restore(visit), MANAGER).kind is Kind.IN_USE
    assert world.count(system.deleted) == 2


def test_a_clinic_in_use_stays(world: World) -> None:
    """Requirement 5."""
    use(world, "roles/manager.yaml", FILES["roles/manager.yaml"] + "  clinics: {object: clinic, can: [read, delete]}\n")
    world.make("team", clinic=SOUTH, name="T")
    refused = world.no(Delete("clinic", SOUTH), MANAGER)
    assert (refused.kind, "Team" in refused.message) == (Kind.IN_USE, False)
    with world.store.write() as connection:
        connection.execute(sa.insert(system.user).values(id=LI, login="li", created_at=NOW))
        connection.execute(sa.insert(system.membership).values(id="m" * 32, user_id=LI, role="test:nurse", clinic_id=NORTH))
    assert world.no(Delete("clinic", NORTH), MANAGER).kind is Kind.IN_USE


def test_who_was_deleted_is_nobody(world: World) -> None:
    """Requirement 5: and is somebody again when the delete is undone."""
    with world.store.write() as connection:
        connection.execute(sa.insert(system.user).values(id=LI, login="li", created_at=NOW))
    for command, known in ((Delete("staff", LI), False), (Restore(LI), True)):
        world.ok(command)
        with world.store.read() as connection:
            assert (load_actor(connection, world.release, LI, TODAY) is not None) is known


def test_actors_are_forgotten_when_a_delete_clears_their_link(world: World) -> None:
    """A-26: what rules read of the user may change by a delete of something else."""
    staff = "name: staff\nlabel: Staff\nplural: Staff\ntitle: '{name}'\nbelongs_to: organisation\naccount: true\nfields:\n" \
            "  name: {type: text, required: true, max: 60}\n  buddy: {type: link, to: patient, on_delete: clear}\n"
    use(world, "base/objects/staff.yaml", staff)
    with world.store.write() as connection:
        table = world.release.tables.object("staff")
        column = table.column("buddy")
        if column.name not in {c["name"] for c in sa.inspect(connection).get_columns(table.table.name)}:
            connection.execute(sa.text(f"ALTER TABLE {table.table.name} ADD COLUMN {column.name} TEXT"))
    patient = world.make("patient", clinic=NORTH, name="A")
    world.ok(Update("staff", LI, {"buddy": patient}, 1))
    before = world.scalars(sa.select(generation_column()))
    world.ok(Delete("patient", patient))
    assert world.scalars(sa.select(generation_column())) != before


def test_filters_compare_links_with_the_user(world: World) -> None:
    """A filter of a person reads `user` as rules of definitions do: ids like links, roles by name; ids lead nowhere (A-02)."""
    visit = world.make("visit", patient=world.make("patient", clinic=NORTH, name="A"))
    task = world.make("task", visit=visit, step="x", assignee=LI)
    nurse = person(("nurse", NORTH))
    true = ("assignee == user.id", "assignee == user", "'nurse' in user.roles", f"id == '{task}'", "clinic_id in user.clinics")
    false = ("created_by == user.id", "'desk' in user.roles", f"clinic_id == '{SOUTH}'", "visit.patient.team in user.teams")
    for filter in (*true, *false):
        rows = world.records.list(ListQuery(object="task", filter=filter), nurse).rows
        assert len(rows) == (filter in true), filter
    for path in ("created_by.name", "clinic_id.name", "id.step", "user.id.name", "visit.created_by.name"):
        filter = f"{path} == 'x'"
        with pytest.raises(BadQuery):
            world.records.list(ListQuery(object="task", filter=filter), nurse)


def test_whom_a_row_is_about_follows_a_cleared_link(world: World) -> None:
    """A row two links away is about nobody once the link between is cleared by a delete, and about her again after the undo."""
    use(world, "objects/visit.yaml", "name: visit\nlabel: Visit\nbelongs_to: clinic\nsubject: patient\nfields:\n"
        "  patient: {type: link, to: patient, on_delete: clear}\n  kind: {type: text}\n")
    patient = world.make("patient", clinic=NORTH, name="A")
    task = world.make("task", visit=world.make("visit", clinic=NORTH, patient=patient), step="x")
    column = world.release.tables.object("task").column("subject_id")
    about = sa.select(system.record_subject.c.subject_id).where(system.record_subject.c.record_id == task)
    for command, subjects in ((Delete("patient", patient), []), (Restore(patient), [patient])):
        world.ok(command)
        assert list(world.scalars(about)) == subjects
        assert list(world.scalars(sa.select(column))) == (subjects or [None])
