"""The page behind a link: one form for somebody who is not signed in, on a phone; no navigation, no name, nothing else of the clinic.

Whatever is wrong with a link, its page is the same: nobody learns whether it ever was one.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from engine.model.answerable import fillable, following, readable
from engine.targets.screens import Mode
from runtime.audit.views import View
from runtime.links.filling import Task, answer, decided, find_task, visitor
from runtime.links.making import PATH, mark_opened
from runtime.records.outcomes import FieldError, Kind, Refused
from runtime.screens.blueprint import screens
from runtime.screens.forms.posted import Posted, read_posted
from runtime.screens.forms.values import Blank, shown_of_record
from runtime.screens.forms.visiting import VisitorSheet, show_visitor_sheet
from runtime.screens.plans import locale_of
from runtime.screens.shell import show
from runtime.screens.words import words
from runtime.store.errors import StoreBusy
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []


@screens.get("/f/<token>")
@declare(policy=Policy.ANONYMOUS, audit=Audit.VIEW, rate=Rate.LINK)
def open_link(token: str) -> Response:
    """The form; opening it uses nothing up."""
    state = _nobody()
    task = _task(state, token)
    if task is None:
        return _nothing_here()
    _seen(state, task)
    if task.link["opened_at"] is None:
        state.end_reads()
        with contextlib.suppress(StoreBusy), state.store.write() as connection:
            mark_opened(connection, task.link["id"], state.now)
    shown = shown_of_record(task.record, _modes(task), locale_of(state.release, state.language))
    return show_visitor_sheet(state, _sheet(state, task, token, shown, {}))


@screens.post("/f/<token>")
@declare(policy=Policy.ANONYMOUS, audit=Audit.CHANGE, rate=Rate.LINK, csrf=Csrf.FORM, payload="the link's form")
def answer_link(token: str) -> BaseResponse:
    """Saves the answers and uses the link up, or shows the form again with everything typed."""
    state = _nobody()
    task = _task(state, token)
    if task is None:
        return _nothing_here()
    modes, locale = _modes(task), locale_of(state.release, state.language)
    posted = read_posted(state, request.form, {}, task.object.fields, modes, {}, locale, words(state.language))
    # What was left empty is not an answer: nobody empties by a link what the record has.
    given = {name: value for name, value in posted.sent.items() if value not in ("", [], None)}
    _ = words(state.language)
    if not given:
        return _again(state, task, token, posted, [], _("Nothing is filled in yet."))
    outcome = answer(
        state.store, state.records, state.keys, token, given, state.site.clock, state.language, state.request_id)
    if outcome is None:
        return _nothing_here()
    if not isinstance(outcome, Refused):
        return redirect(f"{PATH}thanks", 303)
    notice = "" if outcome.errors else outcome.message or _("That did not work. Nothing was changed; please try again.")
    # What a guard reads may be nothing that a visitor knows of.
    told = _("With these answers it cannot be sent. Please look at them again, or call the clinic.")
    errors = [dataclasses.replace(e, message=told, words={}) if e.code == "guard_refused" else e for e in outcome.errors]
    return _again(state, task, token, posted, errors, notice, 503 if outcome.kind is Kind.BUSY else 422)


@screens.get("/f/thanks")
@declare(policy=Policy.ANONYMOUS)
def thanks() -> Response:
    """What is said afterwards."""
    _nobody()
    _ = words(here().language)
    return show(
        "visitor_page.html", title=_("Thank you"), text=_("Your answers have arrived at the clinic. You can close this page."),
        sign="circle-check")


def _nobody() -> RequestState:
    """The request as one of somebody who is not signed in, also where a colleague's browser opens a patient's link."""
    state = here()
    state.actor = None
    return state


def _task(state: RequestState, token: str) -> Task | None:
    return find_task(state.store, state.records, state.keys, state.release, token, state.now, state.language)


def _modes(task: Task) -> dict[str, Mode]:
    asked, seen = fillable(task.object, task.form), readable(task.object, task.form)
    return {
        item.field: Mode.WRITE if item.field in asked else Mode.READ
        for item in task.form.items.values() if item.field in asked or item.field in seen
    }


def _sheet(
    state: RequestState, task: Task, token: str, shown: Blank[Any], typed: Mapping[str, Any], filled_in: Mapping[str, Any] = MappingProxyType({}),
) -> VisitorSheet:
    """`shown` is of the record, `filled_in` what the visitor has put into the inputs."""
    _ = words(state.language)
    modes = _modes(task)
    about = {
        "title": task.form.label(state.language), "action": f"{PATH}{token}", "save_label": _("Send"),
        "ends": task.link["expires_at"].astimezone(locale_of(state.release, state.language).zone).strftime("%Y-%m-%d %H:%M"),
    }
    # Values of fields that she may change are not shown, with a refused form neither: whoever got hold of the address would learn them.
    told = {name for name, mode in modes.items() if mode is Mode.READ} - following(task.object, task.form)
    blank = Blank({**{name: value for name, value in shown.items() if name in told}, **filled_in})
    actor = visitor(task.release, task.link, state.now, state.language)
    with state.store.read() as connection:
        filled = decided(connection, task, actor, typed, state.now)
    return VisitorSheet(
        object=task.object, form=task.form, modes=modes, shown=blank, about=about, record_id=task.record.row.id, actor=actor,
        decided=filled.sheet)


def _again(
    state: RequestState, task: Task, token: str, posted: Posted, errors: Sequence[FieldError], notice: str, status: int = 422,
) -> Response:
    """The form with everything typed."""
    _seen(state, task)
    shown = shown_of_record(task.record, _modes(task), locale_of(state.release, state.language))
    sheet = _sheet(state, task, token, shown, posted.sent, posted.shown)
    sheet.errors = [*posted.errors, *errors]
    sheet.about["notice"] = notice or None
    return show_visitor_sheet(state, sheet, status)


def _seen(state: RequestState, task: Task) -> None:
    """The audit of what the page shows: the link stands for the person, whom nobody knows."""
    state.views_seen.append(View(
        id=state.site.new_id(), at=state.now, actor="link", kind="link", ids=[task.record.row.id], detail={"link": task.link["id"]},
        request_id=state.request_id, release=state.release.hash, object=task.object.id))


def _nothing_here() -> Response:
    _ = words(here().language)
    return show(
        "visitor_page.html", 404, title=_("This link cannot be used"),
        text=_("It was used already, or its time is over. If you still want to tell us something, please call the clinic."), sign="link")
