"""A deleted row as JSON, whole and independent of later releases, and back."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from engine.fields.base import Invalid
from engine.model import Field
from engine.targets.tables import ObjectTable
from runtime.records.writing.loading import chunks
from runtime.records.writing.work import Work
from runtime.store import system

__all__ = ["archive_rows", "row_of"]

_RUNTIME = ("clinic_id", "subject_id", "created_at", "created_by")


def archive_rows(work: Work, table: ObjectTable, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Rows for `cw_deleted`; their version is the one that the delete has in the history."""
    fields = list(_fields(table))
    stays = _grouped(work, system.record_clinic, ids)
    subjects = _grouped(work, system.record_subject, ids)
    found = []
    for chunk in chunks(ids):
        own = table.table.c
        runtime = [own[name] for name in _RUNTIME]
        statement = select(own.id, own.version, *runtime, *(column for _, column in fields)).where(own.id.in_(chunk))
        # PostgreSQL holds the rows as they are read, so that no change falls between the archive and the DELETE.
        held = statement.with_for_update() if work.dialect == "postgresql" else statement
        for id, version, clinic, subject, created_at, created_by, *values in work.connection.execute(held):
            kept = {f.id: f.type.archive(v) for (f, _), v in zip(fields, values, strict=True) if v is not None}
            about = {"clinic_id": clinic, "subject_id": subject, "created_at": created_at.isoformat(), "created_by": created_by}
            found.append({
                "record_id": id, "object": table.object.id, "version": version + 1, "at": work.now, "by": work.actor.id,
                "row": {"values": kept, "runtime": about}, "clinics": stays.get(id, []), "subjects": subjects.get(id, []),
            })
    return found


def _fields(table: ObjectTable) -> Iterator[tuple[Field, ColumnElement[Any]]]:
    """Fields with their own columns, retired ones too."""
    for (name, part), column in table.columns.items():
        if not part:
            yield table.object.fields[name], column
    retired = {field.id: field for field in table.object.retired_fields.values()}
    for (id, part), column in table.retired_columns.items():
        if not part:
            yield retired[id], column


def _grouped(work: Work, table: Any, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for chunk in chunks(ids):
        for row in work.connection.execute(select(table).where(table.c.record_id.in_(chunk))).mappings():
            plain = {str(k): v.isoformat() if isinstance(v, datetime.date) else v for k, v in row.items()}
            found.setdefault(row["record_id"], []).append(plain)
    return found


def row_of(table: ObjectTable, stored: Any) -> dict[str, Any]:
    """The row again: field or runtime column name → in-memory value; retired fields as `~<field id>`.

    A value that the field's type does not take any more is left out.
    """
    about = stored.row["runtime"]
    row: dict[str, Any] = {
        "id": stored.record_id, "clinic_id": about["clinic_id"], "subject_id": about["subject_id"],
        "created_at": datetime.datetime.fromisoformat(about["created_at"]), "created_by": about["created_by"],
    }
    values = stored.row["values"]
    for fields, name in ((table.object.fields, "{0.name}"), (table.object.retired_fields, "~{0.id}")):
        for field in fields.values():
            if field.id in values and field.stored:
                try:
                    row[name.format(field)] = field.type.unarchive(values[field.id])
                except Invalid:
                    continue
    return row
