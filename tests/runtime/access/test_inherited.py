"""Formulas over child rows are seen by whoever may see what they read.

I1  A stored formula has counted all rows: it is there only where every one of them, with every field read, is sure to be readable.
I2  A virtual formula is there for whoever may read such rows and fields at all; it counts those that she may read.
I3  The plan tells who comes to see a formula by what the formula reads.
"""

from __future__ import annotations

import pytest

from engine.targets.diff import diff
from engine.targets.layout import Layout
from engine.targets.operations import AccessChange, RoleSees
from runtime.access import Access, Sight
from runtime.identity.actor import Actor, Membership
from runtime.records.sources import RowSource
from tests.runtime.access.world import CLINICS, OBJECTS, TODAY, id_of, model_with, released

A, B = CLINICS[:2]
PATIENT = "{object: patient, can: [read]}"


def actor(*held: tuple[str, str | None]) -> Actor:
    memberships = tuple(Membership(f"test:{role}", clinic) for role, clinic in held)
    return Actor(id=id_of("5", 1), today=TODAY, memberships=memberships, clinics=CLINICS)


def sight(field: str, *clauses: str, denials: str = "", held: tuple[tuple[str, str | None], ...] = (("r", A),)) -> Sight | None:
    """How a patient's field is seen by a role with these grants: None where it depends on the row."""
    grants = "".join(f"  g{n}: {text}\n" for n, text in enumerate((PATIENT, *clauses)))
    files = {"roles/r.yaml": f"name: r\ngrants:\n{grants}" + (f"denials:\n  d: {denials}\n" if denials else "")}
    rule = Access.of(released(model_with(files)), actor(*held)).object("patient").field("read", field)
    return rule.fixed if rule.fixed is not None or rule.linked else Sight.ABSENT


TASKS = "{object: task, can: [read]}"


@pytest.mark.parametrize(("clauses", "denials", "seen"), [
    ((TASKS,), "", None),
    ((), "", Sight.ABSENT),
    (("{object: task, can: [update]}",), "", Sight.ABSENT),
    (("{object: task, can: [read], rows: \"pain > 1\"}",), "", Sight.ABSENT),
    (("{object: task, can: [read], mask: [pain]}",), "", Sight.ABSENT),
    (("{object: task, can: [read], hide: [pain]}",), "", Sight.ABSENT),
    (("{object: task, can: [read], hide: [patient]}",), "", Sight.ABSENT),
    (("{object: task, can: [read], hide: [due]}",), "", None),
    ((TASKS,), "{object: task, can: [read], rows: \"pain > 9\"}", Sight.ABSENT),
    ((TASKS,), "{object: task, mask: [pain]}", Sight.ABSENT),
    ((TASKS,), "{object: task, hide: [due]}", None),
    (("{object: task, can: [read], rows: \"pain > 1\"}", TASKS), "", None),
])
def test_a_stored_formula_needs_every_row(clauses: tuple[str, ...], denials: str, seen: Sight | None) -> None:
    """I1: one grant without a condition that shows what is read, and no denial that may touch it; then in its clinics."""
    assert sight("pains", *clauses, denials=denials) is seen


def test_in_all_clinics_it_is_there_in_every_row() -> None:
    """I1: held in the whole organisation there is nothing to ask of the row."""
    assert sight("pains", TASKS, held=(("r", None),)) is Sight.VALUE


def test_what_lies_behind_the_rows_must_be_readable_too() -> None:
    """I1: busy reads the level of the assignee, a person of the organisation; stars reads the remarks of the tasks."""
    staff, remarks = "{object: staff, can: [read]}", "{object: remark, can: [read]}"
    assert sight("busy", TASKS) is Sight.ABSENT and sight("busy", TASKS, staff) is None
    assert sight("busy", TASKS, "{object: staff, can: [read], rows: \"level > 1\"}") is Sight.ABSENT
    assert sight("stars", TASKS) is Sight.ABSENT and sight("stars", TASKS, remarks) is None


@pytest.mark.parametrize(("clauses", "seen"), [
    ((), Sight.ABSENT),
    ((TASKS,), Sight.VALUE),
    (("{object: task, can: [read], rows: \"pain > 1\"}",), Sight.VALUE),
    (("{object: task, can: [read], mask: [pain]}",), Sight.ABSENT),
])
def test_a_virtual_formula_needs_some_row(clauses: tuple[str, ...], seen: Sight) -> None:
    """I2: a grant to read such rows with the field, whatever its condition."""
    assert sight("worst", *clauses) is seen


def test_rows_in_other_clinics_hide_a_stored_formula() -> None:
    """I1: the tasks of a patient of B may be read in A alone; and rooms, which are where they are, only in the whole organisation."""
    files = {"roles/r.yaml": f"name: r\ngrants:\n  p: {PATIENT}\n", "roles/s.yaml": f"name: s\ngrants:\n  t: {TASKS}\n"}
    release = released(model_with(files))
    source = RowSource(release, "patient")
    shown = Access.of(release, actor(("r", B), ("r", A), ("s", A))).object("patient").shown("read", "pains", source)
    assert not isinstance(shown, bool) and "clinic_id" in str(shown)
    room = OBJECTS["objects/room.yaml"].replace("fields:\n", "fields:\n  patient: {type: link, to: patient, inverse: rooms}\n")
    patient = OBJECTS["objects/patient.yaml"] + "  beds: {type: integer, formula: \"rooms.sum(r, r.beds)\", stored: true}\n"
    files = {"roles/r.yaml": f"name: r\ngrants:\n  p: {PATIENT}\n  q: {{object: room, can: [read]}}\n",
             "objects/room.yaml": room, "objects/patient.yaml": patient}
    release = released(model_with(files))
    assert Access.of(release, actor(("r", A))).object("patient").field("read", "beds").fixed is Sight.ABSENT
    assert Access.of(release, actor(("r", None))).object("patient").field("read", "beds").fixed is Sight.VALUE


def test_the_plan_knows_what_a_formula_reads() -> None:
    """I3: a new formula is told as visible to the role that may read what it counts; and taking that away is a change of access."""
    roles = {"roles/r.yaml": f"name: r\ngrants:\n  p: {PATIENT}\n  t: {TASKS}\n", "roles/s.yaml": f"name: s\ngrants:\n  p: {PATIENT}\n"}
    after = model_with(roles)
    without = OBJECTS["objects/patient.yaml"].replace("  pains: {type: integer, formula: \"tasks.sum(t, t.pain)\", stored: true}\n", "")
    before = model_with({**roles, "objects/patient.yaml": without.replace(" || pains > 3", ""), "objects/task.yaml": OBJECTS[
        "objects/task.yaml"].replace("  burden: {type: integer, formula: \"patient.pains\"}\n", "")})
    plan = diff(before, Layout().extend(before), after)
    assert {o.id: o.roles for o in plan.operations if isinstance(o, RoleSees)}["test:patient.pains"] == ("test:r",)
    hidden = model_with({**roles, "roles/r.yaml": f"name: r\ngrants:\n  p: {PATIENT}\n  t: {{object: task, can: [read], mask: [pain]}}\n"})
    lost = [o for o in diff(after, Layout().extend(after), hidden).operations if isinstance(o, AccessChange) and o.object == "test:patient"]
    assert lost and "pains" in lost[0].before and "worst" in lost[0].before and lost[0].after
