"""Signing in and out, and the language."""

from __future__ import annotations

import re

from flask import Response, make_response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from runtime.identity.own import adopt_language, password_was_given, set_language
from runtime.identity.passwords import Profile
from runtime.identity.sign_in import NotSignedIn
from runtime.screens.blueprint import screens
from runtime.screens.doors import doors
from runtime.screens.flashes import flash
from runtime.screens.shell import LANGUAGES, show
from runtime.screens.words import words
from runtime.web.csrf import visitor_cookie
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import LANGUAGE_COOKIE, RequestState, here

__all__: list[str] = []

_OURS = re.compile(r"/(?![/\\])[^\s\\]*")
"""An address of this server: nobody is sent elsewhere after signing in."""
_YEAR = 31_536_000


@screens.get("/sign-in")
@declare(policy=Policy.ANONYMOUS, rate=Rate.READ)
def sign_in_page() -> BaseResponse:
    """The form; somebody who is signed in goes on."""
    if here().actor is not None:
        return redirect(_next(request.args.get("next", "")))
    return _form("", None, request.args.get("next", ""))


@screens.post("/sign-in")
@declare(policy=Policy.ANONYMOUS, audit=Audit.CHANGE, rate=Rate.SIGN_IN, csrf=Csrf.FORM, payload="username, password, next")
def sign_in() -> BaseResponse:
    """A session, or one and the same message for every failure."""
    state, _ = here(), words(here().language)
    login, password, target = (request.form.get(name, "") for name in ("username", "password", "next"))
    found = doors().sign_in.sign_in(
        login[:200], password, state.now, address=request.remote_addr or "", agent=request.headers.get("User-Agent", "")
    )
    if isinstance(found, NotSignedIn):
        if found.wait:
            minutes = max(1, (found.wait + 59) // 60)
            text = _("Too many tries. Please wait %(minutes)s min, then try again.") % {"minutes": minutes}
            return _form(login, text, target, 429, found.wait)
        return _form(login, _("User name or password is wrong."), target, 422)
    answer = redirect("/me" if found.must_change else _next(target), 303)
    # The session is new, so what is said on its first page is bound to it.
    state.secret = found.secret
    adopt_language(state.store, found.user_id, state.language)
    if password_was_given(state.store, found.user_id):
        flash(state, "generated")
    answer.set_cookie(
        state.site.cookie, found.secret, httponly=True, samesite="Lax", secure=state.site.settings.secure_cookies, path="/"
    )
    answer.delete_cookie(visitor_cookie(state), path="/")
    return answer


def _form(login: str, error: str | None, target: str, status: int = 200, wait: int = 0) -> Response:
    form = {"action": "/sign-in", "username": login, "error": error, "next": target if _OURS.fullmatch(target) else ""}
    answer = show("signin.html", status, form=form)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def _next(target: str) -> str:
    return target if _OURS.fullmatch(target) else "/"


@screens.post("/sign-out")
@declare(policy=Policy.ANONYMOUS, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="nothing")
def sign_out() -> BaseResponse:
    """Ends the session."""
    state = here()
    if state.actor is not None:
        doors().sessions.end(state.secret, state.now)
    answer = redirect("/sign-in", 303)
    answer.delete_cookie(state.site.cookie, path="/", secure=state.site.settings.secure_cookies, httponly=True)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@screens.post("/language")
@declare(policy=Policy.ANONYMOUS, audit=Audit.NONE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="to, next")
def choose_language() -> BaseResponse:
    """The language of a person's own pages, and of this browser."""
    state = here()
    chosen = request.form.get("to", "")
    answer = make_response(redirect(_next(request.form.get("next", "")), 303))
    if chosen not in LANGUAGES:
        return answer
    if state.actor is not None:
        set_language(state.store, state.actor.id, chosen)
    answer.set_cookie(
        LANGUAGE_COOKIE, chosen, max_age=_YEAR, httponly=True, samesite="Lax", secure=state.site.settings.secure_cookies, path="/"
    )
    return answer


@screens.before_request
def _new_password_first() -> BaseResponse | None:
    """Where the profile lets passwords end, a person with an ended one goes nowhere but to a new one."""
    state: RequestState = here()
    if state.actor is None or doors().passwords.profile is not Profile.DENGBAO or request.endpoint in _ALWAYS:
        return None
    ended = state.site.callers.must_change_password(state.secret, doors().passwords, state.now)
    return redirect("/me") if ended else None


_ALWAYS = frozenset(f"screens.{view}" for view in ("my_account", "change_password", "sign_out", "choose_language"))
