"""Drafts on the page: which form over which record they are of, and how one comes back into its form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from engine.model import Form, Object
from engine.targets.screens import Mode
from runtime.drafts import Draft, DraftPlace, discard, open_draft
from runtime.records.defaults import defaults
from runtime.records.filling import Filling
from runtime.records.single import Record
from runtime.screens.forms.live import follows
from runtime.screens.forms.moved import gone_fields
from runtime.screens.forms.posted import read_posted
from runtime.screens.forms.rows import posted_groups, row_filling
from runtime.screens.forms.sheet import Sheet
from runtime.screens.past import moment
from runtime.screens.plans import locale_of
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["ago", "draft_place", "drop_draft", "restore_draft"]

DRAFT = "_draft"


def draft_place(state: RequestState, object: Object, form: Form, record: str = "", step: str = "") -> DraftPlace:
    """What a draft of this form is of; `step` is the id of a transition."""
    return DraftPlace(state.who.id, object.id, record, form.id, step)


def drop_draft(state: RequestState, posted: Mapping[str, str]) -> None:
    """The form was saved: its draft is not needed any more."""
    id = posted.get(DRAFT, "")
    if id:
        discard(state.store, state.who.id, id)


def restore_draft(state: RequestState, sheet: Sheet, record: Record | None, step: str = "") -> None:
    """Put the draft that the address names into the form; what the person may no longer write is left out."""
    id = request.args.get(DRAFT, "")
    place = draft_place(state, sheet.object, sheet.form, record.row.id if record is not None else "", step)
    draft = open_draft(state.store, place, id, state.now) if id else None
    if draft is None:
        return
    _fill(state, sheet, record, MultiDict(draft.inputs))
    _ = words(state.language)
    sheet.about["draft_id"] = draft.id
    if draft.version is not None:
        sheet.version = draft.version
    sheet.about["notice"] = _("This is what you had typed %(when)s. It is not saved yet.") % {"when": ago(state, draft)}
    if draft.release != state.release.hash:
        leftover = gone_fields(state, sheet.object, MultiDict([*draft.inputs, ("_release", draft.release)]), sheet.modes, sheet.groups)
        sheet.about |= {"leftover": leftover}
        sheet.about["notice"] += " " + _("The form has changed since then; please look through it.")


def _fill(state: RequestState, sheet: Sheet, record: Record | None, inputs: MultiDict[str, str]) -> None:
    before: dict[str, Any] = {"": None, **record.values} if record is not None else {}
    locale = locale_of(state.release, state.language)
    posted = read_posted(state, inputs, {}, sheet.object.fields, sheet.modes, before, locale, words(state.language))
    for name, mode in sheet.modes.items():
        if mode is Mode.WRITE and name in posted.shown:
            sheet.shown[name] = posted.shown[name]
    sheet.typed, sheet.matches = posted.typed, posted.matches
    if not follows(state.release, sheet.form):
        return
    sheet.groups = posted_groups(state, sheet.form, record, inputs)
    filling = Filling(
        values=posted.sent, id=record.row.id if record is not None else None, rows={n: row_filling(state, g) for n, g in sheet.groups.items()},
        defaults=defaults(state.release, sheet.object, state.who, state.now) if record is None else {},
        writable=[name for name, mode in sheet.modes.items() if mode is Mode.WRITE])
    sheet.decided = state.records.fill(sheet.form, filling, state.who, state.release).sheet


def ago(state: RequestState, draft: Draft) -> str:
    """When a draft was kept, as people say it."""
    _ = words(state.language)
    minutes = int((state.now - draft.saved_at).total_seconds() // 60)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return _("%(count)s minutes ago") % {"count": minutes}
    return moment(draft.saved_at, locale_of(state.release, state.language))
