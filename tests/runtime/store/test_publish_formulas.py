"""Stored formulas at publish: their columns are filled before anybody reads them, and the plan says for how many records.

F1  A stored formula that is new, changed, restored, or changed through what it reads is computed for every row in the publish.
F2  A rename of what it reads changes nothing; what it reads cannot be retired under it.
F3  Turning between virtual, stored and typed is said in clear words, and no typed value is lost.
F4  A publish that dies after computing leaves the old values.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from engine.targets.operations import ComputeField
from runtime.store import schema
from runtime.store.errors import Refused
from tests.runtime.store.publishing import VISIT, Clinic, codes, kinds

P1, P2, V1, V2, V3 = "a" * 32, "b" * 32, "c" * 32, "d" * 32, "e" * 32
FEE = "  fee: {type: decimal, places: 2}\n"
LINKED = VISIT.replace("required: true}", "required: true, inverse: visits}") + FEE
TAX = "  tax: {type: decimal, places: 2, formula: \"fee / 10.0\", stored: true}\n"
SPENT = "  spent: {type: decimal, places: 2, formula: \"visits.sum(v, v.fee)\", stored: true}\n"
DEAR = "  dear: {type: boolean, formula: \"spent > 5.0\", stored: true}\n"


def files(visit: str = "", patient: str = "", base: str = LINKED) -> dict[str, str]:
    found = {"objects/visit.yaml": base + visit}
    return {**found, "objects/patient.yaml": f"extend: base:patient\nfields:\n{patient}"} if patient else found


@pytest.fixture
def filled(clinic: Clinic) -> Clinic:
    """Two patients; the first has visits for 3 and 4."""
    clinic.publish(files())
    clinic.put("patient", P1)
    clinic.put("patient", P2)
    for id, fee in ((V1, "3.00"), (V2, "4.00")):
        clinic.put("visit", id, patient=P1, fee=Decimal(fee))
    return clinic


def counts(clinic: Clinic, after: dict[str, str]) -> dict[str, int | None]:
    return {operation.id: operation.count for operation in clinic.plan(after).operations if isinstance(operation, ComputeField)}


def whole(clinic: Clinic) -> bool:
    release = clinic.store.release()
    with clinic.store.read() as connection:
        return schema.differences(connection, release.tables, release.layout) == []


def test_new_ones_are_filled_in_their_order(filled: Clinic):
    """F1: over the row, over child rows, and one over the other; the plan counts the records."""
    after = files(TAX, SPENT + DEAR)
    assert counts(filled, after) == {"test:visit.tax": 2, "test:patient.spent": 2, "test:patient.dear": 2}
    said = [line for line in filled.plan(after).describe("en") if "anew" in line]
    assert "“Tax” (test:visit.tax) is computed anew for 2 records" in said
    filled.publish(after)
    assert filled.values("visit", "tax") == [Decimal("0.30"), Decimal("0.40")]
    assert filled.values("patient", "spent") == [Decimal("7.00"), Decimal("0.00")]
    assert filled.values("patient", "dear") == [True, False]
    assert whole(filled) and counts(filled, after) == {}


def test_a_changed_formula_and_what_reads_it(filled: Clinic):
    """F1: dear reads spent, whose formula changes; the text of dear does not."""
    filled.publish(files(TAX, SPENT + DEAR))
    after = files(TAX, SPENT.replace("v.fee)", "v.fee - v.tax * 10.0)") + DEAR)
    assert counts(filled, after) == {"test:patient.spent": 2, "test:patient.dear": 2}
    filled.publish(after)
    assert filled.values("patient", "spent") == [Decimal("0.00"), Decimal("0.00")]
    assert filled.values("patient", "dear") == [False, False]


def test_a_change_of_a_virtual_formula_in_between(filled: Clinic):
    """F1: the stored formula reads a virtual one, which changes."""
    virtual = "  net: {type: decimal, places: 2, formula: \"fee\"}\n"
    spent = SPENT.replace("v.fee", "v.net")
    filled.publish(files(virtual, spent))
    after = files(virtual.replace('"fee"', '"fee + 1.0"'), spent)
    assert counts(filled, after) == {"test:patient.spent": 2}
    filled.publish(after)
    assert filled.values("patient", "spent") == [Decimal("9.00"), Decimal("0.00")]


def test_a_rename_computes_nothing(filled: Clinic):
    """F2: the field, the link and its inverse have other names; what is given is the same."""
    filled.publish(files(TAX, SPENT + DEAR))
    renamed = LINKED.replace("  fee: {", "  price: {was: [fee], ").replace("inverse: visits", "inverse: stays")
    renamed = renamed.replace("patient: {type", "who: {was: [patient], type")
    after = files(TAX.replace("fee", "price"), SPENT.replace("visits", "stays").replace("v.fee", "v.price") + DEAR,
                  renamed.replace("via: patient", "via: who").replace("subject: patient", "subject: who"))
    plan = filled.plan(after)
    assert not codes(plan) and counts(filled, after) == {} and "RenameElement" in kinds(plan)
    filled.publish(after)
    assert filled.values("patient", "spent") == [Decimal("7.00"), Decimal("0.00")]


def test_what_a_formula_reads_cannot_be_retired_under_it(filled: Clinic):
    """F2: the text is refused where the formula names the field; with the formula retired too it passes, and both come back."""
    filled.publish(files(TAX))
    gone = LINKED.replace("places: 2}", "places: 2, retired: true}")
    assert codes(filled.plan(files(TAX, base=gone))) == ["NAME-011"]
    both = files(TAX.replace("stored: true", "stored: true, retired: true"), base=gone)
    assert kinds(filled.plan(both)).count("RetireField") == 2
    filled.publish(both)
    table = filled.store.release().tables.object("visit")
    with filled.store.write() as connection:
        column = table.retired_columns["test:visit.fee", ""]
        connection.execute(sa.update(table.table).where(table.table.c.id == V1).values({column.name: Decimal("8.00")}))
    assert counts(filled, files(TAX)) == {"test:visit.tax": 2}
    filled.publish(files(TAX))
    assert filled.values("visit", "tax") == [Decimal("0.80"), Decimal("0.40")] and whole(filled)


def test_virtual_and_stored_by_turns(filled: Clinic):
    """F3: each way is said; the values are right after each turn."""
    virtual = files(TAX.replace(", stored: true", ""))
    filled.publish(virtual)
    there = filled.plan(files(TAX))
    assert {"StoreFormula", "ComputeField", "ChangeElement"} == set(kinds(there))
    assert any("keeps “Tax” (test:visit.tax) in a column" in line for line in there.describe("en"))
    assert any("changes stored of field" in line for line in there.describe("en"))
    filled.publish(files(TAX))
    assert filled.values("visit", "tax") == [Decimal("0.30"), Decimal("0.40")]
    back = filled.plan(virtual)
    assert not codes(back) and {"StopStoring", "ChangeElement"} == set(kinds(back))
    filled.publish(virtual)
    assert whole(filled)
    filled.publish(files(TAX))
    assert filled.values("visit", "tax") == [Decimal("0.30"), Decimal("0.40")] and whole(filled)


def test_what_people_typed_is_not_computed_over(filled: Clinic):
    """F3: a typed field becomes a stored formula only while it is empty; a stored formula becomes a typed field with its values."""
    typed = files("  tax: {type: decimal, places: 2}\n")
    filled.publish(typed)
    filled.put("visit", V3, patient=P1, tax=Decimal("9.00"))
    with pytest.raises(Refused) as refused:
        filled.publish(files(TAX))
    assert [problem.code.code for problem in refused.value.problems] == ["PLAN-004"]
    with filled.store.write() as connection:
        connection.execute(sa.text("UPDATE o_visit SET tax = NULL"))
    filled.publish(files(TAX))
    assert filled.values("visit", "tax") == [Decimal("0.30"), Decimal("0.40"), None]
    filled.publish(typed)
    assert filled.values("visit", "tax") == [Decimal("0.30"), Decimal("0.40"), None] and whole(filled)


def test_a_publish_that_dies_keeps_the_old_values(filled: Clinic):
    """F4: everything was computed; nothing is committed."""
    filled.publish(files(TAX))

    def dies(point: str) -> None:
        if point == "computed":
            raise KeyboardInterrupt

    changed = TAX.replace("10.0", "20.0")
    with pytest.raises(KeyboardInterrupt):
        filled.send(filled.incoming(files(changed)), reached=dies)
    assert filled.values("visit", "tax") == [Decimal("0.30"), Decimal("0.40")]
    filled.publish(files(changed))
    assert filled.values("visit", "tax") == [Decimal("0.15"), Decimal("0.20")]
