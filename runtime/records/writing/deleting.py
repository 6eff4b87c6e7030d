"""Deletes: what points to the rows is refused, cleared or taken along; the rows move whole to `cw_deleted`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import delete as delete_from
from sqlalchemy import insert, select, update

from engine.model import Field, Object
from engine.targets.tables import LinkColumn, ObjectTable
from runtime.records.outcomes import Kind
from runtime.records.writing.archive import archive_rows
from runtime.records.writing.journal import Change, change_of
from runtime.records.writing.loading import chunks
from runtime.records.writing.spread import refresh, spread_from
from runtime.records.writing.updating import load_items
from runtime.records.writing.work import Item, Raced, Work
from runtime.store import system

__all__ = ["delete"]


@dataclasses.dataclass(slots=True)
class _Plan:
    """What a delete does. `doomed` maps a record's id to its object's id and the item it goes with."""

    doomed: dict[str, tuple[str, Item]]
    cleared: list[_Cleared]
    hindered: dict[int, set[str]]
    """Item place → ids of objects whose rows stand in the way."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Cleared:
    """A link that loses its target."""

    table: ObjectTable
    link: LinkColumn
    id: str
    target: str


def delete(work: Work, object: Object, items: Sequence[Item]) -> None:
    """Carry out `Delete` commands on one object."""
    items = load_items(work, object, items, "delete", lock=True)
    for item in items:
        version = item.command.version
        if version is not None and version != item.old["version"]:
            work.refuse(item, Kind.STALE, version=item.old["version"])
    items = work.open(items)
    plan = _plan(work, object, items)
    while plan.hindered:
        for item in items:
            if item.place in plan.hindered:
                words = {"objects": _named(work, plan.hindered[item.place])}
                work.refuse(item, Kind.IN_USE, words=words)
        items = work.open(items)
        plan = _plan(work, object, items)
    _carry_out(work, plan)
    work.upkeep.follow()
    for item in items:
        work.done(item, item.old["version"] + 1)


def _plan(work: Work, object: Object, items: Sequence[Item]) -> _Plan:
    plan = _Plan({item.id: (object.id, item) for item in items}, [], {})
    found: list[tuple[ObjectTable, LinkColumn, str, str]] = []
    waiting = {object.id: [item.id for item in items]}
    while waiting:
        object_id, ids = waiting.popitem()
        for table, link, id, target in _pointing(work, object_id, ids):
            if _on_delete(work, table, link) == "cascade":
                if id not in plan.doomed:
                    plan.doomed[id] = (table.object.id, plan.doomed[target][1])
                    waiting.setdefault(table.object.id, []).append(id)
            else:
                found.append((table, link, id, target))
    for table, link, id, target in found:
        if id in plan.doomed:
            continue
        if _on_delete(work, table, link) == "clear":
            plan.cleared.append(_Cleared(table, link, id, target))
        else:
            plan.hindered.setdefault(plan.doomed[target][1].place, set()).add(table.object.id)
    clinic = work.release.model.clinic
    for id, (object_id, item) in plan.doomed.items():
        if clinic is not None and object_id == clinic.id and (inside := _in_clinic(work, id)):
            plan.hindered.setdefault(item.place, set()).update(inside)
    return plan


def _in_clinic(work: Work, clinic: str) -> set[str]:
    """Ids of the objects with rows in a clinic, '' for people's memberships: without their clinic they would be nowhere."""
    holders = [(table.object.id, table.table) for table in work.release.tables.by_id.values()]
    holders += [("", system.record_clinic), ("", system.membership)]
    return {
        id for id, table in holders
        if work.connection.execute(select(table.c.clinic_id).where(table.c.clinic_id == clinic).limit(1)).first() is not None
    }


def _on_delete(work: Work, table: ObjectTable, link: LinkColumn) -> str:
    """`restrict`, `clear` or `cascade`; what is retired hinders nobody."""
    current = table.object.name in work.release.model.objects and link.field.name in table.object.fields
    return str(getattr(link.field.type, "on_delete", "restrict")) if current else "clear"


def _pointing(work: Work, object_id: str, ids: Sequence[str]) -> Iterator[tuple[ObjectTable, LinkColumn, str, str]]:
    """Every (table, link, row, target) where a row points to one of these records."""
    target = work.release.tables.by_id[object_id].table
    for table in work.release.tables.by_id.values():
        for link in table.links:
            if link.target is not target:
                continue
            for chunk in chunks(ids):
                statement = select(table.table.c.id, link.column).where(link.column.in_(chunk))
                for id, pointed in work.connection.execute(statement):
                    yield table, link, id, pointed


def _named(work: Work, object_ids: Iterable[str]) -> str:
    """The objects that the actor may know of, by label; one word for all others."""
    objects = {o.id: o for o in work.release.model.objects.values() if work.access.object(o.name).allows("read")}
    labels = sorted({objects[id].plural(work.language) if id in objects else work.say("others") for id in object_ids})
    return ", ".join(labels)


def _carry_out(work: Work, plan: _Plan) -> None:
    if not plan.doomed:
        return
    by_object: dict[str, list[str]] = {}
    for id, (object_id, _) in plan.doomed.items():
        by_object.setdefault(object_id, []).append(id)
    taken: dict[str, list[str]] = {}
    for id, (_, item) in plan.doomed.items():
        if id != item.id:
            taken.setdefault(item.id, []).append(id)
    links: dict[str, list[list[str]]] = {}
    for cleared in plan.cleared:
        entry = [cleared.table.object.id, cleared.id, cleared.link.field.id, cleared.target]
        links.setdefault(plan.doomed[cleared.target][1].id, []).append(entry)
    _clear(work, plan.cleared)
    for object_id, ids in by_object.items():
        _take_out(work, work.release.tables.by_id[object_id], ids, taken, links)


def _take_out(
    work: Work, table: ObjectTable, ids: Sequence[str], taken: Mapping[str, list[str]], links: Mapping[str, list[list[str]]],
) -> None:
    rows = archive_rows(work, table, ids)
    if len(rows) != len(ids):
        raise Raced
    stays, subjects = system.record_clinic, system.record_subject
    for row in rows:
        id = row["record_id"]
        row["row"]["with"], row["row"]["cleared"] = taken.get(id, []), links.get(id, [])
        kept = row["row"]["values"]
        work.upkeep.deleted(table.object, {link.field.name: kept.get(link.field.id) for link in table.links if not link.field.retired})
        work.journal.note(Change(
            object=table.object.id, record_id=id, version=row["version"], action="delete", changes={},
            clinic_id=row["row"]["runtime"]["clinic_id"], subject_id=row["row"]["runtime"]["subject_id"],
        ))
        work.note(table.object, id, "delete", row["version"])
    work.connection.execute(insert(system.deleted), rows)
    for chunk in chunks(ids):
        work.connection.execute(delete_from(stays).where(stays.c.record_id.in_(chunk)))
        work.connection.execute(delete_from(subjects).where(subjects.c.record_id.in_(chunk)))
        work.connection.execute(delete_from(table.table).where(table.table.c.id.in_(chunk)))


def _clear(work: Work, cleared: Sequence[_Cleared]) -> None:
    """Empty the links, as a change of each row that has them."""
    groups: dict[tuple[str, str], list[_Cleared]] = {}
    for one in cleared:
        groups.setdefault((one.table.object.id, one.link.column.name), []).append(one)
    for several in groups.values():
        set_links(work, several[0].table, several[0].link.field, several[0].link.column, {one.id: None for one in several})


def set_links(work: Work, table: ObjectTable, field: Field, column: Any, targets: Mapping[str, str | None]) -> None:
    """Point rows (id → target) of a table elsewhere, with history; used by delete and by its undo."""
    own = table.table.c
    for chunk in chunks(targets):
        rows = work.connection.execute(select(own.id, own.version, own.clinic_id, own.subject_id, column).where(own.id.in_(chunk))).all()
        for id, version, clinic, subject, old in rows:
            values = {column.name: targets[id], "version": version + 1, "updated_at": work.now, "updated_by": work.actor.id}
            moved = update(table.table).where(own.id == id, own.version == version).values(values)
            if work.connection.execute(moved).rowcount != 1:
                raise Raced
            if not field.retired:
                work.upkeep.updated(table.object, id, {field.name: old}, {field.name: targets[id]}, computed=False)
            work.journal.note(Change(
                object=table.object.id, record_id=id, version=version + 1, action="update",
                changes={field.id: change_of(field, old, targets[id])}, clinic_id=clinic, subject_id=subject,
            ))
            work.note(table.object, id, "update", version + 1)
    current = work.release.model.objects.get(table.object.name)
    if current is not None and any(path[:1] == (field.name,) for path in (current.belongs_to.root_path, *current.subject)):
        refresh(work, current, list(targets))
    if current is not None:
        spread_from(work, current, {field.name}, list(targets))
