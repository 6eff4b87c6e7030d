"""Keeps the index in step: in the transaction of each change, so that what was saved can be found at once."""

from __future__ import annotations

from collections.abc import Sequence

from engine.targets.search import searched
from runtime.audit.keys import Keys
from runtime.records.writing.happening import Follower, Happening
from runtime.records.writing.work import Work
from runtime.search.writing import forget, keep, rows_of, searched_objects
from runtime.store.compiled import Release

__all__ = ["Indexing", "followers"]


class Indexing:
    """Follows every object with searched fields."""

    def watched(self, release: Release) -> frozenset[str]:
        key = "search.objects"
        found: frozenset[str] | None = release.cache.get(key)
        if found is None:
            found = release.cache[key] = searched_objects(release.model)
        return found

    def follow(self, work: Work, happened: Sequence[Happening]) -> None:
        """The last state of each record counts."""
        last: dict[str, Happening] = {}
        for one in happened:
            if self._concerns(work.release, one):
                last[one.id] = one
        known = [id for id, one in last.items() if one.action != "create"]
        if known:
            forget(work.connection, known)
        objects = work.release.model.objects
        keep(work.connection, [row for one in last.values() if one.row for row in rows_of(objects[one.object], one.row)])

    def _concerns(self, release: Release, one: Happening) -> bool:
        """Whether a searched field may have changed; a link that a delete cleared is none."""
        if one.action in ("create", "delete", "restore"):
            return True
        fields = searched(release.model.objects[one.object])
        return bool(one.row) and any(one.row.get(field.name) != one.old.get(field.name) for field in fields)


def followers(keys: Keys) -> tuple[Follower, ...]:
    """What `runtime.composition` asks for."""
    return (Indexing(),)
