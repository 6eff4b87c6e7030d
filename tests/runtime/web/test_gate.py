"""What happens around every view.

1. A route without a declaration, or with one that contradicts its methods, keeps the application from being built (H7).
2. Every response carries the headers and the request's id, errors of every kind included.
3. A bad, expired or revoked credential never makes somebody else or nobody of its sender (A-27): a token is 401, a session ends.
4. A cookie cannot write without the page's token; a bearer token needs none; the token dies with the session.
5. A view that cannot be audited is not shown: 503 without a byte of it.
6. An unexpected error is 500 with the request's id alone; the log tells where, never what.
7. A database that is away or busy is 503 with Retry-After.
8. Anonymous floods are slowed down before they reach the database.
"""

from __future__ import annotations

import datetime as dt

import pytest
import structlog
from flask import Flask

from runtime.audit.views import ViewWriter
from runtime.identity.sessions import Sessions
from runtime.identity.tokens import Tokens
from runtime.store.errors import StoreBusy, StoreUnavailable
from runtime.web.headers import CONTENT_SECURITY_POLICY
from runtime.web.limits import Limits
from runtime.web.routes import Csrf, Policy, Rate, UndeclaredRoute, declare, require_declared
from runtime.web.site import site_of
from runtime.web.state import here
from tests.runtime.api.world import Caller, Web, person_id

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def cookie(web: Web, login: str) -> Caller:
    """Somebody signed in with a browser."""
    return Caller(web.app.test_client(use_cookies=False), {"Cookie": f"carework={web.session(login)}", "Accept-Language": "en"})


def csrf_of(caller: Caller) -> str:
    """The token a page of this caller would hold."""
    from runtime.web.csrf import csrf_token

    with caller.client.application.test_request_context("/none-such", headers=dict(caller.headers)):
        caller.client.application.preprocess_request()
        return csrf_token()


def test_an_undeclared_route_stops_the_build() -> None:
    """Requirement 1."""
    app = Flask("planted", static_folder=None)
    app.add_url_rule("/fine", "fine", declare(policy=Policy.SIGNED_IN)(lambda: ""))
    require_declared(app)
    app.add_url_rule("/forgotten", "forgotten", lambda: "")
    app.add_url_rule("/lying", "lying", declare(policy=Policy.SIGNED_IN)(lambda: ""), methods=["POST"])
    with pytest.raises(UndeclaredRoute) as refused:
        require_declared(app)
    assert "/forgotten" in str(refused.value) and "/lying" in str(refused.value)
    assert "/fine" not in str(refused.value).replace("/forgotten", "")


def test_headers_are_on_everything(web: Web) -> None:
    """Requirement 2: 200, 201, 204, 304, 400, 401, 403, 404, 405, 412, 413, 415, 428 and 500."""
    nurse, anonymous, id = web.as_("nurse"), web.anonymous(), web.patient()
    answers = [
        nurse.get("/patient"), nurse.post("/patient", {"name": "H"}), nurse.delete(f"/patient/{web.patient()}", 1),
        nurse.get("/patient?x=1"), anonymous.get("/patient"), web.as_("watcher").post("/patient", {"name": "x"}),
        nurse.get("//nowhere"), nurse.send("PUT", "/patient"),
        nurse.patch(f"/patient/{id}", {}, 9), nurse.send("POST", "/patient", data=b"x" * 1_000_001, content_type="application/json"),
        nurse.send("POST", "/patient", data=b"x"), nurse.patch(f"/patient/{id}", {}), nurse.send("OPTIONS", "/patient"),
        nurse.send("TRACE", "/patient"),
        nurse.get("//healthz"), nurse.get("//static/nothing.css"),
    ]
    assert [a.status_code for a in answers] == [200, 201, 204, 400, 401, 403, 404, 405, 412, 413, 415, 428, 405, 405, 200, 404]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, answer.status_code
        assert len(answer.headers["X-Request-Id"]) == 32
        assert len(answer.headers.getlist("Content-Security-Policy")) == 1
        assert "Server" not in answer.headers and ("Set-Cookie" not in answer.headers or answer.mimetype == "text/html")
    assert answers[7].headers["Allow"]
    asset = anonymous.get("//static/carework.css?v=1")
    assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert asset.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


def test_tls_adds_hsts(web: Web) -> None:
    """Requirement 2: behind TLS the cookie is bound to the host and the browser stays on TLS."""
    from runtime.web.app import create_app

    app = create_app(dt_settings(web), store=web.store, clock=web.clock)
    answer = app.test_client().get("/healthz")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert site_of(app).cookie == "__Host-carework"


def dt_settings(web: Web):  # type: ignore[no-untyped-def]
    import dataclasses

    return dataclasses.replace(web.site.settings, secure_cookies=True)


def test_bad_tokens_are_401_everywhere(web: Web) -> None:
    """Requirement 3."""
    good = web.token("nurse")
    expired = web.token("nurse", expires_at=web.clock() + dt.timedelta(seconds=1))
    revoked_id, revoked = Tokens(web.store, web.site.new_id).issue(person_id("nurse"), web.clock())
    Tokens(web.store, web.site.new_id).revoke(revoked_id, person_id("nurse"), web.clock())
    web.clock.advance(seconds=2)
    session = web.session("manager")
    for value in (f"Bearer {expired}", f"Bearer {revoked}", "Bearer ", "Bearer x", f"Basic {good}", good, f"Bearer {good[:-1]}",
                  "Bearer \xff", f"Bearer {good} x", "Bearer " + "x" * 10_000):
        for path in ("/patient", "/me", "/openapi.json", "/nowhere/at/all"):
            caller = Caller(web.app.test_client(use_cookies=False), {"Authorization": value, "Cookie": f"carework={session}"})
            answer = caller.get(path)
            assert (answer.status_code, answer.json["code"]) == (401, "sign_in"), (value, path)
            assert "Bearer" in answer.headers["WWW-Authenticate"]
    assert Caller(web.app.test_client(), {"Authorization": f"bearer {good}"}).get("/me").json["id"] == person_id("nurse")


def test_sessions_end(web: Web) -> None:
    """Requirement 3: idle, at the latest, and signed out; and nobody else's cookie value is anybody."""
    for seconds, ended in ((29 * 60, False), (31 * 60, True)):
        caller = cookie(web, "nurse")
        web.clock.advance(seconds=seconds)
        assert (caller.get("/me").status_code == 401) is ended
    caller = cookie(web, "nurse")
    Sessions(web.store).end(caller.headers["Cookie"].removeprefix("carework="), web.clock())
    assert caller.get("/me").status_code == 401
    for value in ("", "x", "'; DROP", "é"):
        assert Caller(web.app.test_client(use_cookies=False), {"Cookie": f"carework={value}"}).get("/me").status_code == 401


def test_a_cookie_needs_the_pages_token_to_write(web: Web) -> None:
    """Requirement 4."""
    caller, other = cookie(web, "nurse"), cookie(web, "nurse")
    token = csrf_of(caller)
    assert caller.get("/me").status_code == 200
    for bad in ({}, {"X-CSRFToken": ""}, {"X-CSRFToken": "x"}, {"X-CSRFToken": csrf_of(other)}, {"X-CSRFToken": token[:-4] + "AAAA"}):
        answer = caller.send("POST", "/patient", json={"name": "forged"}, headers=bad)
        assert (answer.status_code, answer.json["code"]) == (400, "csrf"), bad
    assert caller.send("POST", "/patient", json={"name": "mine"}, headers={"X-CSRFToken": token}).status_code == 201
    assert csrf_of(caller) != token
    assert web.as_("nurse").post("/patient", {"name": "token"}).status_code == 201


def test_a_view_that_cannot_be_audited_is_not_shown(web: Web) -> None:
    """Requirement 5."""
    id, nurse = web.patient(name="Unseen Marker"), web.as_("nurse")
    written = web.site.views

    def refuse(views: object) -> None:
        raise OSError("disk full")

    web.site.views = ViewWriter(refuse)
    try:
        for path in (f"/patient/{id}", f"/patient?filter=id == '{id}'", f"/patient/{id}/history"):
            answer = nurse.get(path)
            assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "not_audited", "2")
            assert "Marker" not in answer.text
    finally:
        web.site.views = written


def test_unexpected_errors_tell_nothing(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirement 6 (H6)."""
    nurse = web.as_("nurse")

    def broken(*args: object, **more: object) -> None:
        raise RuntimeError("phone 13812345678 of 欧阳明月")

    monkeypatch.setattr(type(web.site.records), "list", broken)
    with structlog.testing.capture_logs() as logs:
        answer = nurse.get("/patient")
    assert (answer.status_code, answer.json["code"]) == (500, "unexpected")
    assert answer.json["request_id"] == answer.headers["X-Request-Id"] == logs[0]["request_id"]
    assert "138" not in str(logs) and "欧阳" not in str(logs)
    assert logs[0]["error"] == "RuntimeError" and "test_gate.py" in str(logs[0]["at"])
    assert "RuntimeError" not in answer.text


@pytest.mark.parametrize("error", [StoreBusy("busy"), StoreUnavailable("away")])
def test_a_database_that_is_away_is_503(web: Web, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Requirement 7."""
    nurse = web.as_("nurse")

    def away(*args: object, **more: object) -> None:
        raise error

    monkeypatch.setattr(web.site.store.main, "read", away)
    answer = nurse.get("/patient")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    health = web.anonymous().get("//healthz")
    assert (health.status_code, health.json["status"]) == (503, "unavailable")


def test_floods_are_slowed_down(web: Web) -> None:
    """Requirement 8: per address and class; who has signed in is not counted."""
    seconds = iter([0.0] * 100)
    limits, web.site.limits = web.site.limits, Limits({Rate.READ: 3}, monotonic=lambda: next(seconds, 61.0))
    try:
        anonymous = web.anonymous()
        assert [anonymous.get("/patient").status_code for _ in range(5)] == [401, 401, 401, 429, 429]
        assert int(anonymous.get("/patient").headers["Retry-After"]) > 0
        assert web.as_("nurse").get("/patient").status_code == 200
        other = anonymous.send("GET", "/patient", environ_overrides={"REMOTE_ADDR": "10.0.0.9"})
        assert other.status_code == 401
        forged = anonymous.send("GET", "/patient", headers={"X-Forwarded-For": "1.2.3.4"})
        assert forged.status_code == 429
    finally:
        web.site.limits = limits


def test_health_and_metrics_tell_no_secret(web: Web) -> None:
    """Health is for everybody, counters for this machine and for people who operate; neither names a person or a key."""
    health = web.anonymous().get("//healthz")
    assert set(health.json) == {"status", "release", "database"}
    local = web.anonymous().get("//metrics")
    assert local.status_code == 200 and "carework_responses_total" in local.text
    far = {"environ_overrides": {"REMOTE_ADDR": "10.0.0.9"}}
    assert web.anonymous().send("GET", "//metrics", **far).status_code == 404
    assert web.anonymous().send("GET", "//metrics", headers={"X-Forwarded-For": "10.0.0.9"}).status_code == 404
    assert web.as_("nurse").send("GET", "//metrics", **far).status_code == 404
    assert web.as_("operator").send("GET", "//metrics", **far).status_code == 200


def test_language_of_a_request(web: Web) -> None:
    """The cookie, else Accept-Language, else the organisation's first; only languages the organisation offers."""

    def spoken(**headers: str) -> str:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        with web.app.test_request_context("/none-such", headers=headers):
            web.app.preprocess_request()
            return here().language

    assert spoken() == "zh"
    assert spoken(Accept_Language="en-GB,en;q=0.8") == "en"
    assert spoken(Accept_Language="fr") == "zh"
    assert spoken(Accept_Language="zh-CN", Cookie="carework-language=en") == "en"
    assert spoken(Accept_Language="en", Cookie="carework-language=xx") == "en"


def test_an_anonymous_form_is_bound_to_its_visitor(web: Web) -> None:
    """Requirement 4, before sign-in: the token fits only beside the visitor's own cookie."""
    from runtime.web.csrf import check_csrf, csrf_token
    from runtime.web.errors import HttpProblem

    with web.app.test_request_context("/none-such"):
        web.app.preprocess_request()
        token = csrf_token()
        made = web.app.process_response(web.app.response_class())
    visitor = made.headers["Set-Cookie"]
    assert "HttpOnly" in visitor and "SameSite=Lax" in visitor
    cookie = visitor.partition(";")[0]
    for sent, fits in ((cookie, True), ("carework-visitor=other", False), ("", False)):
        with web.app.test_request_context("/none-such", method="POST", data={"csrf_token": token}, headers={"Cookie": sent}):
            web.app.preprocess_request()
            if fits:
                check_csrf(here(), form=True)
            else:
                with pytest.raises(HttpProblem):
                    check_csrf(here(), form=True)


def test_csrf_default_of_declarations() -> None:
    """A route that changes something cannot be declared safe."""
    app = Flask("x", static_folder=None)
    view = declare(policy=Policy.SIGNED_IN, csrf=Csrf.BEARER, rate=Rate.WRITE)(lambda: "")
    app.add_url_rule("/a", "a", view, methods=["POST"])
    with pytest.raises(UndeclaredRoute, match="names no payload"):
        require_declared(app)
