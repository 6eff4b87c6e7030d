"""In which clinics records are, whoever asks: the bound of what runs by itself."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, or_, select

from runtime.identity.actor import Actor
from runtime.records.ids import chunks
from runtime.records.writing.regarding import needs_of, regard
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["clinics_of"]

_STAY = system.record_clinic


def clinics_of(
    connection: Connection, release: Release, object_name: str, ids: Iterable[str], actor: Actor, now: datetime.datetime,
) -> Mapping[str, frozenset[str]]:
    """The clinics of each record that is there, by its id; none for records of the organisation."""
    belongs = release.model.objects[object_name].belongs_to
    root = belongs.root_path or ("id",)
    rows = regard(connection, release, object_name, ids, needs_of((), (root,)), actor, now)
    if belongs.root_scope == "organisation":
        return {id: frozenset() for id in rows}
    if belongs.root_scope == "clinic":
        return {id: frozenset(filter(None, (row.lookup(("clinic_id",)),))) for id, row in rows.items()}
    roots = {id: row.lookup(root) for id, row in rows.items()}
    stays = _stays(connection, {root for root in roots.values() if root}, actor.today)
    return {id: frozenset(stays.get(root or "", ())) for id, root in roots.items()}


def _stays(connection: Connection, ids: Iterable[str], today: datetime.date) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for chunk in chunks(sorted(ids)):
        statement = select(_STAY.c.record_id, _STAY.c.clinic_id).where(
            _STAY.c.record_id.in_(chunk), or_(_STAY.c.until_date.is_(None), _STAY.c.until_date >= today))
        for row in connection.execute(statement):
            found.setdefault(row.record_id, set()).add(row.clinic_id)
    return found
