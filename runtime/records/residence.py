"""In which clinics a record is; asked only for a record that the reader has been given."""

from __future__ import annotations

import datetime

from sqlalchemy import bindparam, or_, select
from sqlalchemy.types import Date, Text

from engine.model import Object
from runtime.records.prepared import PreparedRows
from runtime.store import system
from runtime.store.compiled import Release
from runtime.store.database import Store

__all__ = ["clinics_of_record"]

_STAY = system.record_clinic


def clinics_of_record(store: Store, release: Release, object: Object, id: str, today: datetime.date) -> tuple[str, ...]:
    """Ids of the record's clinics on a day, its first one first; () for records of the organisation."""
    scope = object.belongs_to.scope
    if scope == "organisation":
        return ()
    with store.read() as connection:
        if scope == "clinics":
            return tuple(row.clinic_id for row in _STAYS.all(connection, {"record": id, "today": today}))
        key = ("records.residence", object.name)
        own: PreparedRows | None = release.cache.get(key)
        if own is None:
            table = release.tables.object(object.name).table
            own = release.cache[key] = PreparedRows(select(table.c.clinic_id).where(table.c.id == bindparam("record", type_=Text())))
        return tuple(row.clinic_id for row in own.all(connection, {"record": id}) if row.clinic_id is not None)


_STAYS = PreparedRows(
    select(_STAY.c.clinic_id)
    .where(_STAY.c.record_id == bindparam("record", type_=Text()))
    .where(or_(_STAY.c.until_date.is_(None), _STAY.c.until_date >= bindparam("today", type_=Date())))
    .order_by(_STAY.c.first.desc(), _STAY.c.clinic_id)
)
