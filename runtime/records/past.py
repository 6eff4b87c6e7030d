"""The history of a record, shown by the reader's sight of the row as it is now."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.types import Text

from engine.fields.base import Invalid
from engine.model import Field, Object
from runtime.access import Sight
from runtime.records.paging import one_row
from runtime.records.prepared import PreparedRows
from runtime.records.query import Reading
from runtime.store import system

__all__ = ["FieldChange", "HistoryEntry", "history", "history_entry"]


@dataclasses.dataclass(frozen=True, slots=True)
class FieldChange:
    """A field's old and new in-memory value; for MASK both are masks."""

    field: Field
    old: Any
    new: Any
    sight: Sight


@dataclasses.dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change; `by` is a person's id, `action` one of `create, update, delete, restore` or a transition's name.

    Who may not see the state finds transitions as `update`, without their reason.
    """

    at: datetime.datetime
    by: str
    action: str
    version: int
    reason: str | None
    changes: tuple[FieldChange, ...]


def history(object_name: str, id: str, reading: Reading) -> list[HistoryEntry] | None:
    """Newest first; None when the reader may not read the row. Raises UnknownObject."""
    page = one_row(object_name, id, reading)
    if not page.rows:
        return None
    sights = dict(zip((column.field.id for column in page.columns), page.rows[0].sights, strict=True))
    return [history_entry(row, page.object, sights) for row in _HISTORY.all(reading.connection, {"record": id})]


_HISTORY = PreparedRows(
    select(system.history).where(system.history.c.record_id == bindparam("record", type_=Text())).order_by(system.history.c.version.desc())
)


def history_entry(row: Any, object: Object, sights: dict[str, Sight]) -> HistoryEntry:
    """An entry as somebody sees it who sees the row's fields so; `sights` are by the fields' ids."""
    changes = []
    for field in object.fields.values() if row.changes else ():
        if field.id in row.changes and (sight := sights.get(field.id, Sight.ABSENT)) is not Sight.ABSENT:
            old, new = row.changes[field.id]
            changes.append(FieldChange(field, _value(field, old, sight), _value(field, new, sight), sight))
    action, reason = row.action, row.reason
    if action not in _PLAIN and not _state_seen(object, sights):  # the transition would tell the state
        action, reason = "update", None
    return HistoryEntry(row.at, row.by, action, row.version, reason, tuple(changes))


_PLAIN = frozenset({"create", "update", "delete", "restore"})


def _state_seen(object: Object, sights: dict[str, Sight]) -> bool:
    state = object.fields.get(object.workflow)
    return state is None or sights.get(state.id) is Sight.VALUE


def _value(field: Field, archived: Any, sight: Sight) -> Any:
    if archived is None:
        return None
    try:
        value = field.type.unarchive(archived)
    except Invalid:  # written under an earlier type of the field: shown as it was kept
        value = archived
    return field.type.mask(value) if sight is Sight.MASK else value
