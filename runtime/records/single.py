"""One record as a reader sees it, with the actions and transitions that she is offered."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import bindparam, select
from sqlalchemy.types import Text

from engine.expressions import refs
from engine.fields.base import Locale
from engine.model import Object, Workflow
from engine.targets.layout import RUNTIME_COLUMNS
from engine.targets.machine import Offer
from runtime.access import Sight
from runtime.records.asked import machine_for
from runtime.records.binds import dialect_name
from runtime.records.guards import said
from runtime.records.paging import one_row
from runtime.records.prepared import Prepared, lru_of
from runtime.records.query import Reading
from runtime.records.rows import Column, Row
from runtime.records.selecting import RawReader, Selecting
from runtime.records.sources import RowSource
from runtime.records.writing.checks import row_values
from runtime.records.writing.children import children_of, gather
from runtime.records.writing.loading import paths_behind

__all__ = ["Record", "record"]

_ACTIONS = frozenset({"update", "delete", "export"})


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """A record with its fields as columns. `writable` names the fields that the actor may change in this row."""

    object: Object
    columns: tuple[Column, ...]
    row: Row
    actions: frozenset[str]
    """Of `update, delete, export`, those allowed on this row."""
    writable: frozenset[str]
    offers: tuple[Offer, ...]
    """Transitions that leave the state and that the actor may fire; a refusal says why a button is grey."""
    clinic: str | None = None
    """The id of the clinic that the row itself belongs to; records in several clinics have none here."""

    @property
    def values(self) -> Mapping[str, Any]:
        """Field name → what the reader sees of it."""
        return {column.key: value for column, value in zip(self.columns, self.row.values, strict=True)}


def record(object_name: str, id: str, reading: Reading, fields: tuple[str, ...] | None = None) -> Record | None:
    """The record, None when there is none that the reader may read. Raises UnknownObject, and BadQuery as for a list.

    `fields` are its columns, all that are shown without them.
    """
    page = one_row(object_name, id, reading, fields)
    if not page.rows:
        return None
    statements = lru_of(reading.release.cache, "records.rights", 256)
    rights: _Rights = statements.get((object_name, reading.actor.shape), lambda: _Rights(page.object, reading))
    return Record(page.object, page.columns, page.rows[0], *rights.of(id, reading))


class _Rights:
    """The prepared question what an actor may do with one row, and with the values that guards read."""

    def __init__(self, object: Object, reading: Reading) -> None:
        self._object = object
        source = RowSource(reading.release, object.name, dialect_name(reading.connection))
        selecting = Selecting(reading.access, source, reading.connection.dialect, Locale())
        self._rights = rights = reading.access.object(object.name)
        workflow = reading.release.model.workflows.get(object.name)
        self._machine = machine_for(reading.release, object)
        names = (*sorted(_ACTIONS), *(workflow.transitions if workflow else ()))
        self._always = _as_reading(names, object, reading)
        asked = (name for name in names if rights.allows(name) and name not in self._always)
        self._actions = [(name, selecting.plain(rights.rows(name, source))) for name in asked]
        self._flags: list[RawReader] = []
        self._by_flags: dict[tuple[bool, ...], frozenset[str]] = {}
        if rights.allows("update"):
            self._flags = [selecting.plain(flag) for flag in rights.flags("update", source)]
        self._values: list[tuple[tuple[str, ...], RawReader]] = []
        if workflow:
            self._values = [((name,), selecting.plain(source.own(name))) for name in _judged(object, workflow)]
            self._values += [(path, selecting.plain(source.column(path))) for path in paths_behind(reading.release, object)]
        self._clinic: RawReader | None = None
        if workflow or object.belongs_to.scope != "clinics":
            self._clinic = selecting.plain(source.own("clinic_id"))
        self._prepared: Prepared | None = None
        if selecting.columns:
            where = source.id == bindparam("row_id", type_=Text())
            self._prepared = Prepared(select(*selecting.columns).select_from(source.clause).where(where), reading.connection.dialect)

    def of(self, id: str, reading: Reading) -> tuple[frozenset[str], frozenset[str], tuple[Offer, ...], str | None]:
        """Allowed actions, writable fields, offers, and the row's own clinic."""
        # Of a row that was read there may be nothing more to ask.
        raws = self._prepared.fetch(reading.connection, {**reading.binds, "row_id": id}) if self._prepared else ()
        allowed = {*self._always, *(name for name, read in self._actions if read(raws)[0])}
        flags = tuple([bool(read(raws)[0]) for read in self._flags])
        writable = self._writable(flags) if "update" in allowed else frozenset()
        clinic: str | None = self._clinic(raws)[0] if self._clinic else None
        offers: tuple[Offer, ...] = ()
        if self._machine:
            values: dict[tuple[str, ...], Any] = {path: read(raws)[0] for path, read in self._values}
            values[("clinic_id",)] = clinic
            if children_of(reading.release, self._object):
                values |= gather(reading.connection, reading.release, reading.access, reading.binds, self._object, [(id, values)])[0]
            row = row_values(reading.actor, reading.now, reading.release, self._object, values)
            state = cast("str | None", values[(self._object.workflow,)])
            buttons = self._machine.buttons(state, row.lookup)
            offers = tuple(self._said(offer, reading) for offer in buttons if offer.transition.name in allowed)
        return frozenset(allowed & _ACTIONS), writable, offers, clinic if self._object.belongs_to.scope != "clinics" else None

    def _said(self, offer: Offer, reading: Reading) -> Offer:
        if offer.refusal is None:
            return offer
        return Offer(offer.transition, said(offer.refusal, offer.transition, reading.release, reading.access, self._object.name))

    def _writable(self, flags: tuple[bool, ...]) -> frozenset[str]:
        found = self._by_flags.get(flags)
        if found is None:
            names = (field.name for field in self._object.fields.values() if field.typed)
            found = frozenset(name for name in names if self._rights.field("update", name).sight(flags) is Sight.VALUE)
            self._by_flags[flags] = found
        return found


def _as_reading(names: Sequence[str], object: Object, reading: Reading) -> frozenset[str]:
    """Actions that are allowed on just the rows that may be read: of a row that was read nothing more need be asked."""
    rights = reading.access.object(object.name)
    source = RowSource(reading.release, object.name, dialect_name(reading.connection))
    selecting = Selecting(reading.access, source, reading.connection.dialect, Locale())
    read = selecting.place(rights.rows("read", source))
    return frozenset(name for name in names if rights.allows(name) and selecting.place(rights.rows(name, source)) == read)


def _judged(object: Object, workflow: Workflow) -> list[str]:
    """Columns of the row that the guards of its transitions read, through formulas too; the state first."""
    found = [object.workflow]
    waiting = [path[0] for t in workflow.transitions.values() if t.when for path in refs(t.when.tree)]
    seen = set(found)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        field = object.fields.get(name)
        if field is not None and field.formula is not None:
            waiting += [path[0] for path in refs(field.formula.tree)]
        if name in RUNTIME_COLUMNS or (field is not None and field.stored):
            found.append(name)
    return found
