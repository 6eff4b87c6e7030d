"""Names for the other ends of links, and formulas that are stored: what compiles, what is refused and where."""

from __future__ import annotations

import pytest

from engine.model import Inverse
from engine.problems import Problem
from tests.builders import model_of, problems_of

VISIT = "name: visit\nbelongs_to: {{via: patient}}\nfields:\n  patient: {{type: link, to: patient, inverse: visits}}\n  note: {{type: text}}\n{}"


def visit(more: str = "") -> dict[str, str]:
    return {"objects/visit.yaml": VISIT.format(more)}


def only(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, problems
    return problems[0]


def test_an_inverse_stands_on_the_object_that_is_linked_to():
    """By its name, with the object and the link that it comes from; other objects have none."""
    objects = model_of(visit()).objects
    assert objects["patient"].inverses == {"visits": Inverse("visits", "visit", "patient")}
    assert objects["visit"].inverses == {} and objects["staff"].inverses == {}


@pytest.mark.parametrize(("field", "taken"), [
    ("visits: {type: text}", "a field"),
    ("visits: {type: text, retired: true}", "a field"),
    ("calls: {type: text, was: [visits]}", "the former name of the field 'calls'"),
    ("aunt: {type: link, to: patient, inverse: visits}", "the inverse of "),
])
def test_the_name_of_an_inverse_must_be_free(field: str, taken: str):
    """Fields in use and retired, former names and other inverses, across packs; the place is that of the later inverse."""
    problem = only(problems_of({**visit(), "objects/patient.yaml": f"extend: base:patient\nfields:\n  {field}\n"}))
    assert problem.code.code == "FIELD-016" and taken in problem.message


def test_a_hidden_link_has_no_inverse():
    """A later layer that hides the link takes the name away with it."""
    layer = {"top/pack.yaml": "name: top\nversion: 1.0.0\nlanguage: 1\nrequires: {test: '>=1'}\n",
             "top/objects/visit.yaml": "extend: test:visit\nfields:\n  aunt: {hidden: true}\n"}
    link = "  aunt: {type: link, to: patient, inverse: nieces}\n"
    assert "nieces" not in model_of({**visit(link), **layer}).objects["patient"].inverses
    assert "nieces" in model_of(visit(link)).objects["patient"].inverses


def test_a_computed_link_has_no_inverse():
    """Nothing could find the rows by a link that is no column."""
    problem = only(problems_of(visit("  doctor: {type: link, to: staff, formula: patient.doctor, inverse: seen}\n")))
    assert problem.code.code == "FIELD-006" and "'inverse'" in problem.message


def stored(formula: str, more: str = "") -> dict[str, str]:
    return visit(f"  late: {{type: boolean, formula: \"{formula}\", stored: true}}\n{more}")


@pytest.mark.parametrize(("formula", "named"), [
    ("note == 'x' || created_at < now", "now"),
    ("patient.doctor == user.id", "user"),
    ("age(patient.birth_date) > 3", "today"),
    ("version > 3", "version"),
    ("patient.updated_at > created_at", "updated_at"),
    ("aged", "today"),
])
def test_a_stored_formula_reads_row_data_alone(formula: str, named: str):
    """The reader, the day and what moves by itself are refused by name, through functions and virtual formulas too."""
    aged = "  aged: {type: boolean, formula: \"patient.birth_date < today\"}\n"
    problem = only(problems_of(stored(formula, aged)))
    assert problem.code.code == "FIELD-015" and f"'{named}'" in problem.message and problem.place.column > 1


def test_a_stored_formula_is_a_column():
    """It may be indexed and stand in indexes; a virtual one may not. Neither can be typed."""
    found = model_of(stored("patient.name == note", "indexes: {by: [late, id]}\n")).objects["visit"].fields["late"]
    assert found.stored and found.kept and not found.typed and found.virtual is None and found.formula is not None
    virtual = model_of(visit("  late: {type: boolean, formula: \"patient.name == note\"}\n")).objects["visit"].fields["late"]
    assert not virtual.stored and not virtual.kept and virtual.virtual is virtual.formula


@pytest.mark.parametrize(("field", "code"), [
    ("x: {type: link, to: staff, formula: patient.doctor, stored: true}", "FIELD-010"),
    ("x: {type: text, formula: note, stored: true, required: true}", "FIELD-006"),
    ("x: {type: text, formula: note, stored: true, default: a}", "FIELD-006"),
    ("x: {type: text, formula: note, index: true}", "FIELD-006"),
    ("x: {type: text, stored: true}", "FIELD-014"),
    ("x: {type: text, formula: note, stored: true}\nunique: {one: [x]}", "OBJECT-009"),
])
def test_what_cannot_stand_on_a_stored_formula(field: str, code: str):
    """Types whose columns somebody else keeps, what only typed fields have, and unique rules, which another row's change could break."""
    assert only(problems_of(visit(f"  {field}\n"))).code.code == code


def test_a_circle_through_stored_formulas_and_links_is_shown():
    """visit.a → patient.b → visit.a, each reading the other across a link."""
    files = {
        **visit("  up: {type: link, to: visit}\n  a: {type: text, formula: 'patient.b', stored: true}\n"),
        "objects/patient.yaml": "extend: base:patient\nfields:\n  last: {type: link, to: visit}\n"
                                "  b: {type: text, formula: 'last.a', stored: true}\n",
    }
    problem = only(problems_of(files))
    assert problem.code.code == "FIELD-007" and "patient.b → visit.a → patient.b" in problem.message
