"""Which stored formulas a change touches, without a database."""

from __future__ import annotations

from engine.expressions.tree import Macro, Node, Ref, Var
from engine.expressions.types import INT, RecordOf, RowsOf
from engine.model import Model, Object
from engine.model.reads import Hop, Source, reads, sources
from engine.targets.dependencies import Dependencies, Effect, Formula, dependencies
from tests.builders import model_of

VISIT = """
name: visit
belongs_to: {via: patient}
title: "{note}"
fields:
  patient: {type: link, to: patient, required: true, inverse: visits}
  note: {type: text, max: 80}
  fee: {type: decimal, places: 2}
  tax: {type: decimal, places: 2, formula: "fee / 10", stored: true}
  total: {type: decimal, places: 2, formula: "fee + tax", stored: true}
  named: {type: text, max: 80, formula: "patient.doctor.name", stored: true}
  shown: {type: text, max: 80, formula: "note"}
  long: {type: boolean, formula: "size(shown) > 10", stored: true}
"""
PATIENT = """
extend: base:patient
fields:
  spent: {type: decimal, places: 2, formula: "visits.sum(v, v.total)", stored: true}
  rich: {type: boolean, formula: "spent > 1000", stored: true}
"""


def graph(**more: str) -> Dependencies:
    return dependencies(model_of({"objects/visit.yaml": VISIT, "objects/patient.yaml": PATIENT, **more}).objects)


def test_each_formula_comes_after_what_it_reads():
    """tax before total before the sum of totals before what reads the sum."""
    order = [f"{formula.object}.{formula.field}" for formula in graph().order]
    assert order.index("visit.tax") < order.index("visit.total") < order.index("patient.spent") < order.index("patient.rich")


def test_what_reads_its_own_row_alone_is_told_apart():
    """Virtual formulas in between do not matter; a link or child rows do, also one formula away."""
    assert graph().own == {"visit": ("long", "tax", "total")}


def test_a_field_leads_back_to_the_rows_that_read_it():
    """Own fields by no hops, fields behind links by the links, fields of children by the rows; a stored formula is a field too."""
    found = graph()
    assert found.changed["visit", "fee"] == (Effect(Formula("visit", "tax"), ()), Effect(Formula("visit", "total"), ()))
    by_patient = (Hop("patient", "patient"),)
    assert Effect(Formula("visit", "named"), by_patient) in found.changed["patient", "doctor"]
    assert found.changed["staff", "name"] == (Effect(Formula("visit", "named"), (*by_patient, Hop("staff", "doctor"))),)
    assert found.changed["visit", "total"] == (Effect(Formula("patient", "spent"), (Hop("visit", "patient", rows=True),)),)
    assert found.changed["patient", "spent"] == (Effect(Formula("patient", "rich"), ()),)
    assert found.changed["visit", "note"] == (Effect(Formula("visit", "long"), ()),), "through the virtual formula"


def test_rows_that_come_and_go_touch_their_parents():
    """The link of children, with the hops that lead to the parents."""
    found = graph()
    assert found.moved == {("visit", "patient"): (Effect(Formula("patient", "spent"), ()),)}
    assert found.links == {"visit": ("patient",)}


def test_without_stored_formulas_there_is_nothing():
    """No stored formula, no dependency at all: what keeps writes as fast as they are."""
    plain = dependencies(model_of({}).objects)
    assert not any((plain.order, plain.watched, plain.links, plain.formulas, plain.own, plain.changed, plain.moved))


def tree_over(model: Model) -> tuple[dict[str, Object], Node]:
    """`patient.visits.exists(v, v.patient.doctor.name …)` from a visit, as the checker would make it."""
    rows = RowsOf("visit", "patient")
    over = Ref(rows, 0, ("patient", "visits"))
    return dict(model.objects), Macro(INT, 0, "sum", over, None, Var(RecordOf("visit"), 20, 0, ("patient", "doctor", "name")))


def test_reads_follow_variables_over_rows():
    """A variable's path begins at the child row; the link that makes children is read itself."""
    objects, tree = tree_over(model_of({"objects/visit.yaml": VISIT, "objects/patient.yaml": PATIENT}))
    up, down = Hop("patient", "patient"), Hop("visit", "patient", rows=True)
    found = sources(objects, "visit", tree)
    assert Source((up, down, up), "patient", frozenset({"doctor"})) in found
    assert Source((up, down, up, Hop("staff", "doctor")), "staff", frozenset({"name"})) in found
    assert Source((up, down), "visit", frozenset({"patient"})) in found
    assert Source((), "visit", frozenset({"patient"})) in found
    assert {read.at for read in reads(objects, "visit", tree)} == {0, 20}
