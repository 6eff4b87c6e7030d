"""Values of new records that nobody typed.

1. `default: {formula: …}` is computed from the user, the day and the instant of the create, also for links, options and decimals.
2. What is given stands, null included; a computed value that the field does not take is left out, so that a required one is asked for.
3. The user's teams are those of the new row's clinic.
"""

import datetime as dt
import functools
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from runtime.records.commands import Create
from runtime.records.query import ListQuery
from runtime.store.compiled import Release
from tests.fixtures.databases import Backend
from tests.runtime.records.world import FILES, LI, NORTH, TODAY, World, build, model, person, put, release_of

CALL = """
name: call
label: {en: Call, zh: 电话}
plural: {en: Calls, zh: 电话}
title: "{note}"
belongs_to: clinic
fields:
  note: {type: text, max: 12, required: true, default: {formula: '"for " + (user.name ?? "?")'}}
  due: {type: date, default: {formula: today + workdays(2)}}
  rate: {type: decimal, places: 2, default: {formula: 1 / 3}}
  channel: {type: choice, options: {phone: {}, visit: {}}, default: {formula: 'user.id == null ? "visit" : "phone"'}}
  caller: {type: link, to: staff, on_delete: clear, default: {formula: user.id}}
  teams: {type: integer, default: {formula: '"nurse" in user.roles ? 1 : 0'}}
"""
ROLE = "name: nurse\ngrants: {calls: {object: call, can: [create, read]}, staff: {object: staff, can: [read]}}\n"
CHANGED = {"objects/call.yaml": CALL, "roles/nurse.yaml": ROLE}


@functools.cache
def made(backend: str) -> Release:
    """The release for one database, whose statements it keeps."""
    return release_of(model(CHANGED))


@pytest.fixture
def calls(backend: Backend, prepared_database: Callable[[str, Callable[[str], object]], str]) -> Iterator[World]:
    """The chain with calls."""
    assert "objects/call.yaml" not in FILES
    world = World.open(prepared_database("records-chain", build), made(backend.name))
    put(world.store, world.release)
    yield world
    world.store.close()


def _values(world: World, id: str) -> dict[str, object]:
    page = world.records.list(ListQuery(object="call", ids=(id,), limit=1), world.system)
    return {column.key: value for column, value in zip(page.columns, page.rows[0].values, strict=True)}


def test_values_are_computed_for_the_one_who_makes_it(calls: World) -> None:
    """Requirements 1 and 3; 2 March 2026 is a Monday."""
    nurse = person(("nurse", NORTH), record={"name": "Li"})
    found = _values(calls, calls.ok(Create("call", {}, clinic=NORTH), nurse).id)
    assert found["due"] == TODAY + dt.timedelta(days=2) and found["rate"] == Decimal("0.33")
    assert (found["note"], found["channel"], found["teams"]) == ("for Li", "phone", 1)
    assert found["caller"] is not None and found["caller"].id == LI  # type: ignore[attr-defined]


def test_what_is_given_stands(calls: World) -> None:
    """Requirement 2."""
    nurse = person(("nurse", NORTH), record={"name": "somebody with a long name"})
    refused = calls.no(Create("call", {"due": None}, clinic=NORTH), nurse)
    assert [error.field for error in refused.errors] == ["note"]
    found = _values(calls, calls.ok(Create("call", {"note": "x", "due": None, "channel": "visit"}, clinic=NORTH), nurse).id)
    assert (found["note"], found["due"], found["channel"]) == ("x", None, "visit")
