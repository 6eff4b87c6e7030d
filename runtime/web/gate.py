"""What happens around every view: the state is made, the route's declaration is enforced, views are made durable.

One function before and one after each request; a route's declaration is therefore not a comment but the rule it runs under.
"""

from __future__ import annotations

import hashlib

from flask import Flask, Response, g, request

from runtime.audit.views import ViewsNotWritten
from runtime.identity.actor import Actor
from runtime.web.csrf import check_csrf
from runtime.web.errors import HttpProblem, problem_of, respond
from runtime.web.hosts import is_known
from runtime.web.routes import Csrf, Declaration, Policy, Rate
from runtime.web.site import Site
from runtime.web.speaking import spoken_to
from runtime.web.state import Credential, RequestState
from runtime.web.watching import Watching

__all__ = ["install_gate"]

JSON_BYTES = 1_000_000
UPLOAD_BYTES = 101_000_000
"""The largest file that a field may take, and the rest of its form."""
_TOKEN_PATHS = ("/api/", "/metrics")
_SYSTEM = frozenset({Policy.DESIGN, Policy.GRANT, Policy.AUDIT, Policy.OPERATE})
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def install_gate(app: Flask, site: Site, watching: Watching | None = None) -> None:
    """Put the two functions around every view of the application; `watching` is started by the first request of a process."""
    new_id, clock = site.new_id, site.clock
    counts = site.responses
    hosts = site.settings.trusted_hosts

    def before() -> None:
        state = g.carework = RequestState(site, new_id(), clock())
        if not is_known(request.environ.get("HTTP_HOST", ""), hosts):
            raise HttpProblem("unknown_host")
        if watching is not None:
            watching.here()
        endpoint = request.endpoint
        declared = site.declarations.get(endpoint) if endpoint else None
        if declared is not None and declared.rate is Rate.FREE and "Authorization" not in request.headers:
            return  # assets and health: no database, nobody to recognise
        state.pin()
        if request.method not in _CHANGING:
            state.share_reads()
        _recognise(state)
        if declared is not None:
            _enforce(state, declared)

    def after(response: Response) -> Response:
        state: RequestState = g.carework
        state.end_reads()
        if state.views_seen:
            response = _recorded(state, response)
        kind = response.status_code // 100
        counts[kind] = counts.get(kind, 0) + 1
        response.headers["X-Request-Id"] = state.request_id
        return response

    app.before_request(before)
    app.after_request(after)
    app.teardown_request(_end)


def _end(error: BaseException | None) -> None:
    """For a request that did not get as far as `after`."""
    state: RequestState | None = g.get("carework")
    if state is not None:
        state.end_reads()


def _recognise(state: RequestState) -> None:
    """Find the actor. A bearer token that is not valid is 401 everywhere; a session that is over makes nobody of its owner."""
    headers = request.headers
    authorization = headers.get("Authorization")
    if authorization is not None and request.path.startswith(_TOKEN_PATHS):
        scheme, _, secret = authorization.partition(" ")
        secret = secret.strip()
        actor = None
        if scheme.lower() == "bearer" and secret:
            actor = state.site.callers.by_token(secret, state.release, state.now)
        if actor is None:
            _limit(state, Rate.WRITE)
            raise HttpProblem("sign_in", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        _take(state, actor, Credential.BEARER, secret)
        return
    if "Cookie" not in headers:
        return
    secret = request.cookies.get(state.site.cookie, "")
    if secret:
        actor = state.site.callers.by_session(secret, state.release, state.now)
        if actor is not None:
            _take(state, actor, Credential.COOKIE, secret)


def _take(state: RequestState, actor: Actor, credential: Credential, secret: str) -> None:
    state.actor, state.credential, state.secret = actor, credential, secret
    state.actor = spoken_to(actor, state.language)


def _enforce(state: RequestState, declared: Declaration) -> None:
    """Hold the request to the route's declaration. Raises HttpProblem 400, 401, 403, 413 or 429."""
    request.max_content_length = UPLOAD_BYTES if declared.upload else JSON_BYTES
    if state.actor is None:
        _limit(state, declared.rate)
    policy = declared.policy
    if policy is not Policy.ANONYMOUS:
        if state.actor is None:
            challenge = {"WWW-Authenticate": "Bearer"} if request.path.startswith("/api/") else {}
            raise HttpProblem("sign_in", headers=challenge)
        if policy in _SYSTEM and not state.access.system(policy.value):
            raise HttpProblem("forbidden")
    if request.method in _CHANGING:
        if (request.content_length or 0) > request.max_content_length:
            raise HttpProblem("too_large")
        if declared.csrf is Csrf.FORM:
            check_csrf(state, form=True)
        elif state.credential is Credential.COOKIE:
            check_csrf(state, form=False)


def _limit(state: RequestState, rate: Rate) -> None:
    limits, address = state.site.limits, request.remote_addr or ""
    if rate is Rate.LINK:
        path = hashlib.sha256(request.path.encode()).hexdigest()[:32]
        seconds = limits.wait(address, Rate.READ) or limits.wait(f"{address} {path}", rate)
    else:
        seconds = limits.wait(address, rate)
    if seconds:
        raise HttpProblem("too_many", headers={"Retry-After": str(seconds)})


def _recorded(state: RequestState, response: Response) -> Response:
    """The response once its views are durable, else 503 without a byte of it."""
    if response.status_code >= 500:
        return response
    try:
        state.site.views.record(state.views_seen)
    except ViewsNotWritten as error:
        response.close()
        problem = problem_of(error, state.language)
        assert problem is not None
        return respond(problem, state.language, state.request_id)
    state.site.views_written += len(state.views_seen)
    return response
