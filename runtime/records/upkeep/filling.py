"""Stored formulas at publish: the columns of those that are new or changed are filled in the transaction that flips the release."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete

from runtime.records.upkeep.statements import compute_all, dependencies_of
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["fill"]


def fill(connection: Connection, release: Release, fields: Collection[str]) -> int:
    """Compute formulas (ids of fields) anew in every row, one statement each, in the order in which they need each other.

    Nobody writes meanwhile. What waited to be computed for them is done with this. How many values changed.
    """
    changed = 0
    for formula in dependencies_of(release).order if fields else ():
        field = release.model.objects[formula.object].fields[formula.field]
        if field.id in fields:
            changed += compute_all(connection, release, formula)
            connection.execute(delete(system.recompute).where(system.recompute.c.field == field.id))
    return changed
