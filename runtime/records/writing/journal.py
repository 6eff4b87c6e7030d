"""What is written beside every change, in its transaction: the history of the record and the audit entry."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Dialect, Table, bindparam, insert

from engine.model import Field
from runtime.audit.changes import change_entry
from runtime.records.commands import RequestInfo
from runtime.records.prepared import Prepared
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["Change", "Journal", "change_of"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one record. `changes` maps element ids to `[old, new]` in archived form."""

    object: str
    """The object's element id."""
    record_id: str
    version: int
    action: str
    changes: Mapping[str, list[Any]]
    clinic_id: str | None
    subject_id: str | None
    reason: str | None = None


def change_of(field: Field, old: object, new: object) -> list[Any]:
    """The archived pair of a field's old and new value."""
    archive = field.type.archive
    return [None if old is None else archive(old), None if new is None else archive(new)]


class Journal:
    """Gathers the changes of one transaction and writes them in two statements."""

    def __init__(self, release: Release, key: bytes, acting_for: str = "") -> None:
        self._release = release
        self._key = key
        self.acting_for = acting_for
        """Id of the person whose change led to these, '' when the actor is who began."""
        self._changes: list[Change] = []

    def sibling(self, acting_for: str) -> Journal:
        """An empty journal for what somebody's change leads to."""
        return Journal(self._release, self._key, acting_for)

    def note(self, change: Change) -> None:
        """Remember a change for `write`."""
        self._changes.append(change)

    @property
    def objects(self) -> frozenset[str]:
        """Element ids of the objects of which some record changed."""
        return frozenset(change.object for change in self._changes)

    def mark(self) -> int:
        """A point to go back to."""
        return len(self._changes)

    def back_to(self, mark: int) -> None:
        """Forget what was noted since a mark, because it was rolled back."""
        del self._changes[mark:]

    def write(self, connection: Connection, *, actor: str, now: Any, request: RequestInfo, new_id: Any) -> None:
        """Insert what was noted."""
        if not self._changes:
            return
        release = self._release.hash
        history = [
            {
                "id": new_id(), "record_id": c.record_id, "object": c.object, "version": c.version, "at": now, "by": actor,
                "action": c.action, "release": release, "changes": c.changes, "reason": c.reason,
            }
            for c in self._changes
        ]
        audit = [
            change_entry(
                id=new_id(), at=now, actor=actor, release=release, request_id=request.id, channel=request.channel,
                action=c.action, object=c.object, record_id=c.record_id, version=c.version, clinic_id=c.clinic_id,
                subject_id=c.subject_id, changes=c.changes, reason=c.reason, key=self._key, acting_for=self.acting_for,
            )
            for c in self._changes
        ]
        inserting(self._release, connection.dialect, system.history).run_many(connection, history)
        inserting(self._release, connection.dialect, system.audit).run_many(connection, audit)


def inserting(release: Release, dialect: Dialect, table: Table) -> Prepared:
    """The prepared INSERT of all columns of a table; binds have the columns' names."""
    key = ("records.insert", table.name)
    found: Prepared | None = release.cache.get(key)
    if found is None:
        values = {column.name: bindparam(column.name, type_=column.type) for column in table.c}
        found = release.cache[key] = Prepared(insert(table).values(values), dialect)
    return found
