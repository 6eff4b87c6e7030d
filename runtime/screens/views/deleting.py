"""Deleting a record, undoing it, and sharing a record with another clinic."""

from __future__ import annotations

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from runtime.records.commands import Command, Delete, JoinClinic, Restore
from runtime.records.outcomes import Kind, Outcome, Refused, Written
from runtime.screens.blueprint import screens
from runtime.screens.flashes import flash
from runtime.screens.forms.sheet import CLINIC
from runtime.screens.shell import known_object, show
from runtime.screens.views.edit import posted_version
from runtime.screens.words import words
from runtime.web.errors import refusal
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []


@screens.post("/o/<name>/<record:id>/delete")
@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="nothing but the version")
def delete_record(name: str, id: str) -> BaseResponse:
    """Deletes; the list then offers to undo it."""
    state = here()
    known_object(name)
    outcome = _one(state, Delete(name, id, posted_version()))
    if isinstance(outcome, Refused):
        return _refused(state, outcome, f"/o/{name}/{id}" if outcome.kind is not Kind.NOT_FOUND else f"/o/{name}")
    flash(state, "deleted", undo=id)
    return redirect(f"/o/{name}", 303)


@screens.post("/restore/<record:id>")
@declare(policy=Policy.SIGNED_IN, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="nothing")
def restore_record(id: str) -> BaseResponse:
    """Puts a deleted record back, with what was deleted along with it."""
    state = here()
    outcome = _one(state, Restore(id))
    if isinstance(outcome, Written):
        flash(state, "restored")
        return redirect(f"/o/{outcome.object}/{outcome.id}", 303)
    return _refused(state, outcome, "/")


@screens.post("/o/<name>/<record:id>/share")
@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="the clinic")
def share_record(name: str, id: str) -> BaseResponse:
    """Lets another clinic see the record from today on."""
    state = here()
    known_object(name)
    outcome = _one(state, JoinClinic(name, id, request.form.get(CLINIC, "")))
    if isinstance(outcome, Refused):
        return _refused(state, outcome, f"/o/{name}/{id}")
    flash(state, "shared")
    return redirect(f"/o/{name}/{id}", 303)


def _one(state: RequestState, command: Command) -> Outcome:
    info = state.info("screen", request.form.get("_release", ""))
    [outcome] = state.records.execute([command], state.who, release=state.release, request=info)
    return outcome


def _refused(state: RequestState, outcome: Refused, back: str) -> Response:
    """Why it was not done, with the way back."""
    problem = refusal(outcome)
    _ = words(state.language)
    gone = outcome.kind is Kind.NOT_FOUND
    text = "" if gone else " ".join([outcome.message, *(error.message for error in outcome.errors)])
    title = None if gone else _("This was not done")
    error = {
        "code": problem.status, "title": title, "text": text, "request_id": state.request_id,
        "actions": [{"label": _("Back"), "url": back}],
    }
    return show("error.html", problem.status, error=error)
