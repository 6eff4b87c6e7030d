"""The rows of `cw_message`: what became of each message."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from runtime.records.prepared import PreparedChange, PreparedRows
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["Delivery", "delivery", "note_sending", "settle"]

Delivery = Mapping[str, Any]

_message = system.message
_of_key = PreparedRows(select(_message).where(_message.c.key == bindparam("b_key")))


def delivery(connection: Connection, key: str) -> Delivery | None:
    """The row of a key."""
    row = _of_key.one_or_none(connection, {"b_key": key})
    return row._asdict() if row is not None else None


def settle(connection: Connection, row: Delivery, state: str, reason: str = "", **values: Any) -> None:
    """Write how it stands."""
    values |= {"state": state, "reason": reason}
    _settling(tuple(sorted(values))).change(connection, {"b_id": row["id"], **{f"s_{name}": value for name, value in values.items()}})


@functools.lru_cache(maxsize=64)
def _settling(names: tuple[str, ...]) -> PreparedChange:
    values = {name: bindparam(f"s_{name}", type_=_message.c[name].type) for name in names}
    return PreparedChange(update(_message).where(_message.c.id == bindparam("b_id")).values(values))


@functools.cache
def _noting() -> PreparedChange:
    return PreparedChange(insert(system.audit).values({column.name: bindparam(column.name, type_=column.type) for column in system.audit.c}))


def note_sending(
    connection: Connection, row: Delivery, release: Release, channel: str, now: datetime.datetime, new_id: Callable[[], str],
) -> None:
    """The audit's entry of what leaves: whose record was told of to whom, before it leaves, and never what was said."""
    _noting().change(connection, {
        **dict.fromkeys(column.name for column in system.audit.c),
        "id": new_id(), "at": now, "actor": "system", "action": "message", "object": row["object"], "record_id": row["record_id"],
        "clinic_id": row["clinic_id"], "subject_id": row["subject_id"], "release": release.hash, "outcome": "done",
        "detail": {"message": row["message"], "channel": channel, "to": row["to_id"], "delivery": row["id"]},
    })
