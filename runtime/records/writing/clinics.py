"""Whose row and about whom: the clinic of a new row, its stays in clinics, and its subjects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select

from engine.model import Object
from engine.targets.policy import Effect, compile_policy
from runtime.records.ids import is_id
from runtime.records.outcomes import FieldError
from runtime.records.prepared import Prepared
from runtime.records.writing.journal import inserting
from runtime.records.writing.loading import prepared_once
from runtime.records.writing.work import Item, Work
from runtime.store import system

__all__ = ["clinic_of_new", "keep_stays", "keep_subjects", "set_owner", "stay"]


def clinic_of_new(work: Work, object: Object, wanted: str | None) -> tuple[str | None, FieldError | None]:
    """The clinic of a row that carries its clinic itself: the wanted one if it is the actor's to create in, else her own."""
    if object.belongs_to.scope not in ("clinic", "clinics"):
        return None, None if wanted is None else work.error("clinic", "clinic_not_taken")
    if work.actor.system:
        return (wanted, None) if wanted in work.known_clinics else _any_clinic(work, wanted)
    hers, everywhere = _creatable(work, object)
    if wanted is not None:
        known = wanted in hers or (everywhere and wanted in work.actor.clinics)
        return (wanted, None) if known else (None, work.error("clinic", "unknown_clinic"))
    if hers:
        return hers[0], None
    if everywhere and len(work.actor.clinics) == 1:
        return work.actor.clinics[0], None
    return None, work.error("clinic", "clinic_required")


def _any_clinic(work: Work, wanted: str | None) -> tuple[str | None, FieldError | None]:
    """The system account names a clinic, unless there is only one."""
    clinic = next((o for o in work.release.model.objects.values() if o.clinic), None)
    if clinic is None:
        return (wanted, None) if wanted else (None, work.error("clinic", "clinic_required"))
    if wanted and not is_id(wanted):
        return None, work.error("clinic", "unknown_clinic")
    table = work.release.tables.object(clinic.name).table
    statement = select(table.c.id).where(table.c.id == wanted) if wanted else select(table.c.id).limit(2)
    found = work.connection.execute(statement).scalars().all()
    if len(found) == 1:
        work.known_clinics |= set(found) if wanted else set()
        return found[0], None
    return None, work.error("clinic", "unknown_clinic" if wanted else "clinic_required")


def _creatable(work: Work, object: Object) -> tuple[tuple[str, ...], bool]:
    """Clinics of her memberships where a role may create the object, in their order; whether one may in every clinic."""
    policy = prepared_once(work.release, ("policy",), lambda: compile_policy(work.release.model))
    roles = {c.role for c in policy.of(object.name) if c.effect is Effect.ALLOW and "create" in c.can}
    held = [m.clinic_id for m in work.actor.memberships if m.role in roles]
    return tuple(dict.fromkeys(clinic for clinic in held if clinic)), None in held


def set_owner(object: Object, item: Item) -> None:
    """Set `clinic_id` of a `via` row and `subject_id` from its links; call it after `follow_links`."""
    via = object.belongs_to.via
    if via and (via, "clinic_id") in item.behind:
        item.new["clinic_id"] = item.behind[via, "clinic_id"]
    subjects = subjects_of(object, item)
    if subjects:
        item.new["subject_id"] = subjects[0]


def subjects_of(object: Object, item: Item) -> list[str | None]:
    """The subject at each path, in order; None where a link is empty."""
    row = item.row
    return [
        item.id if not path else row.get(path[0]) if len(path) == 1 else item.behind.get(path) for path in object.subject
    ]


def keep_stays(work: Work, object: Object, items: Sequence[Item]) -> None:
    """The first stay of every new row of a `clinics` object."""
    if object.belongs_to.scope == "clinics":
        rows = [stay(work, object, item.id, item.new["clinic_id"], first=True) for item in items]
        inserting(work.release, work.connection.dialect, system.record_clinic).run_many(work.connection, rows)


def stay(work: Work, object: Object, id: str, clinic: str, *, first: bool) -> dict[str, Any]:
    """The row of a stay that begins today."""
    return {
        "record_id": id, "clinic_id": clinic, "object": object.id, "from_date": work.actor.today, "until_date": None, "first": first,
    }


def keep_subjects(work: Work, object: Object, items: Sequence[Item], *, fresh: bool) -> None:
    """The subjects of rows; for rows that are not `fresh` the old ones are taken away first."""
    if not object.subject:
        return
    if not fresh:
        prepared = prepared_once(work.release, ("unsubject",), lambda: _unsubject(work))
        prepared.run_many(work.connection, [{"gone_id": item.id} for item in items])
    rows = [
        {"record_id": item.id, "place": place, "subject_id": subject, "object": object.id}
        for item in items for place, subject in enumerate(subjects_of(object, item)) if subject
    ]
    inserting(work.release, work.connection.dialect, system.record_subject).run_many(work.connection, rows)


def _unsubject(work: Work) -> Prepared:
    table = system.record_subject
    return Prepared(delete(table).where(table.c.record_id == bindparam("gone_id", type_=table.c.record_id.type)), work.connection.dialect)
