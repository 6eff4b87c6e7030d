"""Messages and links of one record: what was told, and addresses of forms that a patient fills without an account."""

from __future__ import annotations

import datetime
from typing import Any

import segno
from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from engine.model import Form, Transition
from engine.model.answerable import beyond, fillable
from runtime.links.granting import covered
from runtime.links.making import PATH, Link, NewLink, address_of, link_of, links_of, make_link, revoke, token_of
from runtime.messages.told import told_about
from runtime.records.asked import asked_form
from runtime.records.rows import UnknownObject
from runtime.records.single import Record
from runtime.screens.blueprint import screens
from runtime.screens.messages import link_lines, told_lines
from runtime.screens.past import moment
from runtime.screens.plans import locale_of
from runtime.screens.shell import known_object, show
from runtime.screens.views.records import record_or_404, title_of
from runtime.screens.words import words
from runtime.web.errors import HttpProblem
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []

DAYS = (1, 3, 7, 14, 30)
USUAL_DAYS = 7


@screens.get("/o/<name>/<record:id>/messages")
@declare(policy=Policy.OBJECT, audit=Audit.VIEW)
def told(name: str, id: str) -> Response:
    """What was told about the record, and its links."""
    state = here()
    _ = words(state.language)
    object = known_object(name)
    record = record_or_404(state, object, id)
    with state.store.read() as connection:
        rows = told_about(connection, state.release, state.who, state.now, id, subject=object.subject == ((),))
        links = links_of(connection, id)
    state.seen("messages", object.id, list(dict.fromkeys([id, *(row["record_id"] for row in rows)])))
    choices = [
        {"value": _value(form, transition), "label": _choice_label(form, transition, state)} for form, transition in _choices(state, record)
    ]
    path = f"/o/{name}/{id}"
    return show(
        "told.html", current=name, record={"title": title_of(record), "url": path}, lines=told_lines(state, rows), choices=choices,
        link_lines=link_lines(state, links, manage_url=f"{path}/links" if choices else ""),
        create_url=f"{path}/links",
        days=[{"value": days, "label": _("Good for days: %(days)s") % {"days": days}, "chosen": days == USUAL_DAYS} for days in DAYS],
    )


@screens.post("/o/<name>/<record:id>/links")
@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="form, days")
def new_link(name: str, id: str) -> BaseResponse:
    """Makes a link to a form that she could fill herself."""
    state = here()
    record = record_or_404(state, known_object(name), id)
    chosen = {_value(form, transition): (form, transition) for form, transition in _choices(state, record)}.get(request.form.get("form", ""))
    days = request.form.get("days", "")
    if chosen is None or days not in map(str, DAYS):
        raise HttpProblem("bad_request")
    form, transition = chosen
    subject, clinic = _about(state, record)
    made = NewLink(
        form=form.id, transition=transition.id if transition else None, object=record.object.id, record_id=id, created_by=state.who.id,
        subject_id=subject, clinic_id=clinic, expires_at=state.now + datetime.timedelta(days=int(days)))
    with state.store.write() as connection:
        link_id = make_link(connection, made, state.keys, now=state.now, new_id=state.site.new_id, request_id=state.request_id)
    return redirect(f"/o/{name}/{id}/links/{link_id}", 303)


@screens.get("/o/<name>/<record:id>/links/<record:link_id>")
@declare(policy=Policy.OBJECT, audit=Audit.VIEW)
def show_link(name: str, id: str, link_id: str) -> Response:
    """The address of a link that is good, as text and as a code for phones."""
    state = here()
    record, link = _good_link(state, name, id, link_id)
    state.seen("link", record.object.id, [id], {"link": link_id})
    base = state.site.settings.base_url
    address = address_of(base, link_id, state.keys) if base else f"{PATH}{token_of(link_id, state.keys)}"
    forms = {form.id: form for form in state.release.model.forms.values()}
    return show(
        "link.html", current=name, record={"title": title_of(record), "url": f"/o/{name}/{id}"}, address=address, relative=not base,
        picture=segno.make(address, error="m").svg_data_uri(scale=4, border=2) if base else None, what=forms[link["form"]].label(state.language),
        until=moment(link["expires_at"], locale_of(state.release, state.language)), told_url=f"/o/{name}/{id}/messages")


@screens.post("/o/<name>/<record:id>/links/<record:link_id>/revoke")
@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="nothing")
def revoke_link(name: str, id: str, link_id: str) -> BaseResponse:
    """Withdraws a link."""
    state = here()
    _good_link(state, name, id, link_id)
    with state.store.write() as connection:
        revoke(connection, link_id, state.who.id, state.now, new_id=state.site.new_id, request_id=state.request_id)
    return redirect(f"/o/{name}/{id}/messages", 303)


def _good_link(state: RequestState, name: str, id: str, link_id: str) -> tuple[Record, Link]:
    """A link of the record that could be made by her today. Raises UnknownObject."""
    record = record_or_404(state, known_object(name), id)
    with state.store.read() as connection:
        link = link_of(connection, id, link_id)
    allowed = {(form.id, transition.id if transition else None) for form, transition in _choices(state, record)}
    good = link is not None and link["used_at"] is None and link["revoked_at"] is None and link["expires_at"] > state.now
    if link is None or not good or (link["form"], link["transition"]) not in allowed:
        raise UnknownObject(name)
    return record, link


def _choices(state: RequestState, record: Record) -> list[tuple[Form, Transition | None]]:
    """Forms, alone or with a transition, of which she may see and fill every part that a link shows and asks for: nobody may have a
    link do what she may not (A-30)."""
    model = state.release.model
    own = [form for form in model.forms.values() if form.object == record.object.name]
    forms = [form for form in own if fillable(record.object, form) and not beyond(record.object, form)]
    with state.store.read() as connection:
        asked = [
            (asked_form(connection, state.release, record.object, offer.transition, record.row.id), offer.transition)
            for offer in record.offers if offer.transition.reason != "required"]
    found: list[tuple[Form, Transition | None]] = [(form, transition) for form, transition in asked if form in forms and form is not None]
    found += [(form, None) for form in forms]
    sent = {message.filling.form for message in model.messages.values() if message.filling is not None}
    # What messages send to people is made for them; the other forms are made for staff, and come after.
    found.sort(key=lambda choice: choice[0].name not in sent)
    return [(form, transition) for form, transition in found if covered(state.access, record, form, transition)]


def _value(form: Form, transition: Transition | None) -> str:
    return f"{form.name}|{transition.name}" if transition else form.name


def _choice_label(form: Form, transition: Transition | None, state: RequestState) -> str:
    label = form.label(state.language)
    return f"{label} → {transition.label(state.language)}" if transition else label


def _about(state: RequestState, record: Record) -> tuple[str | None, str | None]:
    """Whom the record is about, and the clinic where it was made."""
    table: Any = state.release.tables.object(record.object.name)
    wanted = table.table.select().with_only_columns(table.column("subject_id"), table.column("clinic_id"))
    with state.store.read() as connection:
        found = connection.execute(wanted.where(table.column("id") == record.row.id)).one_or_none()
    return (found[0], found[1]) if found is not None else (None, None)
