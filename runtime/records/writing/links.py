"""Link targets: every record that a command points to must exist and be readable by the actor, looked up set-based."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, select
from sqlalchemy.types import Text

from engine.fields.attachment import Attachment
from engine.fields.base import Locale
from engine.model import Object
from runtime.records.outcomes import FieldError, Kind
from runtime.records.prepared import Prepared
from runtime.records.selecting import Selecting
from runtime.records.sources import RowSource
from runtime.records.writing.loading import chunks, paths_behind, prepared_once
from runtime.records.writing.work import Item, Work
from runtime.store import system

__all__ = ["follow_links"]

_Path = tuple[str, ...]


def follow_links(work: Work, object: Object, items: Sequence[Item]) -> None:
    """Check the links and files that `item.new` sets, and fill `item.behind` with what rules read through them.

    `("patient", "clinic_id")` is among the values behind the link of a `via` object.
    """
    errors: dict[int, list[FieldError]] = {}
    for name, tails in _tails(work, object).items():
        wanted = {item.new[name] for item in items if item.new.get(name)}
        target = object.fields[name].type.link_to
        found = _targets(work, target, wanted, tails) if wanted else {}
        for item in items:
            if name not in item.new:
                continue
            value = item.new[name]
            row = found.get(value)
            if value is not None and row is None:
                errors.setdefault(item.place, []).append(work.error(name, "unknown_link"))
            for place, tail in enumerate(tails):
                item.behind[(name, *tail)] = row[place] if row else None
    for item, error in _files(work, object, items):
        errors.setdefault(item.place, []).append(error)
    for item in items:
        if item.place in errors:
            work.refuse(item, Kind.INVALID, errors=errors[item.place])


def _tails(work: Work, object: Object) -> dict[str, list[_Path]]:
    """What is read behind each link: paths of checks, guards and subjects, and the clinic of the row that decides it."""
    found: dict[str, list[_Path]] = {field.name: [] for field in object.links}
    for path in paths_behind(work.release, object):
        found[path[0]].append(path[1:])
    if object.belongs_to.via:
        found[object.belongs_to.via].append(("clinic_id",))
    return found


def _targets(work: Work, target: str, ids: set[Any], tails: Sequence[_Path]) -> dict[str, tuple[Any, ...]]:
    """Values behind each readable target, by its id."""
    key = ("targets", target, work.actor.shape, tuple(tails))
    prepared, readers = prepared_once(work.release, key, lambda: _statement(work, target, tails))
    found: dict[str, tuple[Any, ...]] = {}
    for chunk in chunks(sorted(ids)):
        raws = prepared.run(work.connection, {**work.binds, "ids": chunk}).all()
        columns = [read(raws) for read in readers]
        for place, raw in enumerate(raws):
            found[raw[0]] = tuple([column[place] for column in columns])
    return found


def _statement(work: Work, target: str, tails: Sequence[_Path]) -> tuple[Prepared, list[Any]]:
    source = RowSource(work.release, target, work.dialect)
    selecting = Selecting(work.access, source, work.connection.dialect, Locale())
    selecting.place(source.id)
    readers = [selecting.plain(source.column(tail)) for tail in tails]
    where: list[ColumnElement[bool]] = [source.id.in_(bindparam("ids", expanding=True, type_=Text()))]
    where.append(work.access.object(target).rows("read", source))
    statement = select(*selecting.columns).select_from(source.clause).where(*where)
    return Prepared(statement, work.connection.dialect), readers


def _files(work: Work, object: Object, items: Sequence[Item]) -> Iterator[tuple[Item, FieldError]]:
    """An attachment field takes a file that the actor uploaded, or the one it has already."""
    names = [field.name for field in object.fields.values() if isinstance(field.type, Attachment)]
    wanted = {item.new[name] for item in items for name in names if item.new.get(name)}
    if not wanted:
        return
    file = system.attachment
    statement = select(file.c.id, file.c.size, file.c.media_type).where(file.c.id.in_(sorted(wanted)))
    mine = and_(file.c.record_id.is_(None), file.c.created_by == work.actor.id)
    rows = work.connection.execute(statement.where(mine)).all()
    found = {row.id: row for row in rows}
    for item in items:
        for name in names:
            if item.new.get(name):
                # Taken out of what is left: a file goes to one record, also within one list of commands.
                error = _file_error(work, object.fields[name].type, name, found.pop(item.new[name], None))
                if error:
                    yield item, error


def _file_error(work: Work, kind: Any, name: str, row: Any) -> FieldError | None:
    if row is None:
        return work.error(name, "unknown_file")
    if row.size > kind.max_size:
        return work.error(name, "file_too_large", max=kind.max_size)
    if not kind.accepts(row.media_type):
        return work.error(name, "file_type")
    return None
