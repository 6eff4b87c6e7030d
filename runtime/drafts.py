"""Drafts: what somebody typed into a form and has not saved yet, kept for her alone for a week.

They are rows of the database like records, no more and no less protected than these, and hold what was typed as it was posted.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from runtime.store import system
from runtime.store.database import Store

__all__ = ["KEPT", "LARGEST", "Draft", "DraftPlace", "discard", "keep", "newest", "open_draft"]

KEPT = datetime.timedelta(days=7)
LARGEST = 200_000
"""Characters of inputs in a draft; whoever types more is not helped by it."""
_PER_PLACE = 5
"""Drafts of one form over one record; a sixth takes the place of the oldest."""

_AT_ONCE = 100
_PER_PERSON = 50
"""Drafts of one person; one more takes the place of her oldest."""

_draft = system.draft


@dataclasses.dataclass(frozen=True, slots=True)
class DraftPlace:
    """What a draft is of: whose, over which record ('' for a new one), with which form, in which step (ids, '' for none)."""

    user: str
    object: str
    record: str
    form: str
    step: str = ""

    def where(self) -> sa.ColumnElement[bool]:
        return sa.and_(
            _draft.c.user_id == self.user, _draft.c.object == self.object, _draft.c.record_id == self.record, _draft.c.form == self.form,
            _draft.c.step == self.step)


@dataclasses.dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it was kept: `inputs` are pairs of name and text in the order of the form."""

    id: str
    release: str
    version: int | None
    inputs: Sequence[tuple[str, str]]
    saved_at: datetime.datetime


def keep(
    store: Store, place: DraftPlace, inputs: Sequence[tuple[str, str]], *, id: str, release: str, version: int | None, now: datetime.datetime,
    new_id: str,
) -> str:
    """Keep what stands in a form now; the id of the draft, which is `id` when that is a draft of this place, else `new_id`."""
    values = {"release": release, "version": version, "inputs": [list(pair) for pair in inputs], "saved_at": now}
    with store.write() as connection:
        if id and connection.execute(sa.update(_draft).where(place.where(), _draft.c.id == id).values(values)).rowcount:
            return id
        row = {"id": new_id, "user_id": place.user, "object": place.object, "record_id": place.record, "form": place.form, "step": place.step}
        connection.execute(sa.insert(_draft).values({**row, **values, "began_at": now}))
        for where, most in ((place.where(), _PER_PLACE), (_draft.c.user_id == place.user, _PER_PERSON)):
            there = sa.select(_draft.c.id).where(where).order_by(_draft.c.saved_at.desc(), _draft.c.id.desc()).offset(most).limit(_AT_ONCE)
            if old := connection.scalars(there).all():
                connection.execute(sa.delete(_draft).where(_draft.c.id.in_(old)))
    return new_id


def newest(store: Store, place: DraftPlace, now: datetime.datetime) -> Draft | None:
    """The draft that was kept last, None without one."""
    return _one(store, sa.and_(place.where(), _draft.c.saved_at >= now - KEPT))


def open_draft(store: Store, place: DraftPlace, id: str, now: datetime.datetime) -> Draft | None:
    """A draft of this place by its id; never another person's."""
    return _one(store, sa.and_(place.where(), _draft.c.saved_at >= now - KEPT, _draft.c.id == id))


def _one(store: Store, where: sa.ColumnElement[bool]) -> Draft | None:
    columns = (_draft.c.id, _draft.c.release, _draft.c.version, _draft.c.inputs, _draft.c.saved_at)
    with store.read() as connection:
        row = connection.execute(sa.select(*columns).where(where).order_by(_draft.c.saved_at.desc(), _draft.c.id.desc()).limit(1)).first()
    if row is None:
        return None
    inputs: Any = row.inputs
    return Draft(row.id, row.release, row.version, [(name, text) for name, text in inputs], row.saved_at)


def discard(store: Store, user: str, id: str) -> None:
    """Throw a person's own draft away; nothing happens where there is none."""
    with store.write() as connection:
        connection.execute(sa.delete(_draft).where(_draft.c.user_id == user, _draft.c.id == id))
