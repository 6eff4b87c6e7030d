"""Protection against requests that another site makes with a visitor's cookie: a token bound to the session.

The token is a random salt and a keyed hash of the salt and the session's secret, so nothing is stored, each page has another
text (which keeps compression from telling it), and it dies with the session. Before sign-in the secret is a cookie of its own,
set with the sign-in page (OWASP, "signed double submit cookie").
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from flask import Response, request

from runtime.web.errors import HttpProblem, ProblemError
from runtime.web.messages import say
from runtime.web.state import Credential, RequestState, here

__all__ = ["FIELD", "HEADER", "check_csrf", "csrf_token"]

FIELD = "csrf_token"
HEADER = "X-CSRFToken"
_SALT_BYTES = 12


def csrf_token() -> str:
    """A token for the forms of this page; for a visitor who is not signed in it also sets the cookie it is bound to."""
    state = here()
    secret = _secret(state)
    if not secret:
        secret = secrets.token_urlsafe(24)
        _remember(state, secret)
    salt = secrets.token_bytes(_SALT_BYTES)
    return base64.urlsafe_b64encode(salt + _tag(state, secret, salt)).decode()


def check_csrf(state: RequestState, *, form: bool) -> None:
    """Raise HttpProblem unless the request carries a token of its session, in the header or (`form`) in the form."""
    sent = request.headers.get(HEADER, "") or (request.form.get(FIELD, "") if form else "")
    secret = _secret(state)
    if not (secret and _fits(state, secret, sent)):
        errors = [] if form else [ProblemError("csrf_missing", say("csrf_missing", state.language))]
        raise HttpProblem("csrf", errors=errors)


def _fits(state: RequestState, secret: str, sent: str) -> bool:
    try:
        raw = base64.b64decode(sent, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    salt, tag = raw[:_SALT_BYTES], raw[_SALT_BYTES:]
    return hmac.compare_digest(tag, _tag(state, secret, salt))


def _tag(state: RequestState, secret: str, salt: bytes) -> bytes:
    return hmac.digest(state.keys.derive("csrf"), salt + secret.encode("utf-8", "replace"), hashlib.sha256)


def visitor_cookie(state: RequestState) -> str:
    """The name of the cookie that a visitor's forms are bound to."""
    return f"{state.site.cookie}-visitor"


def _secret(state: RequestState) -> str:
    if state.credential is Credential.COOKIE:
        return state.secret
    return request.cookies.get(visitor_cookie(state), "")


def _remember(state: RequestState, secret: str) -> None:
    from flask import after_this_request

    @after_this_request
    def add(response: Response) -> Response:
        response.set_cookie(
            visitor_cookie(state), secret, httponly=True, samesite="Lax", secure=state.site.settings.secure_cookies, path="/"
        )
        return response
