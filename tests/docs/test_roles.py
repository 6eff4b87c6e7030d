"""The worked example of the page of roles holds, decided by the Casbin enforcer: two roles in two clinics.

The table here is the page's, row by row: what binds shows in what may be done and how fields are seen.
"""

import datetime
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from engine.model import Model
from engine.targets.layout import RUNTIME_COLUMNS, Layout
from engine.targets.tables import tables
from runtime.access import Sight
from runtime.access.oracle import Oracle
from runtime.access.stored_row import StoredRow
from runtime.identity.actor import Actor, Membership
from runtime.store.compiled import Release
from tests.docs.pages import LANGUAGE, blocks_of, checked

TEXT = (LANGUAGE / "roles.md").read_text("utf-8")
EAST, WEST, NORTH = (letter * 32 for letter in "abc")
RED, BLUE = "d" * 32, "e" * 32
TODAY = datetime.date(2026, 11, 22)
MEI = Actor(
    id="5" * 32, today=TODAY, memberships=(Membership("house:visiting_nurse", EAST), Membership("house:front_desk", WEST)),
    teams={EAST: (RED,)}, clinics=(EAST, WEST),
)


class Stays:
    """What a row asks its reader: the day, and the clinics it is in besides its first."""

    today = TODAY

    def __init__(self, clinics: tuple[str, ...]) -> None:
        self._clinics = frozenset(clinics)

    def stays(self, record_id: str) -> frozenset[str]:
        return self._clinics


@cache
def release() -> Release:
    model: Model | None = checked({block.path: block.text for block in blocks_of(TEXT) if not block.mark})[0]
    assert model is not None
    layout = Layout().extend(model)
    return Release(model.hash, model, layout, tables(model, layout), {})


def seen(clinics: tuple[str, ...], team: str | None, deceased: bool) -> Mapping[str, Any]:
    """What Mei may do with a patient, and how she sees the fields that the page speaks of."""
    patient = release().model.objects["patient"]
    values: dict[str, Any] = dict.fromkeys([*RUNTIME_COLUMNS, *patient.fields])
    values |= {"id": "1" * 32, "clinic_id": clinics[0], "team": team, "deceased_on": TODAY if deceased else None}
    row = StoredRow(Stays(clinics), patient, values)  # type: ignore[arg-type]
    oracle = Oracle(release())
    found = {action for action in ("read", "update") if oracle.decide(MEI, action, row)}
    return {"may": found, **{name: oracle.sight(MEI, "read", row, name) for name in ("phone", "address", "id_number", "note")}}


V, M, NO = Sight.VALUE, Sight.MASK, Sight.ABSENT
READ, BOTH = {"read"}, {"read", "update"}


@pytest.mark.parametrize(("row", "clinics", "team", "deceased", "expected"), [
    ("Li | East | Red", (EAST,), RED, False, (BOTH, V, V, M, V)),
    ("Wang | East | Blue", (EAST,), BLUE, False, (READ, M, NO, NO, NO)),
    ("Zhao | West | none", (WEST,), None, False, (BOTH, V, NO, NO, V)),
    ("Sun | East and West | Blue", (EAST, WEST), BLUE, False, (BOTH, V, NO, NO, V)),
    ("Zhou | East and West | Red", (WEST, EAST), RED, False, (BOTH, V, V, M, V)),
    ("Wu, deceased | East | Red", (EAST,), RED, True, (READ, V, V, M, V)),
    ("He, deceased | East and West | none", (WEST, EAST), None, True, (READ, V, NO, NO, V)),
    ("Qian | North | none", (NORTH,), None, False, (set(), NO, NO, NO, NO)),
], ids=["li", "wang", "zhao", "sun", "zhou", "wu", "he", "qian"])
def test_worked_example(row: str, clinics: tuple[str, ...], team: str | None, deceased: bool, expected: tuple[Any, ...]) -> None:
    """Each patient of the page's table is to Mei what the table says."""
    assert f"| {row} |" in TEXT
    assert tuple(seen(clinics, team, deceased).values()) == expected


def test_every_patient_of_the_table_is_checked() -> None:
    """A row that is added to the page is added here."""
    table = TEXT.partition("## Worked example")[2].partition("\n\nThree things")[0]
    assert len([line for line in table.splitlines() if line.startswith("| ")]) == 8 + 1
