"""The dental pack's implant risk and healing time: a score and a decision table in formulas, read in lists, filtered and sorted.

1. Points, band and date are those that the tables say, on both databases, and what is unknown of the patient counts nothing.
2. A list is filtered and sorted by them.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.text import check, read_folder
from runtime.records.query import ListQuery
from runtime.store.compiled import Release
from runtime.store.database import Store
from tests.fixtures.databases import Backend
from tests.runtime.records.world import NORTH, World, put, release_of

PACK = Path(__file__).resolve().parents[3] / "definitions" / "packs" / "dental_implant"
FIELDS = ("risk_points", "risk", "loadable_from")
D = dt.date


@functools.cache
def release(backend: str) -> Release:
    """The pack on top of core, compiled once."""
    model = check(read_folder(PACK)).model
    assert model is not None
    return release_of(model)


@pytest.fixture(scope="module")
def dental(backend: Backend) -> Iterator[World]:
    """Implants of three patients."""
    def build(url: str) -> None:
        store = Store.open(url)
        put(store, release(backend.name))
        store.close()

    world = World.open(url := backend.prepared("dental", build), release(backend.name))
    healthy = world.make("patient", clinic=NORTH, name="Healthy", smoker=False, bruxism=False)
    smoking = world.make("patient", clinic=NORTH, name="Smoking", smoker=True, bruxism=True, anticoagulants="Warfarin")
    unasked = world.make("patient", clinic=NORTH, name="Unasked")
    for patient, tooth, more in (
        (healthy, "36", {"torque": 40}), (healthy, "16", {"torque": 40}), (healthy, "46", {"torque": 10}),
        (smoking, "36", {"torque": 30, "bone_graft": True}), (unasked, "36", {"torque": None, "bone_graft": None}),
    ):
        treatment = world.make("treatment", patient=patient, name="Implant", kind="implant", started_on="2026-01-31")
        world.make("implant", treatment=treatment, patient=patient, tooth=tooth, system="osstem", placed_on="2026-01-31", **more)
    yield world
    world.store.close()
    backend.drop(url)


def found(world: World, **query: object) -> list[tuple[object, ...]]:
    asked = ListQuery(object="implant", fields=("patient.name", "tooth", *FIELDS), **query)  # type: ignore[arg-type]
    return [row.values for row in world.records.list(asked, world.system).rows]


def test_points_band_and_date(dental: World) -> None:
    """Requirement 1. Three months after 31 January is 30 April."""
    assert found(dental, sort="tooth,risk_points") == [
        ("Healthy", "16", 0, "low", D(2026, 5, 31)),
        ("Healthy", "36", 0, "low", D(2026, 4, 30)),
        ("Unasked", "36", 0, "low", D(2026, 4, 30)),
        ("Smoking", "36", 6, "high", D(2026, 7, 31)),
        ("Healthy", "46", 2, "raised", D(2026, 7, 31)),
    ]


@pytest.mark.parametrize(("filter", "teeth"), [
    ("risk == 'high'", ["36"]), ("risk in ['raised', 'high']", ["36", "46"]), ("risk_points >= 2 && patient.smoker", ["36"]),
    ("loadable_from < date('2026-06-01')", ["16", "36", "36"]), ("implant_risk().band == 'raised'", ["46"]), ("healing_time() > 4", ["36", "46"]),
    ("patient.deceased == false", ["16", "36", "36", "36", "46"]), ("!patient.deceased == true", ["16", "36", "36", "36", "46"]),
])
def test_filters(dental: World, filter: str, teeth: list[str]) -> None:
    """Requirement 2: by the formulas, and by the tables themselves."""
    assert sorted(str(row[1]) for row in found(dental, filter=filter)) == teeth


def test_the_list_of_the_pack_shows_it(dental: World) -> None:
    """Requirement 2: the pack's own list has the columns."""
    page = dental.records.list(ListQuery(object="implant", view="implants"), dental.system)
    assert {"risk", "loadable_from"} <= {column.key for column in page.columns}
