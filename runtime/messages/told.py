"""What was told about a record, or to a patient and about all that is hers: the deliveries that somebody may know of."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, or_, select

from runtime.access import Sight
from runtime.identity.actor import Actor
from runtime.jobs.job import State
from runtime.messages.choosing import Reason
from runtime.messages.deliveries import Delivery
from runtime.messages.recipients import by_id
from runtime.messages.rendering import reading_as
from runtime.messages.sending import KIND
from runtime.records.paging import list_page
from runtime.records.query import ListQuery, Reading
from runtime.records.rows import UnknownObject
from runtime.records.scope import ReaderScope
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["DROPPED", "SET_ASIDE", "told_about"]

SET_ASIDE, DROPPED = "set_aside", "dropped"
"""Reasons that no row holds: what became of its job says so."""
SLICE = 100
ROUNDS = 10
_message, _job = system.message, system.job
_OPEN = frozenset({"queued", "held", "doubtful"})
_CONTACT = ("email", "phone", "refuses", "refused_channels", "marketing")
_REACH = frozenset({"email", "phone"})
_TELLS = {
    Reason.REFUSES.value: frozenset({"refuses"}), Reason.REFUSED_CHANNEL.value: frozenset({"refused_channels"}),
    Reason.UNREACHABLE.value: _REACH, Reason.NO_CONSENT.value: frozenset({"marketing"}),
}
"""What a reason tells of how somebody is reached."""


def told_about(
    connection: Connection, release: Release, reader: Actor, now: datetime.datetime, record_id: str, *, subject: bool, limit: int = 50,
) -> list[Delivery]:
    """Deliveries, newest first; with `subject` those about every record of the person. Only where the reader may read the record.

    What a channel or a reason would tell of the recipient's contact is left out for a reader who may not see that. Messages that are not
    for care come to whoever may see that she agreed to such: each that was sent, or was not, would tell it.
    """
    asked = or_(_message.c.record_id == record_id, _message.c.to_id == record_id)
    if subject:
        asked = or_(asked, _message.c.subject_id == record_id)
    reading = reading_as(connection, release, reader, now)
    found: list[Delivery] = []
    statement = select(_message).where(asked).order_by(_message.c.id.desc()).limit(SLICE)
    for _ in range(ROUNDS):  # not just the newest: those that she may read may stand behind many that she may not
        rows = [dict(row) for row in connection.execute(statement).mappings()]
        found += _open_to(reading, _readable(reading, rows))
        if len(rows) < SLICE or len(found) >= limit:
            break
        statement = select(_message).where(asked, _message.c.id < rows[-1]["id"]).order_by(_message.c.id.desc()).limit(SLICE)
    return _discreet(reading, _as_jobs_stand(connection, found[:limit]))


def _readable(reading: Reading, rows: Sequence[Delivery]) -> list[Delivery]:
    may: set[str] = set()
    for object_id in {row["object"] for row in rows}:
        about = by_id(reading.release.model, object_id)
        if about is None:
            continue
        ids = tuple({row["record_id"] for row in rows if row["object"] == object_id})
        try:
            may |= {row.id for row in list_page(ListQuery(object=about.name, fields=(), ids=ids, limit=len(ids)), reading).rows}
        except UnknownObject:
            continue
    return [row for row in rows if row["record_id"] in may]


def _open_to(reading: Reading, rows: Sequence[Delivery]) -> Sequence[Delivery]:
    """Those of which how they stand tells the reader no consent. What a message was for that is in the definitions no more, nobody knows."""
    care = {message.id for message in reading.release.model.messages.values() if message.purpose == "care"}
    others = [row for row in rows if row["message"] not in care]
    hidden = _hidden(reading, others) if others else {}
    return [row for row in rows if row["message"] in care or "marketing" not in hidden[row["to_object"], row["to_id"]]]


def _as_jobs_stand(connection: Connection, rows: Sequence[Delivery]) -> list[Delivery]:
    """Nothing sends a message any more whose job was set aside, dropped or forgotten, whatever was last written of it."""
    keys = {f"{KIND}:{row['key']}": row["id"] for row in rows if row["state"] in _OPEN}
    if not keys:
        return list(rows)
    standing = {keys[job.key]: job for job in connection.execute(select(_job.c.key, _job.c.state, _job.c.doubtful).where(_job.c.key.in_(keys)))}
    found: list[Delivery] = []
    for row in rows:
        job = standing.get(row["id"])
        ended = row["id"] in keys.values() and (job is None or job.state in (State.ASIDE.value, State.CANCELLED.value))
        if ended:
            doubtful = row["doubtful"] or (job is not None and job.doubtful)
            reason = SET_ASIDE if job is not None and job.state == State.ASIDE.value else DROPPED
            if job is None and row["state"] == "doubtful":  # its job had its time and was forgotten: the row says why it is in doubt
                reason = row["reason"]
            row = {**row, "state": "doubtful" if doubtful else "failed", "reason": reason, "held_until": None}
        found.append(row)
    return found


def _discreet(reading: Reading, rows: Sequence[Delivery]) -> list[Delivery]:
    hidden = _hidden(reading, rows)
    return [_without(row, hidden[row["to_object"], row["to_id"]]) for row in rows]


def _without(row: Delivery, hidden: frozenset[str]) -> Delivery:
    """Other reasons go as well, or the one that is missing would be known by that."""
    if not hidden:
        return row
    channel = None if row["channel"] != "inbox" and hidden & _REACH else row["channel"]
    told = _TELLS.get(row["reason"], hidden)
    if row["state"] not in ("refused", "failed") or not told & hidden:
        return {**row, "channel": channel}
    return {**row, "channel": channel, "state": "refused", "reason": ""}


def _hidden(reading: Reading, rows: Iterable[Delivery]) -> dict[tuple[str, str], frozenset[str]]:
    """By recipient, what of her contact the reader does not see whole."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    ids: dict[str, dict[str, None]] = {}
    for row in rows:
        ids.setdefault(row["to_object"], {})[row["to_id"]] = None
    for object_id, several in ids.items():
        whom = by_id(reading.release.model, object_id)
        contact = whom.contact if whom is not None else None
        named = {key: name for key in _CONTACT if contact is not None and (name := getattr(contact, key))}
        found |= {(object_id, id): frozenset(named) for id in several}
        if whom is None or not named:
            continue
        scope = ReaderScope(reading.release, reading.access, whom.name)
        shown = tuple(dict.fromkeys(name for name in named.values() if scope.visible(name) is not None))
        try:
            page = list_page(ListQuery(object=whom.name, fields=shown, ids=tuple(several), limit=len(several)), reading)
        except UnknownObject:
            continue
        for each in page.rows:
            seen = {column.key for column, sight in zip(page.columns, each.sights, strict=True) if sight is Sight.VALUE}
            found[object_id, each.id] = frozenset(key for key, name in named.items() if name not in seen)
    return found
