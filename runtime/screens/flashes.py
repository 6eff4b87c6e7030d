"""Messages for the page after the next: a signed cookie of one minute that holds codes and ids, never a record's values."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any

import orjson
from flask import Response, after_this_request, request

from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["COOKIE", "flash", "take_flashes"]

COOKIE = "carework-said"
_SECONDS = 60
_TAG_BYTES = 16


def flash(state: RequestState, code: str, *, undo: str = "", notes: list[str] | None = None, state_label: str = "") -> None:
    """Say something on the next page. `undo` is the id of a deleted record; `notes` are texts without values, e.g. warnings;
    `state_label` is what the state is called that a record came to."""
    body = orjson.dumps({"code": code, "undo": undo, "notes": (notes or [])[:5], "state": state_label})
    text = base64.urlsafe_b64encode(_tag(state, body) + body).decode()

    @after_this_request
    def add(response: Response) -> Response:
        response.set_cookie(
            COOKIE, text, max_age=_SECONDS, httponly=True, samesite="Lax", secure=state.site.settings.secure_cookies, path="/"
        )
        return response


def take_flashes(state: RequestState) -> list[dict[str, Any]]:
    """What the step before wanted said, once."""
    sent = request.cookies.get(COOKIE)
    if not sent:
        return []

    @after_this_request
    def forget(response: Response) -> Response:
        if not any(header.startswith(f"{COOKIE}=") for header in response.headers.getlist("Set-Cookie")):
            response.delete_cookie(COOKIE, path="/")
        return response

    found = _read(state, sent)
    return _messages(state, found) if found else []


def _read(state: RequestState, sent: str) -> dict[str, Any] | None:
    try:
        raw = base64.b64decode(sent, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    tag, body = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(state, body)):
        return None
    found: dict[str, Any] = orjson.loads(body)
    return found


def _tag(state: RequestState, body: bytes) -> bytes:
    return hmac.digest(state.keys.derive("flash"), state.secret.encode("utf-8", "replace") + b"\0" + body, hashlib.sha256)[:_TAG_BYTES]


def _messages(state: RequestState, found: dict[str, Any]) -> list[dict[str, Any]]:
    _ = words(state.language)
    texts = {
        "created": ("success", _("Created.")), "saved": ("success", _("Saved.")), "same": ("notice", _("Nothing was changed.")),
        "deleted": ("success", _("Deleted.")), "restored": ("success", _("Restored.")),
        "moved": ("success", _("The state is now “%(state)s”.") % {"state": found["state"]}),
        "shared": ("success", _("Shared with the clinic.")), "password": ("success", _("The password was changed.")),
        "enrolled": ("success", _("The plan has begun.")), "plan_stopped": ("success", _("The plan has ended.")),
        "ended": ("success", _("All other sessions were ended.")), "signed_out": ("success", _("You are signed out.")),
        "generated": ("warning", _("Your password was generated for you. Please change it under your name, “My account”.")),
        "job_again": ("success", _("It waits to be run again.")), "job_dropped": ("success", _("It was dropped and will not be run.")),
        "job_gone": ("notice", _("Somebody else has dealt with it already.")),
        "not_restored": ("error", _("This record can no longer be restored.")),
    }
    kind, text = texts.get(found["code"], ("notice", ""))
    messages: list[dict[str, Any]] = [{"kind": kind, "text": text}] if text else []
    if found["undo"] and messages:
        messages[0] |= {"undo_url": f"/restore/{found['undo']}", "undo_label": _("Undo")}
    return messages + [{"kind": "warning", "text": note} for note in found["notes"]]
