"""New records and changes of stored ones, by their generated forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from engine.fields.base import Invalid
from engine.model import Form, Object
from engine.targets.screens import Mode
from runtime.records.commands import Create, Encoding, Made, Update
from runtime.records.defaults import defaults
from runtime.records.outcomes import Kind, Outcome, Refused, Written
from runtime.records.query import ListQuery
from runtime.records.rows import LinkRef, UnknownObject
from runtime.records.single import Record
from runtime.screens.blueprint import screens
from runtime.screens.flashes import flash
from runtime.screens.forms.conflict import conflict_page
from runtime.screens.forms.modes import clinics_to_choose, modes_of_new, modes_of_record
from runtime.screens.forms.moved import gone_fields, moved_notice
from runtime.screens.forms.posted import Posted, read_posted
from runtime.screens.forms.restoring import drop_draft, restore_draft
from runtime.screens.forms.rows import groups_of
from runtime.screens.forms.saving import Settled, settle, take_settled, without_errors
from runtime.screens.forms.sheet import CLINIC, Sheet, show_sheet
from runtime.screens.forms.values import Blank, shown_of_default, shown_of_record, stored_input
from runtime.screens.plans import locale_of
from runtime.screens.shell import known_object
from runtime.screens.views.lost import gone_page
from runtime.screens.views.records import record_or_404, title_of
from runtime.screens.words import words
from runtime.web.errors import HttpProblem, refusal
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__ = ["back_url", "note_warnings", "posted_version", "stored_values"]

PREFILL = "v."
_BACK = re.compile(r"/o/[a-z][a-z0-9_]{0,40}/[0-9a-f]{32}")
_STATUS = {Kind.BUSY: 503, Kind.FENCE: 409, Kind.FORBIDDEN: 403, Kind.DUPLICATE: 409}


@screens.get("/o/<name>/new")
@declare(policy=Policy.OBJECT)
def new_record(name: str) -> Response:
    """An empty form; `?v.FIELD=` fills a field, `?back=` says where to go after saving."""
    state = here()
    object, form, modes = _new(state, name)
    locale = locale_of(state.release, state.language)
    values = defaults(state.release, object, state.who, state.now)
    shown = shown_of_default(object.fields, modes, values, locale)
    for field in values.keys() & modes.keys():
        if object.fields[field].type.link_to and modes[field] is Mode.WRITE:
            _prefill(state, object, field, values[field], shown)
    for key, text in request.args.items():
        if key.startswith(PREFILL) and modes.get(key.removeprefix(PREFILL)) is Mode.WRITE:
            _prefill(state, object, key.removeprefix(PREFILL), text, shown)
    sheet = _new_sheet(state, object, form, modes, shown, back_url(request.args.get("back", "")))
    sheet.groups = groups_of(state, form, None)
    restore_draft(state, sheet, None)
    return show_sheet(state, sheet)


@screens.post("/o/<name>/new")
@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="the object's default form", upload=True)
def create_record(name: str) -> BaseResponse:
    """Makes the record, or shows the form again with everything typed."""
    state = here()
    object, form, modes = _new(state, name)
    posted = read_posted(
        state, request.form, request.files, object.fields, modes, {}, locale_of(state.release, state.language), words(state.language)
    )
    base = defaults(state.release, object, state.who, state.now) if form.live else {}
    settled = settle(state, form, modes, posted, None, defaults=base)
    sheet = _new_sheet(state, object, form, modes, posted.shown, back_url(request.form.get("_back", "")))
    gone = gone_fields(state, object, request.form, modes, settled.groups)
    if settled.wrong or settled.wants_row or gone:
        return _again(state, sheet, settled, None, gone)
    command = Create(name, _of_new(state, object, posted), clinic=request.form.get(CLINIC) or None, encoding=Encoding.TEXT)
    outcome = settled.save(command, Made(0), release=request.form.get("_release", ""))
    if not isinstance(outcome, Written):
        return _again(state, sheet, settled, outcome, gone)
    drop_draft(state, request.form)
    flash(state, "created", notes=[*note_warnings(state, object, outcome), *settled.notes(object)])
    return redirect(sheet.about["back"] or _page_of(state, object, outcome.id), 303)


@screens.get("/o/<name>/<record:id>/edit")
@declare(policy=Policy.OBJECT, audit=Audit.VIEW)
def edit_record(name: str, id: str) -> Response:
    """The form with what is stored."""
    state = here()
    object, form, record, modes = _stored(state, name, id)
    state.seen("form", object.id, [id])
    shown = shown_of_record(record, modes, locale_of(state.release, state.language))
    sheet = _edit_sheet(state, record, form, modes, shown, record.row.version)
    sheet.groups = groups_of(state, form, record)
    restore_draft(state, sheet, record)
    return show_sheet(state, sheet)


@screens.post("/o/<name>/<record:id>/edit")
@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="the object's default form", upload=True)
def update_record(name: str, id: str) -> BaseResponse:
    """Saves what was changed, or shows what stands in the way with everything typed."""
    state = here()
    object = known_object(name)
    if state.records.get(name, id, state.who, state.release) is None:
        return gone_page(state, object, request.form)
    object, form, record, modes = _stored(state, name, id)
    state.seen("form", object.id, [id])
    locale, version = locale_of(state.release, state.language), posted_version()
    posted = read_posted(state, request.form, request.files, object.fields, modes, stored_values(record), locale, words(state.language))
    for field, mode in modes.items():
        if mode is not Mode.WRITE:
            posted.shown[field] = shown_of_record(record, {field: mode}, locale)[field]
    settled = settle(state, form, modes, posted, record, defaults={})
    sheet = _edit_sheet(state, record, form, modes, posted.shown, version)
    gone = gone_fields(state, object, request.form, modes, settled.groups)
    if settled.wrong or settled.wants_row or gone:
        return _again(state, sheet, settled, None, gone)
    if version is not None and version != record.row.version:
        return conflict_page(state, record, modes, posted, version, settled.groups)
    command = Update(name, id, posted.sent, version, encoding=Encoding.TEXT)
    outcome = settled.save(command, id, release=request.form.get("_release", ""))
    if isinstance(outcome, Written):
        drop_draft(state, request.form)
        changed = outcome.changed or any(group.rows for group in settled.groups.values())
        flash(state, "saved" if changed else "same", notes=[*note_warnings(state, object, outcome), *settled.notes(object)])
        return redirect(f"/o/{name}/{id}", 303)
    if outcome.kind is Kind.STALE:
        return conflict_page(state, record_or_404(state, object, id), modes, posted, version or 0, settled.groups)
    return gone_page(state, object, request.form) if outcome.kind is Kind.NOT_FOUND else _again(state, sheet, settled, outcome, gone)


def _new(state: RequestState, name: str) -> tuple[Object, Form, dict[str, Mode]]:
    object = state.release.model.objects.get(name)
    if object is None or not state.access.object(name).allows("create"):
        raise UnknownObject(name)
    form = state.release.model.form(name)
    return object, form, modes_of_new(state, object, form)


def _stored(state: RequestState, name: str, id: str) -> tuple[Object, Form, Record, dict[str, Mode]]:
    object = known_object(name)
    record = record_or_404(state, object, id)
    if "update" not in record.actions:
        raise HttpProblem("forbidden")
    form = state.release.model.form(name)
    return object, form, record, modes_of_record(record, form)


def _new_sheet(
    state: RequestState, object: Object, form: Form, modes: Mapping[str, Mode], shown: Blank[Any], back: str,
) -> Sheet:
    _ = words(state.language)
    clinics = clinics_to_choose(state, object)
    about = {
        "title": _("New: %(object)s") % {"object": object.label(state.language)}, "action": f"/o/{object.name}/new", "back": back,
        "cancel_url": back or f"/o/{object.name}", "cancel_label": object.plural(state.language) if not back else None,
        "save_label": _("Save"), "clinic": request.form.get(CLINIC) or (clinics[0][0] if clinics else None),
        "note": _("Clinic: %(name)s") % {"name": clinics[0][1]} if len(clinics) == 1 else None,
        "clinics": [{"value": id, "label": label} for id, label in clinics] if len(clinics) > 1 else [],
    }
    return Sheet(object=object, form=form, modes=modes, shown=shown, about=about)


def _edit_sheet(
    state: RequestState, record: Record, form: Form, modes: Mapping[str, Mode], shown: Blank[Any], version: int | None,
) -> Sheet:
    _ = words(state.language)
    path, title = f"/o/{record.object.name}/{record.row.id}", title_of(record)
    about = {
        "title": _("Edit: %(title)s") % {"title": title}, "action": f"{path}/edit", "cancel_url": path, "cancel_label": title,
        "save_label": _("Save"),
    }
    return Sheet(object=record.object, form=form, modes=modes, shown=shown, about=about, version=version, record_id=record.row.id)


def _again(
    state: RequestState, sheet: Sheet, settled: Settled, outcome: Outcome | None, gone: list[dict[str, str]],
) -> Response:
    """The form with everything typed and what is wrong with it."""
    _ = words(state.language)
    take_settled(sheet, settled)
    if settled.wants_row and not isinstance(outcome, Refused):
        sheet.errors, sheet.groups = (), without_errors(settled.groups)
        return show_sheet(state, sheet)
    sheet.errors = [*settled.posted.errors, *settled.errors, *(outcome.errors if isinstance(outcome, Refused) else ())]
    kind = outcome.kind if isinstance(outcome, Refused) else None
    if gone or kind is Kind.FENCE:
        sheet.about |= {"notice": moved_notice(state, sheet.object, outcome), "leftover": gone}
    elif isinstance(outcome, Refused) and not outcome.errors:
        sheet.about["notice"] = outcome.message or refusal(outcome).title(state.language)
    return show_sheet(state, sheet, 409 if gone else _STATUS.get(kind, 422) if kind else 422)


def _of_new(state: RequestState, object: Object, posted: Posted) -> dict[str, object]:
    """What is sent of a new record: empty inputs of fields that she may not be allowed to write are left out."""
    rights = state.access.object(object.name)
    return {name: value for name, value in posted.sent.items() if value or rights.field("create", name).fixed is not None}


def _prefill(state: RequestState, object: Object, name: str, text: str, shown: Blank[Any]) -> None:
    field = object.fields[name]
    locale = locale_of(state.release, state.language)
    try:
        value = field.type.parse_text(text, locale)
    except Invalid:
        return
    if not field.type.link_to:
        shown[name] = stored_input(field, value, locale)
    elif value and state.access.object(field.type.link_to).allows("read"):
        query = ListQuery(object=field.type.link_to, fields=(), ids=(str(value),), limit=1)
        for row in state.records.list(query, state.who, state.release).rows:
            state.seen("lookup", state.release.model.objects[field.type.link_to].id, [row.id])
            shown[name] = stored_input(field, LinkRef(field.type.link_to, row.id, row.title), locale)


def stored_values(record: Record) -> dict[str, Any]:
    """In-memory values by field name, as the reader sees them; never empty, so that it differs from a new record's."""
    return {"": None, **record.values}


def posted_version() -> int | None:
    """The version that the form was made of; None for a form that says none. Raises HttpProblem 400."""
    text = request.form.get("_version", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 16):
        raise HttpProblem("bad_request")
    return int(text) if text else None


def back_url(text: str) -> str:
    """An address of a record's page, '' for anything else: nobody is sent elsewhere."""
    return text if _BACK.fullmatch(text) else ""


def note_warnings(state: RequestState, object: Object, outcome: Written) -> list[str]:
    """Doubts about accepted values, to be said on the next page."""
    fields = object.fields
    return [f"{fields[w.field].label(state.language)}: {w.message}" if w.field in fields else w.message for w in outcome.warnings]


def _page_of(state: RequestState, object: Object, id: str) -> str:
    """The record's page, the list's where she may make what she may not read."""
    return f"/o/{quote(object.name)}/{id}" if state.access.object(object.name).allows("read") else "/"
