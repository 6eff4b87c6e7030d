"""Whether a link may be made, and still be used: it does nothing that its maker may not do now (A-29, A-30)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from sqlalchemy import select

from engine.model import Form, StateCategory, Transition
from engine.model.answerable import fillable, readable
from runtime.access import Access, Sight
from runtime.identity.callers import clinic_day
from runtime.identity.loading import load_actor
from runtime.links.making import Link
from runtime.records.asked import asked_form
from runtime.records.service import Records
from runtime.records.single import Record
from runtime.store import system
from runtime.store.compiled import Release
from runtime.store.database import Store

__all__ = ["closed_since", "covered", "maker_may"]

SYSTEM = "system"
"""The maker of links in messages: the definitions say what these do."""
_OVER = frozenset({StateCategory.DONE, StateCategory.CANCELLED})


def covered(access: Access, record: Record, form: Form, transition: Transition | None) -> bool:
    """Whether the reader of the record may see all that the link shows and asks for, and fill what it asks for."""
    if transition is None and "update" not in record.actions:
        return False
    if transition is not None and all(offer.transition.id != transition.id for offer in record.offers):
        return False
    sights: Mapping[str, Sight] = {column.key: sight for column, sight in zip(record.columns, record.row.sights, strict=True)}
    asked = fillable(record.object, form)
    if any(sights.get(name) is not Sight.VALUE for name in (*asked, *readable(record.object, form))):
        return False
    if transition is None:
        return record.writable.issuperset(asked)
    rights = access.object(record.object.name)
    # A field that some rows hide would have to be judged for this row at each answer: such a link is not made.
    return all(rights.field(transition.name, name).fixed is Sight.VALUE for name in asked)


def maker_may(
    store: Store, records: Records, release: Release, link: Link, form: Form, transition: Transition | None, object: str,
    now: datetime.datetime,
) -> bool:
    """Whether whoever made the link could make it now: she is still here, and may still do all that it does."""
    if link["created_by"] == SYSTEM:
        return True
    with store.read() as connection:
        maker = load_actor(connection, release, link["created_by"], clinic_day(release, now))
        held = release.model.objects[object]
        asked = asked_form(connection, release, held, transition, link["record_id"]) if transition is not None else form
    record = records.get(object, link["record_id"], maker, release) if maker is not None else None
    if maker is None or record is None:
        return False
    access = Access.of(release, maker)
    # Where the transition asks for another form by now, the answers are saved as a change of their own, which takes the right to that.
    changes = asked is None or asked.name != form.name
    return covered(access, record, form, transition) and not (changes and not covered(access, record, form, None))


def closed_since(store: Store, release: Release, link: Link, record: Record) -> bool:
    """Whether the record's work was ended after the link was made: answers that come now would change what somebody has signed off."""
    workflow = release.model.workflows.get(record.object.name)
    state = next((one for one in workflow.states.values() if one.stored == record.row.state), None) if workflow else None
    if state is None or state.category not in _OVER:
        return False
    field, history = record.object.fields[record.object.workflow].id, system.history
    since = select(history.c.changes).where(history.c.record_id == record.row.id, history.c.at >= link["created_at"])
    with store.read() as connection:
        return any(field in change for change in connection.scalars(since))
