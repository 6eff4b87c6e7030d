"""A-11: refusals tell nothing of fields that the caller may not know of.

1. Who may fire a transition but not read the state is not told the state by losing.
2. A unique rule over a hidden field is told without that field's name.
3. Late refusals in a list that is not atomic leave the other commands written, however many there are.
"""

from __future__ import annotations

from runtime.records.commands import Command, Create, Transition, Update
from runtime.records.outcomes import Kind
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
