"""Numbers without gap or repeat: one counter row per field and period, moved inside the transaction that uses the numbers."""

from __future__ import annotations

from collections.abc import Sequence as Several
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import BigInteger

from engine.fields.sequence import Sequence
from engine.model import Object
from runtime.records.prepared import Prepared
from runtime.records.writing.loading import prepared_once
from runtime.records.writing.work import Item, Work
from runtime.store import system

__all__ = ["number"]

_ORGANISATION = ""
"""The scope of all counters: numbers run through the whole organisation."""


def number(work: Work, object: Object, items: Several[Item]) -> None:
    """Give every new row its numbers, in the order of the items."""
    for field in sorted(object.fields.values(), key=lambda field: field.id):
        kind = field.type
        if isinstance(kind, Sequence):
            open_items = [item for item in items if item.new.get(field.name) is None]
            last = _take(work, field.id, kind.period(work.actor.today), len(open_items)) if open_items else 0
            for n, item in enumerate(open_items, last - len(open_items) + 1):
                item.new[field.name] = kind.render(n, work.actor.today)


def _take(work: Work, field_id: str, period: str, count: int) -> int:
    """Move a counter by `count`; the last number taken. Other transactions wait for this one's end."""
    prepared: Prepared = prepared_once(work.release, ("sequence",), lambda: _statement(work))
    binds = {"field": field_id, "scope": _ORGANISATION, "period": period, "value": count}
    return int(prepared.run(work.connection, binds).scalar_one())


def _statement(work: Work) -> Prepared:
    table = system.sequence
    insert: Any = sqlite.insert if work.dialect == "sqlite" else postgresql.insert
    statement = insert(table).values({column: bindparam(column.name, type_=column.type) for column in table.c})
    moved = statement.on_conflict_do_update(
        index_elements=[table.c.field, table.c.scope, table.c.period],
        set_={"value": table.c.value + bindparam("value", type_=BigInteger())},
    )
    return Prepared(moved.returning(table.c.value), work.connection.dialect)
