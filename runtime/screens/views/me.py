"""A person's own account: memberships, sessions, password."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from engine.fields.base import Locale
from runtime.identity.accounts import IdentityError
from runtime.identity.passwords import MINIMUM
from runtime.screens.blueprint import screens
from runtime.screens.clinics import clinic_names
from runtime.screens.devices import device
from runtime.screens.doors import doors
from runtime.screens.flashes import flash
from runtime.screens.past import moment
from runtime.screens.plans import locale_of
from runtime.screens.shell import show
from runtime.screens.words import Say, words
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []


@screens.get("/me")
@declare(policy=Policy.SIGNED_IN)
def my_account() -> Response:
    """Who I am here, where I am signed in, and a new password."""
    return _page(here())


@screens.post("/me/password")
@declare(policy=Policy.SIGNED_IN, audit=Audit.CHANGE, rate=Rate.SIGN_IN, csrf=Csrf.FORM, payload="current, new, again")
def change_password() -> BaseResponse:
    """A new password; every other session ends."""
    state = here()
    _ = words(state.language)
    new = request.form.get("new", "")
    if new != request.form.get("again", ""):
        return _page(state, 422, _("The two new passwords differ."))
    try:
        doors().accounts.set_password(
            state.who, state.release, state.who.id, new, state.now, current=request.form.get("current", ""), keep=state.secret
        )
    except IdentityError as error:
        return _page(state, 422, _why(error, _))
    flash(state, "password")
    return redirect("/me", 303)


@screens.post("/me/sessions")
@declare(policy=Policy.SIGNED_IN, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="nothing")
def end_sessions() -> BaseResponse:
    """Signs out everywhere else."""
    state = here()
    with state.store.write() as connection:
        doors().sessions.end_all(connection, state.who.id, state.now, keep=state.secret)
    flash(state, "ended")
    return redirect("/me", 303)


def _page(state: RequestState, status: int = 200, error: str | None = None) -> Response:
    locale = locale_of(state.release, state.language)
    with state.store.read() as connection:
        sessions = doors().sessions.of_user(connection, state.who.id, state.now)
    account = state.release.model.account
    readable = account is not None and state.access.object(account.name).allows("read")
    me: dict[str, Any] = {
        "name": state.who.name, "memberships": _memberships(state), "sessions": [_session(session, locale) for session in sessions],
        "error": error, "minimum": MINIMUM, "record_url": f"/o/{account.name}/{state.who.id}" if account and readable else None,
    }
    return show("me.html", status, me=me)


def _memberships(state: RequestState) -> list[dict[str, str]]:
    roles = {role.id: role.label(state.language) for role in state.release.model.roles.values()}
    names = clinic_names(state)
    _ = words(state.language)
    return [
        {"role": roles.get(m.role, m.role), "clinic": names.get(m.clinic_id, "–") if m.clinic_id else _("The whole organisation")}
        for m in state.who.memberships
    ]


def _session(session: dict[str, Any], locale: Locale) -> dict[str, str]:
    return {
        "since": moment(session["created_at"], locale), "seen": moment(session["seen_at"], locale), "address": session["address"] or "–",
        "agent": device(session["agent"] or ""),
    }


def _why(error: IdentityError, _: Say) -> str:
    said = {
        "password_wrong": _("The current password is wrong."),
        "password_short": _("The new password needs at least 12 characters. A few words in a row do well."),
        "password_long": _("The new password is too long."),
        "password_common": _("The new password is one of those that everybody tries first. Take another one."),
        "password_personal": _("The new password holds your name or user name. Take another one."),
        "password_kinds": _("The new password needs three of: small letters, capitals, digits, other signs."),
    }
    codes = error.words.get("all")
    return " ".join(said.get(str(code), str(code)) for code in (codes if isinstance(codes, tuple | list) else (error.code,)))
