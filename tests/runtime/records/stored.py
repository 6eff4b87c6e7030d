"""The clinic chain with stored formulas: over the row itself, over links, over child rows and over one another."""

from __future__ import annotations

import functools
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from runtime.store.compiled import Release
from runtime.store.database import Store
from tests.runtime.records.world import FILES, World, model, put, release_of

__all__ = ["STORED", "build_stored", "stored_release", "value", "wrong"]

STORED = {
    "base/objects/patient.yaml": FILES["base/objects/patient.yaml"].replace("unique:", """\
  spent: {type: decimal, places: 2, formula: "visits.sum(v, v.fee)", stored: true}
  open: {type: integer, formula: "visits.sum(v, v.open)", stored: true, index: true}
  last_day: {type: date, formula: "visits.max(v, v.day)", stored: true}
  dear: {type: boolean, formula: "spent > 100.0", stored: true}
  usual: {type: decimal, places: 2, formula: "visits.avg(v, v.fee)", stored: true}
  third: {type: decimal, places: 2, formula: "spent / 3.0", stored: true}
  calls: {type: integer, formula: "visits.count()"}
unique:"""),
    "objects/visit.yaml": FILES["objects/visit.yaml"].replace("required: true}", "required: true, inverse: visits}").replace("checks:", """\
  tax: {type: decimal, places: 2, formula: "fee / 10.0", stored: true}
  total: {type: decimal, places: 2, formula: "fee + tax", stored: true}
  doctor_name: {type: text, formula: "patient.doctor.name", stored: true}
  open: {type: integer, formula: "tasks.count(t, t.status != 'done')", stored: true}
  helpers: {type: integer, formula: "tasks.count(t, t.assignee.name == 'Wang')", stored: true}
  mine: {type: integer, formula: "tasks.count()"}
  steps: {type: text, formula: "tasks.min(t, t.step)"}
  rank: {type: integer, formula: "tasks.sum(t, t.rank)"}
checks:
  few: {rule: "patient.visits.count(v, v.kind == 'single') < 2", message: Only one single visit, field: kind}"""),
    "workflows/task.yaml": FILES["workflows/task.yaml"].replace(
        "to: running}", "to: running, when: \"visit.tasks.all(t, t.rank == null || t.rank != 9)\"}"),
    "roles/helper.yaml": """
name: helper
grants:
  people: {object: patient, can: [read]}
  visits: {object: visit, can: [read]}
  tasks: {object: task, can: [read], rows: "assignee == user.id", hide: [rank]}
""",
    "objects/task.yaml": FILES["objects/task.yaml"].replace("on_delete: cascade}", "on_delete: cascade, inverse: tasks}").replace(
        "  assignee:", "  dear: {type: boolean, formula: \"visit.patient.dear\", stored: true}\n  assignee:"),
}


@functools.cache
def stored_release(backend: str) -> Release:
    """The release for one kind of database, compiled once."""
    return release_of(model(STORED))


def build_stored(url: str) -> None:
    """A database with it live."""
    store = Store.open(url)
    put(store, release_of(model(STORED)))
    store.close()


def value(world: World, object: str, id: str, field: str) -> Any:
    """What stands in the column."""
    table = world.release.tables.object(object)
    found = world.scalars(sa.select(table.column(field)).where(table.table.c.id == id))
    return found[0] if found else None


def wrong(world: World) -> list[str]:
    """Stored formulas whose value somewhere is not what they give, computed from scratch."""
    from runtime.records.upkeep.statements import dependencies_of, differing

    with world.store.read() as connection:
        return [
            f"{formula.object}.{formula.field} {id}" for formula in dependencies_of(world.release).order
            for id in differing(connection, world.release, formula, 5)
        ]


TEN = Decimal("10.00")
