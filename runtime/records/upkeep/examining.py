"""For `carework doctor`: which stored formulas still wait to be computed, and which hold what they do not give."""

from __future__ import annotations

from collections.abc import Iterator

from runtime.records.upkeep.statements import dependencies_of, differing
from runtime.records.upkeep.working import waiting
from runtime.store.database import Store

__all__ = ["stale", "wrong"]

SHOWN = 5


def stale(store: Store) -> dict[str, int]:
    """Field id → jobs that wait; until they are done, readers see earlier values in some rows."""
    with store.read() as connection:
        return waiting(connection)


def wrong(store: Store) -> Iterator[tuple[str, list[str]]]:
    """Each stored formula that gives another value than the one stored, by field id, with the ids of a few rows.

    Formulas that wait are left out. All rows are computed on one snapshot.
    """
    release = store.releases.poll()
    if release is None:
        return
    with store.read() as connection:
        late = waiting(connection)
        for formula in dependencies_of(release).order:
            field = release.model.objects[formula.object].fields[formula.field]
            ids = differing(connection, release, formula, SHOWN) if field.id not in late else []
            if ids:
                yield field.id, ids
