"""Rows of `cw_search`: one for each searched field of a record that holds something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert

from engine.model import Model, Object
from engine.targets.search import field_grams, searched
from runtime.records.ids import chunks
from runtime.store import system

__all__ = ["forget", "keep", "rows_of", "searched_objects"]


def searched_objects(model: Model) -> frozenset[str]:
    """Names of the objects that have a searched field."""
    return frozenset(name for name, object in model.objects.items() if searched(object))


def rows_of(object: Object, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The index rows of a record, given by field name in memory form."""
    return [
        {"record_id": row["id"], "object": object.id, "field": field.id, "grams": sorted(found)}
        for field in searched(object) if (found := field_grams(field, row.get(field.name)))
    ]


def keep(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Add index rows."""
    if rows:
        connection.execute(insert(system.search), rows)


def forget(connection: Connection, ids: Iterable[str]) -> None:
    """Take records out of the index."""
    table = system.search
    for chunk in chunks(tuple(ids)):
        connection.execute(delete(table).where(table.c.record_id.in_(chunk)))
