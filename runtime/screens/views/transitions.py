"""Buttons of a workflow: the page that asks first, and the step itself."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from engine.model import Form, Object, StateCategory, Transition
from engine.targets.screens import Mode
from runtime.records.asked import asked_form
from runtime.records.commands import Encoding
from runtime.records.commands import Transition as Fire
from runtime.records.outcomes import Kind, Refused, Written
from runtime.records.rows import UnknownObject
from runtime.records.single import Record
from runtime.screens.blueprint import screens
from runtime.screens.flashes import flash
from runtime.screens.forms.modes import modes_of_transition
from runtime.screens.forms.moved import gone_fields, moved_notice
from runtime.screens.forms.posted import read_posted
from runtime.screens.forms.restoring import drop_draft, restore_draft
from runtime.screens.forms.rows import groups_of
from runtime.screens.forms.saving import Settled, settle, take_settled, without_errors
from runtime.screens.forms.sheet import REASON, Sheet, show_sheet
from runtime.screens.forms.values import Blank, shown_of_record
from runtime.screens.plans import locale_of
from runtime.screens.shell import known_object
from runtime.screens.views.edit import note_warnings, posted_version, stored_values
from runtime.screens.views.lost import gone_page, lost_page
from runtime.screens.views.records import record_or_404, title_of
from runtime.screens.words import words
from runtime.web.errors import refusal
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []

_STATUS = {Kind.FENCE: 409, Kind.FORBIDDEN: 403, Kind.BUSY: 503}


@screens.get("/o/<name>/<record:id>/t/<step>")
@declare(policy=Policy.OBJECT, audit=Audit.VIEW)
def ask_step(name: str, id: str, step: str) -> Response:
    """What a step asks for: its form, its reason, or only whether to go on."""
    state = here()
    object = known_object(name)
    transition = _transition(state, object, step)
    record = record_or_404(state, object, id)
    if all(offer.transition is not transition for offer in record.offers):
        return _lost(state, record, transition)
    state.seen("form", object.id, [id])
    form, modes = _form(state, record, transition)
    shown = shown_of_record(record, modes, locale_of(state.release, state.language))
    sheet = _sheet(state, record, transition, form, modes, shown, record.row.version)
    sheet.groups = groups_of(state, form, record)
    restore_draft(state, sheet, record, transition.id)
    return show_sheet(state, sheet)


@screens.post("/o/<name>/<record:id>/t/<step>")
@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="the transition's form", upload=True)
def take_step(name: str, id: str, step: str) -> BaseResponse:
    """Fires the transition, or says why not with everything typed."""
    state = here()
    object = known_object(name)
    transition = _transition(state, object, step)
    record = state.records.get(name, id, state.who, state.release)
    if record is None:
        return gone_page(state, object, request.form)
    form, modes = _form(state, record, transition)
    locale = locale_of(state.release, state.language)
    posted = read_posted(state, request.form, request.files, object.fields, modes, stored_values(record), locale, words(state.language))
    settled = settle(state, form, modes, posted, record, defaults={})
    sheet = _sheet(state, record, transition, form, modes, posted.shown, posted_version())
    gone = gone_fields(state, object, request.form, modes, settled.groups)
    if settled.wrong or settled.wants_row or gone:
        return _again(state, sheet, settled, None, gone)
    reason = request.form.get(REASON, "").strip() or None
    command = Fire(name, id, step, posted.sent, None, reason, Encoding.TEXT)
    outcome = settled.save(command, id, release=request.form.get("_release", ""))
    if isinstance(outcome, Written):
        drop_draft(state, request.form)
        target = state.release.model.workflows[name].states[transition.target]
        flash(state, "moved", notes=[*note_warnings(state, object, outcome), *settled.notes(object)], state_label=target.label(state.language))
        return redirect(f"/o/{name}/{id}", 303)
    if outcome.kind is Kind.LOST:
        return _lost(state, record_or_404(state, object, id), transition)
    if outcome.kind is Kind.NOT_FOUND:
        return gone_page(state, object, request.form)
    return _again(state, sheet, settled, outcome, gone)


def _transition(state: RequestState, object: Object, step: str) -> Transition:
    workflow = state.release.model.workflows.get(object.name)
    found = workflow.transitions.get(step) if workflow else None
    if found is None or not state.access.object(object.name).allows(step):
        raise UnknownObject(object.name)
    return found


def _form(state: RequestState, record: Record, transition: Transition) -> tuple[Form, dict[str, Mode]]:
    """The form that the transition asks for; an empty one when it asks for none."""
    with state.store.read() as connection:
        form = asked_form(connection, state.release, record.object, transition, record.row.id)
    if form is None:
        return Form(id="", name="", label=transition.label, place=transition.place, object=record.object.name, items={}), {}
    return form, modes_of_transition(state, record, form, transition.name)


def _sheet(
    state: RequestState, record: Record, transition: Transition, form: Form, modes: dict[str, Mode], shown: Blank[Any],
    version: int | None,
) -> Sheet:
    path, title, label = f"/o/{record.object.name}/{record.row.id}", title_of(record), transition.label(state.language)
    _ = words(state.language)
    workflow = state.release.model.workflows[record.object.name]
    target = workflow.states[transition.target]
    about = {
        "title": f"{label} · {title}", "action": f"{path}/t/{transition.name}", "cancel_url": path, "cancel_label": title,
        "save_label": label, "text": _("Afterwards: %(state)s.") % {"state": target.label(state.language)},
        "tone": "danger" if target.category is StateCategory.CANCELLED else "primary", "ask_reason": transition.reason,
        "reason": request.form.get(REASON),
    }
    return Sheet(object=record.object, form=form, modes=modes, shown=shown, about=about, base="ask.html", version=version, record_id=record.row.id)


def _again(state: RequestState, sheet: Sheet, settled: Settled, outcome: Refused | None, gone: list[dict[str, str]]) -> Response:
    take_settled(sheet, settled)
    if settled.wants_row and outcome is None:
        sheet.groups = without_errors(settled.groups)
        return show_sheet(state, sheet)
    sheet.errors = [*settled.posted.errors, *settled.errors, *(outcome.errors if outcome else ())]
    if gone or (outcome and outcome.kind is Kind.FENCE):
        sheet.about |= {"notice": moved_notice(state, sheet.object, outcome), "leftover": gone}
    elif outcome and not outcome.errors:
        sheet.about["notice"] = outcome.message or refusal(outcome).title(state.language)
    return show_sheet(state, sheet, 409 if gone else _STATUS.get(outcome.kind, 422) if outcome else 422)


def _lost(state: RequestState, record: Record, transition: Transition) -> Response:
    """409: somebody moved the record first; where it stands now, and what was typed."""
    _ = words(state.language)
    workflow = state.release.model.workflows[record.object.name]
    now = next((s.label(state.language) for s in workflow.states.values() if s.stored == record.row.state), "–")
    words_ = {"step": transition.label(state.language), "state": now}
    text = _("“%(step)s” is no longer possible: the record is now “%(state)s”. Nothing was saved.") % words_
    title, url = _("Someone else was faster"), f"/o/{record.object.name}/{record.row.id}"
    more = {_("Reason"): request.form.get(REASON, "")}
    state.seen("record", record.object.id, [record.row.id])
    return lost_page(state, record.object, request.form, 409, title, text, url, title_of(record), more)
