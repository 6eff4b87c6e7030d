"""Child rows in expressions: what is read of them in lists, filters, sorts and on pages, and by rules in Python.

C1  A reader's virtual formula counts the rows that she may read; a field that she may never see hides the formula.
C2  She filters and sorts by what she may read, and by nothing else.
C3  Guards and validations count all rows, whoever asks, on the page and when the command comes.
C4  A stored formula is there for those who may read all of what it counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.model import Object
from runtime.identity.actor import Actor
from runtime.records.commands import Create, Transition, Update
from runtime.records.outcomes import Kind
from runtime.records.query import ListQuery
from runtime.records.rows import BadQuery
from runtime.records.writing import checks
from runtime.records.writing.children import gather
from tests.fixtures.databases import Backend
from tests.runtime.records.stored import build_stored, stored_release
from tests.runtime.records.world import LI, NORTH, WANG, World, person


@pytest.fixture
def world(backend: Backend, prepared_database: Callable[[str, Callable[[str], object]], str]) -> Iterator[World]:
    opened = World.open(prepared_database("records-stored", build_stored), stored_release(backend.name))
    yield opened
    opened.store.close()


@pytest.fixture
def visits(world: World) -> tuple[str, str]:
    """Two visits: the first has a task of Li, two of Wang; the second one of Wang."""
    who = world.make("patient", NORTH, name="Chen")
    first, second = (world.make("visit", patient=who, kind=kind) for kind in ("a", "b"))
    for visit, assignee, step, rank in ((first, LI, "wash", 1), (first, WANG, "call", 2), (first, WANG, "ask", 4), (second, WANG, "dry", 8)):
        world.make("task", visit=visit, step=step, assignee=assignee, rank=rank)
    return first, second


HELPER, NURSE = person(("helper", NORTH)), person(("nurse", NORTH))


def cells(world: World, actor: Actor, *names: str, **query: str) -> dict[str, tuple[object, ...]]:
    page = world.records.list(ListQuery(object="visit", fields=names, **query), actor)  # type: ignore[arg-type]
    return {row.id: row.values for row in page.rows}


def test_each_reader_counts_her_own(world: World, visits: tuple[str, str]) -> None:
    """C1: Li as a helper reads her own task alone, as a nurse all of them."""
    first, second = visits
    assert cells(world, NURSE, "mine", "steps", "rank") == {first: (3, "ask", 7), second: (1, "dry", 8)}
    assert cells(world, HELPER, "mine", "steps") == {first: (1, "wash"), second: (0, None)}
    record = world.records.get("visit", first, HELPER)
    assert record is not None and record.values["mine"] == 1 and "rank" not in record.values


def test_what_she_may_never_see_hides_the_formula(world: World, visits: tuple[str, str]) -> None:
    """C1, C2: the rank of tasks is hidden from helpers: no column, no filter, no sort, as if it did not exist."""
    for query in ({"filter": "rank > 1"}, {"sort": "rank"}, {"filter": "tasks.exists(t, t.rank > 1)"}):
        with pytest.raises(BadQuery):
            cells(world, HELPER, "mine", **query)
    assert set(cells(world, HELPER)) == set(visits)


def test_filters_and_sorts_by_rows(world: World, visits: tuple[str, str]) -> None:
    """C2: by formulas over rows and by rows themselves; what she may not read is not found."""
    first, second = visits
    assert list(cells(world, NURSE, "mine", sort="-rank")) == [second, first]
    assert list(cells(world, HELPER, "mine", sort="mine")) == [second, first]
    assert list(cells(world, NURSE, "mine", filter="tasks.exists(t, t.step == 'dry')")) == [second]
    assert list(cells(world, HELPER, "mine", filter="tasks.exists(t, t.step == 'dry')")) == []
    assert list(cells(world, HELPER, "mine", filter="tasks.exists(t, t.assignee == user.id)")) == [first]
    assert list(cells(world, NURSE, "mine", filter="patient.visits.count() == 2 && mine > 1")) == [first]


def test_a_stored_count_is_not_told_to_whom_a_row_is_hidden(world: World, visits: tuple[str, str]) -> None:
    """C4: the helper has a condition on tasks; the nurse reads all tasks, also through the sum of sums of the patient."""
    first, _ = visits
    assert cells(world, NURSE, "open")[first] == (3,)
    with pytest.raises(BadQuery):
        cells(world, HELPER, "open")
    with pytest.raises(BadQuery):
        cells(world, HELPER, "mine", filter="open > 0")
    page = world.records.list(ListQuery(object="patient", fields=("open", "spent", "calls")), NURSE)
    assert page.rows[0].values[0] == 4 and page.rows[0].values[2] == 2
    helped = world.records.list(ListQuery(object="patient"), HELPER)
    keys = {column.key for column in helped.columns}
    assert "calls" in keys and "spent" in keys and "open" not in keys


def test_guards_count_all_rows(world: World, visits: tuple[str, str]) -> None:
    """C3: a task of rank 9 holds every task of its visit back, on the page and when it is tried, also where it cannot be read."""
    first, second = visits
    held = world.make("task", visit=second, step="wait", rank=9, assignee=WANG)
    nurse = person(("nurse", NORTH))
    for visit, allowed in ((first, True), (second, False)):
        task = world.make("task", visit=visit, step="mine", assignee=LI)
        record = world.records.get("task", task, nurse)
        assert record is not None
        offer = next(offer for offer in record.offers if offer.transition.name == "start")
        assert (offer.refusal is None) is allowed
        if allowed:
            world.ok(Transition("task", task, "start"), nurse)
        else:
            assert world.no(Transition("task", task, "start"), nurse).kind is Kind.INVALID
    assert held


def test_validations_count_all_rows(world: World) -> None:
    """C3: the second single visit of a patient is refused beside its field; the row itself does not count before it is there."""
    who, other = (world.make("patient", NORTH, name=name) for name in ("Chen", "Zhao"))
    for _ in range(2):
        world.make("visit", patient=who, kind="single")
    refused = world.no(Create("visit", {"patient": who, "kind": "x"}))
    assert refused.kind is Kind.INVALID and refused.errors[0].field == "kind"
    world.make("visit", patient=other, kind="single")


def test_rows_are_read_where_a_rule_asks(world: World, visits: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """C3: a change that no validation reads loads no child rows, however many hang there; one that a validation reads does."""
    asked: list[str] = []

    def counting(connection: Any, release: Any, access: Any, binds: Any, object: Object, rows: Any) -> Any:
        asked.append(object.name)
        return gather(connection, release, access, binds, object, rows)

    monkeypatch.setattr(checks, "gather", counting)
    first, _ = visits
    world.ok(Update("visit", first, {"day": "2026-01-01"}, 1))
    assert asked == []
    world.ok(Update("visit", first, {"kind": "c"}, 2))
    assert asked == ["visit"]
