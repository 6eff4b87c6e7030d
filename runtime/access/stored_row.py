"""One stored row as the oracle reads it: in-memory values, what lies behind its links, and the clinics it is in."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.expressions import to_python
from engine.expressions.tree import Path
from engine.model import Object
from engine.targets.layout import RUNTIME_COLUMNS
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["RowReader", "StoredRow"]


class RowReader:
    """Reads rows of one snapshot for one day, each once."""

    def __init__(self, release: Release, connection: Connection, today: datetime.date) -> None:
        self.release = release
        self.today = today
        self._connection = connection
        self._found: dict[tuple[str, str], StoredRow | None] = {}
        self._stays: dict[str, frozenset[str]] = {}

    def row(self, object_name: str, id: str) -> StoredRow | None:
        """The row, None when there is none."""
        key = (object_name, id)
        if key not in self._found:
            self._found[key] = self._read(object_name, id)
        return self._found[key]

    def _read(self, object_name: str, id: str) -> StoredRow | None:
        table = self.release.tables.object(object_name)
        object = self.release.model.objects[object_name]
        columns = [table.column(name) for name in RUNTIME_COLUMNS]
        fields = [field.name for field in object.fields.values() if field.stored]
        columns += [table.column(name) for name in fields]
        found = self._connection.execute(sa.select(*columns).where(table.column("id") == id)).one_or_none()
        return None if found is None else StoredRow(self, object, dict(zip([*RUNTIME_COLUMNS, *fields], found, strict=True)))

    def children(self, object_name: str, link: str, id: str) -> tuple[StoredRow, ...]:
        """All rows of an object whose link points to a record, in the order of their ids."""
        table = self.release.tables.object(object_name)
        own = table.column("id")
        ids = self._connection.execute(sa.select(own).where(table.column(link) == id).order_by(own)).scalars()
        return tuple(row for child in ids if (row := self.row(object_name, child)) is not None)

    def stays(self, record_id: str) -> frozenset[str]:
        """The clinics a record of a `clinics` object is in today, as its stays say; the last day counts."""
        if record_id not in self._stays:
            stay = system.record_clinic
            rows = self._connection.execute(
                sa.select(stay.c.clinic_id, stay.c.from_date, stay.c.until_date).where(stay.c.record_id == record_id)
            )
            self._stays[record_id] = frozenset(
                clinic for clinic, since, until in rows if (since is None or since <= self.today) and (until is None or until >= self.today)
            )
        return self._stays[record_id]


class StoredRow:
    """A row; `values` hold stored fields and runtime columns."""

    def __init__(self, reader: RowReader, object: Object, values: Mapping[str, Any]) -> None:
        self.object = object
        self.values = values
        self._reader = reader

    @functools.cached_property
    def clinics(self) -> frozenset[str]:
        """Clinics it is in; for an object of the organisation none."""
        belongs = self.object.belongs_to
        own = self.values["clinic_id"]
        found = frozenset() if own is None else frozenset({own})
        if "clinics" in (belongs.scope, belongs.root_scope):
            root = self.lookup(belongs.root_path) if belongs.root_path else self.values["id"]
            found |= self._reader.stays(root) if root else frozenset()
        return found

    def behind(self, link: str) -> StoredRow | None:
        """The row a link points to, None when it is empty."""
        id = self.values[link]
        return None if id is None else self._reader.row(self.object.fields[link].type.link_to, id)

    def lookup(self, path: Path) -> Any:
        """The value at a path, formulas without a user computed; null behind an empty link."""
        name, *rest = path
        inverse = self.object.inverses.get(name)
        if inverse is not None:
            return self._reader.children(inverse.object, inverse.link, self.values["id"])
        if rest:
            further = self.behind(name)
            return None if further is None else further.lookup(tuple(rest))
        field = self.object.fields.get(name)
        if field is not None and field.virtual is not None:
            return to_python(field.virtual.tree)(_Today(self, self._reader.today))
        return self.values[name]


class _Today:
    """The values a formula reads."""

    def __init__(self, row: StoredRow, today: datetime.date) -> None:
        self._row = row
        self._today = today

    def lookup(self, path: Path) -> Any:
        return self._today if path == ("today",) else self._row.lookup(path)
