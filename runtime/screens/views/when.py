"""Another time for a record: dropped on another day of a calendar, or by a small form."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from engine.fields.base import Invalid
from engine.model import CalendarView, Form, FormItem, Object
from engine.targets.screens import Mode
from runtime.records.commands import Encoding, Update
from runtime.records.outcomes import Kind, Written
from runtime.records.rows import UnknownObject
from runtime.records.single import Record
from runtime.screens.blueprint import screens
from runtime.screens.flashes import flash
from runtime.screens.forms.posted import read_posted
from runtime.screens.forms.sheet import Sheet, show_sheet
from runtime.screens.forms.values import Blank, shown_of_record, stored_input
from runtime.screens.plans import locale_of
from runtime.screens.shell import known_object
from runtime.screens.views.edit import note_warnings, posted_version, stored_values
from runtime.screens.views.lost import gone_page
from runtime.screens.views.records import record_or_404, title_of
from runtime.screens.words import words
from runtime.web.errors import HttpProblem, refusal
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []

_STATUS = {Kind.FENCE: 409, Kind.FORBIDDEN: 403, Kind.BUSY: 503, Kind.STALE: 409}


@screens.get("/o/<name>/<record:id>/when")
@declare(policy=Policy.OBJECT, audit=Audit.VIEW)
def ask_when(name: str, id: str) -> Response:
    """The time as it is, to be changed."""
    state = here()
    object, view = _found(state, name)
    record = _movable(state, object, view, id)
    state.seen("form", object.id, [id])
    return show_sheet(state, _sheet(state, record, view, None))


@screens.post("/o/<name>/<record:id>/when")
@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="the field that the calendar begins with", upload=True)
def move_when(name: str, id: str) -> BaseResponse:
    """Moves the record, its end with it, or says why not."""
    state = here()
    object, view = _found(state, name)
    if state.records.get(name, id, state.who, state.release) is None:
        return gone_page(state, object, request.form)
    record = _movable(state, object, view, id)
    locale, modes = locale_of(state.release, state.language), {view.start: Mode.WRITE}
    posted = read_posted(state, request.form, request.files, object.fields, modes, stored_values(record), locale, words(state.language))
    sheet = _sheet(state, record, view, posted.shown)
    if posted.errors:
        sheet.errors = posted.errors
        return show_sheet(state, sheet, 422)
    command = Update(name, id, {**posted.sent, **_end(state, record, view, posted.sent)}, posted_version(), encoding=Encoding.TEXT)
    info = state.info("screen", request.form.get("_release", ""))
    [outcome] = state.records.execute([command], state.who, release=state.release, request=info)
    if isinstance(outcome, Written):
        flash(state, "saved" if outcome.changed else "same", notes=note_warnings(state, object, outcome))
        return redirect(f"/o/{name}/{id}", 303)
    if outcome.kind is Kind.NOT_FOUND:
        return gone_page(state, object, request.form)
    sheet.errors = outcome.errors
    if not outcome.errors:
        sheet.about["notice"] = outcome.message or refusal(outcome).title(state.language)
    sheet.version = record.row.version  # what is shown now is what stands there now; saving again is a decision
    return show_sheet(state, sheet, _STATUS.get(outcome.kind, 422))


def _found(state: RequestState, name: str) -> tuple[Object, CalendarView]:
    object = known_object(name)
    wanted = state.release.model.views.get(request.args.get("view", ""))
    view = wanted if isinstance(wanted, CalendarView) and wanted.object == name else state.release.model.calendar(name)
    if view is None:
        raise UnknownObject(name)
    return object, view


def _movable(state: RequestState, object: Object, view: CalendarView, id: str) -> Record:
    """The record, if this person may move it. Raises UnknownObject (404) and HttpProblem (403)."""
    record = record_or_404(state, object, id)
    if view.start not in record.writable:
        raise HttpProblem("forbidden")
    return record


def _end(state: RequestState, record: Record, view: CalendarView, sent: dict[str, object]) -> dict[str, object]:
    """What lasted so long goes on lasting so long."""
    start, end = record.values.get(view.start), record.values.get(view.end) if view.end else None
    if start is None or end is None or view.start not in sent or view.end not in record.writable:
        return {}
    locale, kind = locale_of(state.release, state.language), record.object.fields[view.end].type
    try:
        moved = record.object.fields[view.start].type.parse_text(str(sent[view.start]), locale)
        return {view.end: stored_input(record.object.fields[view.end], kind.parse(kind.dump(end + (moved - start))), locale)}
    except (Invalid, TypeError, OverflowError):
        return {}


def _sheet(state: RequestState, record: Record, view: CalendarView, shown: Blank[Any] | None) -> Sheet:
    _ = words(state.language)
    field, title = record.object.fields[view.start], title_of(record)
    item = FormItem(id="", name=view.start, label=field.label, place=field.place, field=view.start, required=field.required, width="full")
    form = Form(id="", name=f"{view.name} when", label=field.label, place=field.place, object=record.object.name, items={view.start: item})
    modes = {view.start: Mode.WRITE}
    path = f"/o/{record.object.name}/{record.row.id}"
    about = {
        "title": _("Move: %(title)s") % {"title": title}, "action": f"{path}/when" + ("" if view.default else f"?view={view.name}"),
        "cancel_url": path, "cancel_label": title, "save_label": _("Move"), "ask_reason": "none",
    }
    if shown is None:
        shown = shown_of_record(record, modes, locale_of(state.release, state.language))
    return Sheet(object=record.object, form=form, modes=modes, shown=shown, about=about, base="ask.html", version=record.row.version)
