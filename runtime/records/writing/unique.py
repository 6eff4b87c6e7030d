"""Unique rules: the database holds them; after it has refused once, this finds out which rows collide with which rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from engine.model import Object
from runtime.records.outcomes import FieldError, Kind
from runtime.records.writing.loading import chunks
from runtime.records.writing.work import Item, Work

__all__ = ["refuse_duplicates"]

_Key = tuple[Any, ...]


def refuse_duplicates(work: Work, object: Object, items: Sequence[Item]) -> None:
    """Refuse items that collide with a stored row or with an earlier item; says the rule, never the other row."""
    _refuse_taken_ids(work, object, items)
    for rule in object.unique.values():
        names = (*rule.fields, *(["clinic_id"] if rule.scope == "clinic" else []))
        wanted = [(item, _key(item.row, names)) for item in work.open(items) if not item.old or set(names) & item.new.keys()]
        stored = _stored(work, object, names, [key for _, key in wanted if key])
        for item, key in wanted:
            if key is None or stored.setdefault(key, item.id) == item.id:
                continue
            label = rule.label(work.language)
            # A field that the command does not name may be one that the actor must not know of.
            named = [name for name in rule.fields if name in getattr(item.command, "values", ())]
            errors = [FieldError(name, "duplicate", work.say("duplicate", rule=label), {"rule": rule.name}) for name in named[:1]]
            work.refuse(item, Kind.DUPLICATE, words={"rule": label}, errors=errors, rule=rule.name)


def _key(row: dict[str, Any], names: Sequence[str]) -> _Key | None:
    """The values of a rule in a row; None when one is null, which never collides."""
    key = tuple(row.get(name) for name in names)
    return None if None in key else key


def _stored(work: Work, object: Object, names: Sequence[str], keys: Sequence[_Key]) -> dict[_Key, str]:
    """Which row has which of the keys now."""
    if not keys:
        return {}
    table = work.release.tables.object(object.name)
    columns = [table.column(name) for name in names]
    found: dict[_Key, str] = {}
    firsts = list(dict.fromkeys(key[0] for key in keys))
    for start in range(0, len(firsts), 500):
        statement = select(table.table.c.id, *columns).where(columns[0].in_(firsts[start:start + 500]))
        for id, *values in work.connection.execute(statement):
            found[tuple(values)] = id
    return found


def _refuse_taken_ids(work: Work, object: Object, items: Sequence[Item]) -> None:
    table = work.release.tables.object(object.name).table
    given = [item for item in items if not item.old and item.command.id]
    for chunk in chunks(item.id for item in given):
        taken = set(work.connection.execute(select(table.c.id).where(table.c.id.in_(chunk))).scalars())
        for item in given:
            if item.id in taken:
                work.refuse(item, Kind.DUPLICATE, words={"rule": "id"}, rule="id")
