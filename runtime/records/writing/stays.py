"""A record's stays in clinics: joining one more, leaving one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, or_, select

from engine.model import Object
from runtime.records.ids import is_id
from runtime.records.outcomes import Kind
from runtime.records.writing.clinics import stay
from runtime.records.writing.journal import Change
from runtime.records.writing.rights import allowed_in
from runtime.records.writing.storing import update_row
from runtime.records.writing.updating import load_items
from runtime.records.writing.work import Item, LateRefusals, Work
from runtime.store import system

__all__ = ["join_clinic", "leave_clinic"]

_STAY = system.record_clinic
_CHANGED = "clinics"
"""What stands in the history instead of a field's id."""


def join_clinic(work: Work, object: Object, items: Sequence[Item]) -> None:
    """Carry out `JoinClinic` commands: the actor must be able to update the record in that clinic too; joining again changes nothing."""
    for item in _ready(work, object, items):
        clinic = item.command.clinic
        if not _exists(work, clinic):
            work.refuse(item, Kind.INVALID, errors=[work.error("clinic", "unknown_clinic")])
            continue
        joined = clinic in _current(work, item.id)
        if not joined:
            work.connection.execute(delete(_STAY).where(_STAY.c.record_id == item.id, _STAY.c.clinic_id == clinic))
            work.connection.execute(insert(_STAY).values(stay(work, object, item.id, clinic, first=False)))
        if not allowed_in(work, object, item.id, "update", clinic):
            # A clinic that is not hers reads like one that is not there.
            raise LateRefusals({item.place: work.refusal(item, Kind.INVALID, errors=[work.error("clinic", "unknown_clinic")])})
        if joined:
            work.done(item, item.old["version"], changed=False)
        else:
            _note(work, object, item, [None, clinic])


def leave_clinic(work: Work, object: Object, items: Sequence[Item]) -> None:
    """Carry out `LeaveClinic` commands: the actor must be able to update the record in the clinic that it leaves."""
    for item in _ready(work, object, items):
        clinic = item.command.clinic
        if clinic == item.old["clinic_id"]:
            work.refuse(item, Kind.INVALID, errors=[work.error("clinic", "first_clinic")])
        elif clinic not in _current(work, item.id):
            work.done(item, item.old["version"], changed=False)
        elif not allowed_in(work, object, item.id, "update", clinic):
            work.refuse(item, Kind.FORBIDDEN)
        else:
            work.connection.execute(delete(_STAY).where(_STAY.c.record_id == item.id, _STAY.c.clinic_id == clinic))
            _note(work, object, item, [clinic, None])


def _ready(work: Work, object: Object, items: Sequence[Item]) -> list[Item]:
    if object.belongs_to.scope != "clinics":
        for item in items:
            work.refuse(item, Kind.INVALID, errors=[work.error("clinic", "clinic_not_taken")])
        return []
    return load_items(work, object, items, "update")


def _exists(work: Work, clinic: str) -> bool:
    holder = next((o for o in work.release.model.objects.values() if o.clinic), None)
    if holder is None or not is_id(clinic):
        return False
    table = work.release.tables.object(holder.name).table
    return work.connection.execute(select(table.c.id).where(table.c.id == clinic)).first() is not None


def _current(work: Work, id: str) -> set[str]:
    today = work.actor.today
    stays = select(_STAY.c.clinic_id).where(_STAY.c.record_id == id, or_(_STAY.c.until_date.is_(None), _STAY.c.until_date >= today))
    return set(work.connection.execute(stays).scalars())


def _note(work: Work, object: Object, item: Item, change: list[str | None]) -> None:
    version = update_row(work, object, item)
    work.journal.note(Change(
        object=object.id, record_id=item.id, version=version, action="update", changes={_CHANGED: change},
        clinic_id=item.old["clinic_id"], subject_id=item.old["subject_id"],
    ))
    work.done(item, version)
