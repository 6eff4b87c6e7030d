"""Drafts of forms: scripts keep them while somebody types, ask whether there is one, and throw it away."""

from __future__ import annotations

from flask import Response, jsonify, request

from runtime.drafts import LARGEST, DraftPlace, discard, keep, newest
from runtime.records.asked import asked_form
from runtime.records.single import Record
from runtime.screens.blueprint import screens
from runtime.screens.forms.restoring import DRAFT, ago, draft_place
from runtime.screens.shell import known_object
from runtime.screens.words import words
from runtime.web.errors import HttpProblem
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []

_OWN = frozenset({"csrf_token", "_version", "_release", "_back", DRAFT, "_add"})
_INPUTS = 2_000
_HASH = 64
"""Characters of the name of a release; whatever else is posted as one is none."""


@screens.get("/o/<name>/new/draft")
@screens.get("/o/<name>/<record:id>/edit/draft")
@screens.get("/o/<name>/<record:id>/t/<step>/draft")
@declare(policy=Policy.OBJECT)
def draft_there(name: str, id: str = "", step: str = "") -> Response:
    """`{id, text, url, labels}` of the draft that the person has of this form, `{}` without one; nothing of what she typed."""
    state = here()
    place = _place(state, name, id, step)
    found = newest(state.store, place, state.now)
    if found is None:
        return jsonify({})
    _ = words(state.language)
    text = _("You began to fill in this form %(when)s and did not save it.") % {"when": ago(state, found)}
    page = request.path.removesuffix("/draft")
    return jsonify(id=found.id, text=text, url=f"{page}?{DRAFT}={found.id}", go=_("Continue"), drop=_("Discard"))


@screens.post("/o/<name>/new/draft")
@screens.post("/o/<name>/<record:id>/edit/draft")
@screens.post("/o/<name>/<record:id>/t/<step>/draft")
@declare(policy=Policy.OBJECT, audit=Audit.NONE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="the form as it stands, or _drop alone")
def keep_draft(name: str, id: str = "", step: str = "") -> Response:
    """Keeps what stands in the form now, `{id}`; with `_drop` throws that draft away."""
    state = here()
    place = _place(state, name, id, step)
    if "_drop" in request.form:
        discard(state.store, state.who.id, request.form["_drop"])
        return jsonify({})
    inputs = [(key, text) for key, text in request.form.items(multi=True) if key not in _OWN]
    if len(inputs) > _INPUTS or sum(len(key) + len(text) for key, text in inputs) > LARGEST:
        raise HttpProblem("too_large")
    version = request.form.get("_version", "")
    kept = keep(
        state.store, place, inputs, id=request.form.get(DRAFT, ""), release=request.form.get("_release", "")[:_HASH] or state.release.hash,
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None, now=state.now, new_id=state.site.new_id())
    return jsonify(id=kept)


def _place(state: RequestState, name: str, id: str, step: str) -> DraftPlace:
    """What the draft is of; only for somebody who may fill in the form."""
    if id and not step:
        object = known_object(name)
        if "update" not in _there(state, name, id).actions:
            raise HttpProblem("forbidden")
        return draft_place(state, object, state.release.model.form(name), id)
    found = state.release.model.objects.get(name)
    if step:
        object = known_object(name)
        _there(state, name, id)
        workflow = state.release.model.workflows.get(name)
        transition = workflow.transitions.get(step) if workflow else None
        if transition is None or not state.access.object(name).allows(step):
            raise HttpProblem("not_found")
        with state.store.read() as connection:
            form = asked_form(connection, state.release, object, transition, id)
        return DraftPlace(state.who.id, object.id, id, form.id if form is not None else "", transition.id)
    if found is None or not state.access.object(name).allows("create"):
        raise HttpProblem("not_found")
    return draft_place(state, found, state.release.model.form(name))


def _there(state: RequestState, name: str, id: str) -> Record:
    record = state.records.get(name, id, state.who, state.release)
    if record is None:
        raise HttpProblem("not_found")
    return record


