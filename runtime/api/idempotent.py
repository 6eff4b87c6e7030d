"""POST with an Idempotency-Key: the same request has one effect and one answer, however often it is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import orjson
from flask import Response, request

from runtime.api.parameters import idempotency_key
from runtime.store.idempotency import Answer, Effect, Found, Key, answer, release, reserve
from runtime.web.errors import HttpProblem
from runtime.web.state import RequestState

__all__ = ["once"]

_KEPT_HEADERS = ("Location", "ETag", "Content-Type")


def once(state: RequestState, body: bytes, work: Callable[[], Response]) -> Response:
    """The response of `work`, or the one it gave when this key was first sent with this body and If-Match.

    Answers that say that nothing was written are not kept: the same request may succeed later. Raises HttpProblem 409 while
    the first request is at work and 422 when the key was used with another body.
    """
    text = idempotency_key(state.language)
    if text is None:
        return work()
    key = Key(state.who.id, f"{request.method} {request.path}", text)
    digest = hashlib.sha256(request.headers.get("If-Match", "").encode() + b"\0" + body).hexdigest()
    found = reserve(state.store, key, digest, state.request_id, state.now)
    if isinstance(found, Answer):
        return _unpacked(found)
    if isinstance(found, tuple):
        return _of_effects(found)
    if found is not Found.RESERVED:
        code = "other_request" if found is Found.OTHER else "in_progress"
        raise HttpProblem(code, headers={"Retry-After": "1"} if code == "in_progress" else {})
    try:
        response = work()
    except BaseException:
        release(state.store, key)
        raise
    if response.status_code < 300:
        answer(state.store, key, _packed(response))
    else:
        release(state.store, key)
    return response


def _packed(response: Response) -> Answer:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    return Answer(response.status_code, orjson.dumps([headers, response.get_data().decode()]))


def _unpacked(kept: Answer) -> Response:
    headers, body = orjson.loads(kept.response)
    response = Response(body, kept.status)
    response.headers.update(headers)
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _of_effects(effects: tuple[Effect, ...]) -> Response:
    """What the first request had done before its process died, as far as its answer can be told again."""
    outcomes = [{"id": effect.record_id, "version": effect.version} for effect in effects]
    body = {**outcomes[0], "warnings": []} if len(outcomes) == 1 else {"outcomes": outcomes}
    response = Response(orjson.dumps(body), 200, content_type="application/json")
    response.headers["Idempotent-Replayed"] = "true"
    return response
