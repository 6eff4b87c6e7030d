"""In which clinics a record is; asked only for a record that the reader has been given."""

from __future__ import annotations

import datetime

from sqlalchemy import or_, select

from engine.model import Object
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
            stays = select(_STAY.c.clinic_id).where(_STAY.c.record_id == id, or_(_STAY.c.until_date.is_(None), _STAY.c.until_date >= today))
            return tuple(connection.execute(stays.order_by(_STAY.c.first.desc(), _STAY.c.clinic_id)).scalars())
        table = release.tables.object(object.name).table
        found = connection.execute(select(table.c.clinic_id).where(table.c.id == id)).scalars()
        return tuple(clinic for clinic in found if clinic is not None)
