"""Undo of deletes: the rows come back under their ids with what was taken along, unless something has taken their place."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from engine.model import Object
from runtime.records.outcomes import Kind
from runtime.records.writing.archive import row_of
from runtime.records.writing.deleting import set_links
from runtime.records.writing.journal import Change
from runtime.records.writing.loading import chunks, load
from runtime.records.writing.storing import insert_rows
from runtime.records.writing.unique import refuse_duplicates
from runtime.records.writing.work import Item, LateRefusals, Work
from runtime.store import system

__all__ = ["restore"]


def restore(work: Work, items: Sequence[Item]) -> None:
    """Carry out `Restore` commands."""
    for item in items:
        item.id = item.command.id
        _restore(work, item)


def _restore(work: Work, item: Item) -> None:
    stored = _stored(work, [item.id])
    root = stored.get(item.id)
    objects = {o.id: o for o in work.release.model.objects.values()}
    if root is None or root.object not in objects:
        work.refuse(item, Kind.NOT_FOUND)
        return
    rights = work.access.object(objects[root.object].name)
    if not rights.allows("delete"):  # the same as for an id that nothing ever had
        work.refuse(item, Kind.NOT_FOUND)
        return
    rows = {**stored, **_stored(work, root.row["with"])}
    back = [row for row in rows.values() if row.object in objects]
    values = {row.record_id: _values(work, objects[row.object], row) for row in back}
    missing = _missing_links(work, objects, back, values)
    _put_back(work, item, objects, back, values, missing)


def _stored(work: Work, ids: Sequence[str]) -> dict[str, Any]:
    table = system.deleted
    found = {}
    for chunk in chunks(ids):
        for row in work.connection.execute(select(table).where(table.c.record_id.in_(chunk))):
            found[row.record_id] = row
    return found


def _values(work: Work, object: Object, stored: Any) -> dict[str, Any]:
    row = row_of(work.release.tables.object(object.name), stored)
    row.update(version=stored.version + 1, updated_at=work.now, updated_by=work.actor.id)
    return row


def _missing_links(work: Work, objects: dict[str, Object], back: Sequence[Any], values: dict[str, dict[str, Any]]) -> bool:
    """Whether a link that must stand has lost its target; links that a delete clears are emptied instead."""
    lost = False
    for stored in back:
        row = values[stored.record_id]
        for field in objects[stored.object].links:
            target = row.get(field.name)
            if target is None or target in values:
                continue
            table = work.release.tables.object(field.type.link_to).table
            if work.connection.execute(select(table.c.id).where(table.c.id == target)).first() is None:
                if getattr(field.type, "on_delete", "restrict") == "clear":
                    row[field.name] = None
                else:
                    lost = True
    return lost


def _put_back(
    work: Work, item: Item, objects: dict[str, Object], back: Sequence[Any], values: dict[str, dict[str, Any]], missing: bool,
) -> None:
    """The rows first, then the predicate on them: what hinders an undo is told only to whom the record could be shown."""
    hindered = work.refusal(item, Kind.IN_USE, "not_restorable") if missing else None
    by_object: dict[str, list[Any]] = {}
    for stored in back:
        by_object.setdefault(stored.object, []).append(stored)
    for object_id, several in by_object.items():
        rows = [values[stored.record_id] for stored in several]
        if work.precheck and _collide(work, item, objects[object_id], rows):
            hindered = work.refusal(item, Kind.DUPLICATE, "not_restorable")
        insert_rows(work, objects[object_id], rows)
        work.upkeep.created(objects[object_id], rows, computed=False)
        _note(work, objects[object_id], several, values)
    work.connection.execute(delete(system.deleted).where(system.deleted.c.record_id.in_([row.record_id for row in back])))
    work.upkeep.follow()
    root = next(row for row in back if row.record_id == item.id)
    object = objects[root.object]
    item.old["~object"] = object.name
    if item.id not in load(work, object, [item.id], "delete"):
        raise LateRefusals({item.place: work.refusal(item, Kind.NOT_FOUND)})
    if hindered is not None:
        raise LateRefusals({item.place: hindered})
    _link_again(work, root)
    work.upkeep.follow()
    work.done(item, values[item.id]["version"])


def _collide(work: Work, item: Item, object: Object, rows: Sequence[dict[str, Any]]) -> bool:
    """Whether a row collides with one that stands; its unique values are then taken out, since all is rolled back anyway."""
    probes = [Item(item.place, item.command, row["id"], new=row) for row in rows]
    refuse_duplicates(work, object, probes)
    if work.outcomes.pop(item.place, None) is None:
        return False
    for row in rows:
        row.update(dict.fromkeys(name for rule in object.unique.values() for name in rule.fields))
    return True


def _note(work: Work, object: Object, several: Sequence[Any], values: dict[str, dict[str, Any]]) -> None:
    stays = [{**row, **_dates(row)} for stored in several for row in stored.clinics or ()]
    subjects = [row for stored in several for row in stored.subjects or ()]
    if stays:
        work.connection.execute(insert(system.record_clinic), stays)
    if subjects:
        work.connection.execute(insert(system.record_subject), subjects)
    for stored in several:
        row = values[stored.record_id]
        work.journal.note(Change(
            object=object.id, record_id=stored.record_id, version=row["version"], action="restore", changes={},
            clinic_id=row["clinic_id"], subject_id=row["subject_id"],
        ))
        work.note(object, stored.record_id, "restore", row["version"], row=row)


def _dates(row: dict[str, Any]) -> dict[str, datetime.date | None]:
    return {name: datetime.date.fromisoformat(row[name]) if row[name] else None for name in ("from_date", "until_date")}


def _link_again(work: Work, root: Any) -> None:
    """Links that the delete cleared point here again, unless they point elsewhere by now."""
    groups: dict[tuple[str, str], dict[str, str | None]] = {}
    for object_id, id, field_id, target in root.row["cleared"]:
        groups.setdefault((object_id, field_id), {})[id] = target
    for (object_id, field_id), targets in groups.items():
        table = work.release.tables.by_id.get(object_id)
        link = next((link for link in table.links if link.field.id == field_id), None) if table else None
        if table is None or link is None:
            continue
        own = table.table.c
        free = select(own.id).where(own.id.in_(list(targets)), link.column.is_(None))
        open_rows = set(work.connection.execute(free).scalars())
        set_links(work, table, link.field, link.column, {id: t for id, t in targets.items() if id in open_rows})
