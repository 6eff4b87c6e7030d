"""The comparison of two releases, without a database."""

from __future__ import annotations

from engine.model import Model
from engine.targets.diff import diff
from engine.targets.layout import Layout
from engine.targets.operations import CreateTable, RenameElement, Risk
from engine.targets.plan import ReleasePlan
from tests.builders import model_of

VISIT = """
name: visit
belongs_to: {via: patient}
subject: patient
title: "{patient.name}"
fields:
  patient: {type: link, to: patient, required: true}
  note: {type: text, max: 80}
"""


def model(visit: str = VISIT, **more: str) -> Model:
    return model_of({"objects/visit.yaml": visit, **{k.replace("__", "/") + ".yaml": v for k, v in more.items()}})


def step(before: Model, after: Model, layout: Layout | None = None) -> ReleasePlan:
    return diff(before, layout or Layout().extend(before), after)


def said(plan: ReleasePlan) -> list[tuple[str, str]]:
    return [(type(operation).__name__, operation.id) for operation in plan.operations]


def test_nothing_changed_is_no_operation():
    """A release against itself, and against one that differs in a comment alone."""
    assert step(model(), model()).operations == ()
    commented = step(model(), model(VISIT + "# a comment\n"))
    assert commented.operations == () and not commented.nothing_to_do


def test_the_first_release_creates_every_table():
    """From nothing: one table per object, physical names by first names."""
    plan = diff(None, Layout(), model())
    tables = {operation.table for operation in plan.operations if isinstance(operation, CreateTable)}
    assert tables == {"o_clinic", "o_staff", "o_team", "o_team_member", "o_patient", "o_visit"}
    assert plan.base == "" and plan.problems == () and plan.doubts == ()


def test_a_rename_is_said_once():
    """What mentions the renamed field elsewhere by its new name is not a change of its own."""
    before = VISIT + "unique: {one: [patient, note]}\n"
    forms = "name: short\nobject: visit\nitems: {note: {}}\n"
    after = before.replace("  note: {", "  remark: {was: [note], label: Note, ").replace("[patient, note]", "[patient, remark]")
    plan = step(model(before, forms__short=forms), model(after, forms__short=forms.replace("{note: {}}", "{note: {field: remark}}")))
    assert said(plan) == [("RenameElement", "test:visit.note")]


def test_skipped_releases_do_not_matter():
    """note → remark → comment: whoever missed the middle one still sees a rename, whoever has it too."""
    last = model(VISIT.replace("  note: {", "  comment: {was: [remark, note], label: Note, "))
    middle = model(VISIT.replace("  note: {", "  remark: {was: [note], label: Note, "))
    assert [o.new for o in step(model(), last).operations if isinstance(o, RenameElement)] == ["comment"]
    assert [o.old for o in step(middle, last).operations if isinstance(o, RenameElement)] == ["remark"]


def test_a_retired_object_keeps_its_table():
    """Retiring is said, gravest first; the table stays in the layout."""
    plan = step(model(), model(VISIT.replace("name: visit", "name: visit\nretired: true")))
    assert plan.operations[0].risk is Risk.DESTRUCTIVE
    assert ("RetireElement", "test:visit") in said(plan)
    assert not plan.problems and plan.layout.names["object test:visit"] == "o_visit"
    back = diff(model(VISIT.replace("name: visit", "name: visit\nretired: true")), plan.layout, model())
    assert ("RestoreElement", "test:visit") in said(back) and "CreateTable" not in {kind for kind, _ in said(back)}


def test_a_spent_id_cannot_come_back():
    """After a purge the layout holds an empty name for the id."""
    layout = Layout().extend(model())
    purged = Layout({**layout.names, "field test:visit.note": ""})
    without = model(VISIT.replace("  note: {type: text, max: 80}\n", ""))
    plan = diff(without, purged, model())
    assert [problem.code.code for problem in plan.problems] == ["PLAN-007"]


def test_an_object_that_disappears_is_refused():
    """With a look-alike it is a possible rename at the new one's place, alone a loss at the old one's."""
    gone = step(model(), model_of({"pack.yaml": "name: test\nversion: 1.0.0\nlanguage: 1\nlabel: T\nrequires: {base: '>=1.0'}\n"}))
    assert [p.code.code for p in gone.problems] == ["PLAN-002"]
    renamed = VISIT.replace("name: visit", "name: visits")
    (problem,) = step(model(), model_of({"objects/visits.yaml": renamed})).problems
    assert problem.code.code == "PLAN-001" and problem.place.file == "test/objects/visits.yaml"
    assert "was: [visit]" in problem.fix


def test_shipped_records_are_seeded_when_new_or_changed():
    """A data set is an operation when its records differ, and none when they do not."""
    data = "name: teams\nobject: clinic\nkey: [name]\nupgrade: keep\nrecords: {main: {name: Main}}\n"
    assert ("SeedRecords", "test:teams") in said(step(model(), model(data__teams=data)))
    changed = data.replace("{name: Main}", "{name: Main}, north: {name: North}")
    (operation,) = step(model(data__teams=data), model(data__teams=changed)).operations
    assert said(step(model(data__teams=data), model(data__teams=changed))) == [("SeedRecords", "test:teams")]
    assert operation.describe("en").startswith("ships 2 records")
    assert step(model(data__teams=data), model(data__teams=data)).operations == ()
