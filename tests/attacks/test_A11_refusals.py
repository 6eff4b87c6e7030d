"""A-11: refusals tell nothing of fields that the caller may not know of.

1. Who may fire a transition but not read the state is not told the state by losing.
2. A unique rule over a hidden field is told without that field's name.
3. Late refusals in a list that is not atomic leave the other commands written, however many there are.
4. A guard that reads hidden fields is not quoted.
5. An export does not follow a link that it may not show.
"""

from __future__ import annotations

import dataclasses

import pytest
import sqlalchemy as sa

from runtime.records.commands import Command, Create, Transition, Update
from runtime.records.outcomes import Kind
from runtime.records.query import ListQuery
from runtime.records.rows import BadQuery
from tests.attacks.test_A20_foreign_clinics import READS_SOUTH, use
from tests.runtime.records.world import FILES, NORTH, SOUTH, World, person


def test_losing_a_race_tells_no_hidden_state(world: World) -> None:
    """Requirement 1: with and without the version, in code, text and state."""
    grant = "{object: task, can: [read, start, drop], hide: [status]}"
    use(world, "roles/caller.yaml", f"name: caller\ngrants:\n  tasks: {grant}\n")
    visit = world.make("visit", patient=world.make("patient", clinic=NORTH, name="A"))
    task = world.make("task", visit=visit, step="x")
    world.ok(Transition("task", task, "start"))
    for version in (None, 1, 2):
        refused = world.no(Transition("task", task, "start", version=version), person(("caller", NORTH)))
        assert refused.kind is Kind.LOST
        assert "running" not in repr(refused).lower()
    assert world.no(Transition("task", task, "start"), person(("nurse", NORTH))).state == "running"


def test_a_duplicate_names_no_hidden_field(world: World) -> None:
    """Requirement 2."""
    use(world, "base/objects/patient.yaml", FILES["base/objects/patient.yaml"].replace("by_card: [card]", "by_card: [wages, card]"))
    world.make("patient", clinic=NORTH, name="A", wages="1.00", card="1")
    patient = world.make("patient", clinic=NORTH, name="B", wages="1.00", card="2")
    refused = world.no(Update("patient", patient, {"card": "1"}, 1), person(("nurse", NORTH)))
    assert (refused.kind, [error.field for error in refused.errors], "wages" in repr(refused)) == (Kind.DUPLICATE, ["card"], False)


def test_many_late_refusals_leave_the_rest(world: World) -> None:
    """Requirement 3: creates that only the predicate on the written row refuses, between updates that stand."""
    north, south = (world.make("patient", clinic=clinic, name="A") for clinic in (NORTH, SOUTH))
    visit = world.make("visit", patient=north)
    commands: list[Command] = []
    for n in range(12):
        commands += [Create("visit", {"patient": south}), Update("visit", visit, {"kind": f"k{n}"}, None)]
    outcomes = world.run(*commands, actor=READS_SOUTH, atomic=False)
    assert [getattr(outcome, "kind", None) for outcome in outcomes] == [Kind.FORBIDDEN, None] * 12
    assert len(world.records.history("visit", visit, READS_SOUTH) or ()) == 13


def test_a_guard_over_hidden_fields_is_not_quoted(world: World) -> None:
    """Requirement 4: neither to who presses nor beside the grey button; who may see the fields reads the rule."""
    use(world, "workflows/task.yaml", FILES["workflows/task.yaml"].replace(
        "start: {from: planned, to: running}", 'start: {from: planned, to: running, when: "visit.patient.wages > 10.00"}'))
    visit = world.make("visit", patient=world.make("patient", clinic=NORTH, name="A", wages="1.00"))
    task = world.make("task", visit=visit, step="x")
    for login, quoted in (("nurse", False), ("manager", True)):
        actor = person((login, NORTH))
        refused = world.no(Transition("task", task, "start"), actor)
        assert (refused.errors[0].code, "wages" in repr(refused.errors)) == ("guard_refused", quoted)
        seen = world.records.get("task", task, actor)
        assert seen is not None
        assert ("wages" in repr([offer.refusal.words for offer in seen.offers if offer.refusal])) is quoted


def test_an_export_follows_links_as_far_as_it_may_export_them(world: World) -> None:
    """Requirement 5: a link that the grant of export hides in a row is no way to what lies behind it, though it may be read."""
    doctor = world.make("staff", name="Zhou")
    world.make("patient", clinic=NORTH, name="A", doctor=doctor)
    use(world, "roles/desk.yaml", "name: desk\ngrants:\n  people: {object: patient, can: [read]}\n"
        "  out: {object: patient, can: [export], hide: [doctor]}\n  own: {object: patient, can: [export], rows: \"sex == 'male'\"}\n"
        "  staff: {object: staff, can: [read]}\n")
    query = ListQuery(object="patient", fields=("name", "doctor.name"))
    desk = person(("desk", NORTH))
    assert [row.values for row in world.records.list(query, desk).rows] == [("A", "Zhou")]
    assert [row.values for page in world.records.export(query, desk) for row in page.rows] == [("A", None)]


def test_a_cursor_fits_its_release(world: World) -> None:
    """A page's cursor is refused once the field that it sorts by is another one under the same name; never an error of the server."""
    patient = world.make("patient", clinic=NORTH, name="A")
    for kind in "abc":
        world.make("visit", patient=patient, kind=kind)
    nurse, query = person(("nurse", NORTH)), ListQuery(object="visit", sort="kind", limit=1)
    after = world.records.list(query, nurse).next
    assert world.records.list(dataclasses.replace(query, after=after), nurse).rows
    use(world, "objects/visit.yaml", FILES["objects/visit.yaml"].replace(
        "kind: {type: text, max: 40}", "kind: {type: date, id: 'test:visit.kind_2'}"))
    column = world.release.tables.object("visit").column("kind")
    with world.store.write() as connection:
        connection.execute(sa.text(f"ALTER TABLE {column.table.name} ADD COLUMN {column.name} DATE"))
    with pytest.raises(BadQuery) as refused:
        world.records.list(dataclasses.replace(query, after=after), nurse)
    assert refused.value.code == "invalid_cursor"
