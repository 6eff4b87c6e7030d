"""When a link changes, rows further away may belong to another clinic or be about another patient: their copies follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from engine.model import Object
from runtime.records.sources import RowSource
from runtime.records.writing.loading import chunks
from runtime.records.writing.work import Item, Work
from runtime.store import system

__all__ = ["refresh", "spread", "spread_from"]

_Path = tuple[str, ...]


def spread(work: Work, object: Object, items: Sequence[Item]) -> None:
    """Refresh `clinic_id`, `subject_id` and the subjects of rows that reach the changed links of these rows."""
    changed = {name for item in items for name in item.new if name in object.fields and object.fields[name].type.link_to}
    spread_from(work, object, changed, [item.id for item in items])


def spread_from(work: Work, object: Object, changed: set[str], ids: Sequence[str]) -> None:
    """The same for rows whose links of these names have changed already."""
    for other, path in _through(work, object, changed):
        for chunk in chunks(ids):
            affected = _affected(work, other, path, chunk)
            if affected:
                refresh(work, other, affected)


def _through(work: Work, object: Object, changed: set[str]) -> Iterator[tuple[Object, _Path]]:
    """Objects with the links that lead from their rows to a row of `object` and on through a changed link."""
    objects = work.release.model.objects
    for other in objects.values():
        seen: set[_Path] = set()
        for path in (other.belongs_to.root_path, *other.subject):
            at = other
            for place, name in enumerate(path):
                if place and at.name == object.name and name in changed and path[:place] not in seen:
                    seen.add(path[:place])
                    yield other, path[:place]
                at = objects[at.fields[name].type.link_to]


def _affected(work: Work, other: Object, path: _Path, ids: Sequence[str]) -> list[str]:
    source = RowSource(work.release, other.name, work.dialect)
    column = source.column(path)
    statement = select(source.id).select_from(source.clause).where(column.in_(ids))
    return list(work.connection.execute(statement).scalars())


def refresh(work: Work, other: Object, ids: Sequence[str]) -> None:
    """Compute the clinic and the subjects of rows anew from their links."""
    source = RowSource(work.release, other.name, work.dialect)
    belongs = other.belongs_to
    clinic = source.column((*belongs.root_path, "clinic_id")) if belongs.via else source.own("clinic_id")
    subjects = [source.column(path) if path else source.id for path in other.subject]
    table = source.table.table
    for chunk in chunks(ids):
        statement = select(source.id, clinic, *subjects).select_from(source.clause).where(source.id.in_(chunk))
        rows: list[Any] = list(work.connection.execute(statement))
        if not rows:
            continue
        values: dict[str, Any] = {"clinic_id": bindparam("s_clinic"), "subject_id": bindparam("s_subject")}
        moved = update(table).where(table.c.id == bindparam("w_id")).values(values)
        work.connection.execute(moved, [{"w_id": r[0], "s_clinic": r[1], "s_subject": r[2] if subjects else None} for r in rows])
        link = system.record_subject
        work.connection.execute(link.delete().where(link.c.record_id.in_(chunk)))
        about = [
            {"record_id": r[0], "place": place, "subject_id": subject, "object": other.id}
            for r in rows for place, subject in enumerate(r[2:]) if subject
        ]
        if about:
            work.connection.execute(insert(link), about)
