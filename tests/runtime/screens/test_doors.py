"""Signing in and out, one's own account, the start page.

1. A wrong password and an unknown name get one and the same answer; too many tries are told to wait.
2. Signing in leads where one wanted to go, but never to another server; the cookie is out of reach of scripts.
3. A page that needs a person sends a visitor to sign in and brings them back; signing out ends the session.
4. Whoever signs in with a password somebody else chose is told to change it, and once changed no more.
5. The account page ends other sessions; the language chosen stays with the person.
6. The start page shows open work assigned to me by its date, the late ones marked, and what I opened last.
"""

import datetime as dt
from collections.abc import Callable

import argon2
import pytest
import sqlalchemy as sa

from runtime.identity.accounts import Accounts
from runtime.identity.passwords import Passwords
from runtime.identity.sessions import Sessions
from runtime.identity.sign_in import SignIn
from runtime.screens.doors import Doors
from runtime.store import system
from tests.runtime.api.world import FILES, Web, person_id
from tests.runtime.screens.surfing import Surfer

Surf = Callable[..., Surfer]
SECRET = "a long enough pass phrase"


@pytest.fixture(autouse=True)
def cheap_passwords(web: Web) -> None:
    """What is tested is the way in, not the cost of a hash."""
    passwords = Passwords(hasher=argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    site = web.site
    web.app.extensions["carework.doors"] = Doors(
        passwords, SignIn(site.store, passwords), Sessions(site.store), Accounts(site.store, passwords, site.new_id)
    )


@pytest.fixture(scope="module")
def account(web: Web) -> str:
    """The manager's login with a password that somebody else gave."""
    user, audit = system.user, system.audit
    with web.store.write() as connection:
        stored = Passwords().hash(SECRET)
        connection.execute(sa.update(user).where(user.c.login == "manager").values(password=stored, password_at=web.clock()))
        row = {"id": f"{1:032x}", "at": web.clock(), "actor": "system", "action": "create_account", "record_id": person_id("manager"),
               "outcome": "done"}
        connection.execute(sa.insert(audit).values(row))
    return "manager"


def test_failures_look_alike(web: Web, surf: Surf, account: str) -> None:
    """Requirement 1."""
    visitor = surf("")
    wrong = visitor.fill("/sign-in", username=account, password="not this one")
    unknown = visitor.fill("/sign-in", username="nobody-at-all", password="not this one")
    assert wrong.status == unknown.status == 422
    assert "User name or password is wrong." in wrong.text
    assert wrong.text.replace(account, "X") == unknown.text.replace("nobody-at-all", "X")


def test_too_many_tries_must_wait(web: Web, surf: Surf) -> None:
    """Requirement 1."""
    visitor = surf("")
    answers = [visitor.fill("/sign-in", username="guessed", password=f"guess number {n}") for n in range(12)]
    assert answers[0].status == 422
    assert answers[-1].status == 429
    assert int(answers[-1].response.headers["Retry-After"]) > 0
    assert "Please wait" in answers[-1].text


@pytest.mark.parametrize(("wanted", "led"), [
    ("/o/patient?q=a", "/o/patient?q=a"), ("//evil.example/", "/"), ("https://evil.example/", "/"), ("/\\evil.example", "/"), ("", "/"),
])
def test_sign_in_leads_home(web: Web, surf: Surf, account: str, wanted: str, led: str) -> None:
    """Requirement 2."""
    visitor = surf("")
    answer = visitor.fill(f"/sign-in?next={wanted}", "/sign-in", username=account, password=SECRET, next=wanted)
    assert (answer.status, answer.location) == (303, led)
    cookie = next(c for c in answer.response.headers.getlist("Set-Cookie") if c.startswith(web.site.cookie + "="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_visitor_is_sent_to_sign_in(surf: Surf) -> None:
    """Requirement 3."""
    assert surf("").get("/o/patient?q=x").location == "/sign-in?next=/o/patient%3Fq%3Dx"
    nurse = surf("nurse")
    assert nurse.get("/").status == 200
    assert nurse.send("/sign-out").location == "/sign-in"
    assert nurse.get("/").location == "/sign-in"


def test_a_given_password_is_to_be_changed(web: Web, surf: Surf, account: str) -> None:
    """Requirement 4."""
    visitor = surf("")
    visitor.fill("/sign-in", username=account, password=SECRET)
    assert "Your password was generated for you." in visitor.get("/").text
    assert "Your password was generated for you." not in visitor.get("/").text
    short = visitor.fill("/me", "/me/password", current=SECRET, new="short", again="short")
    assert short.status == 422
    assert "at least 12 characters" in short.text
    assert "differ" in visitor.fill("/me", "/me/password", current=SECRET, new="one thing here", again="another thing").text
    wrong = visitor.fill("/me", "/me/password", current="x", new="brand new words", again="brand new words")
    assert "current password is wrong" in wrong.text
    assert visitor.fill("/me", "/me/password", current=SECRET, new=SECRET + " two", again=SECRET + " two").status == 303
    again = surf("")
    again.fill("/sign-in", username=account, password=SECRET + " two")
    assert "Your password was generated for you." not in again.get("/").text


def test_other_sessions_end_and_the_language_stays(web: Web, surf: Surf) -> None:
    """Requirement 5."""
    here, there = surf("watcher"), surf("watcher")
    assert "Watcher" in here.get("/me").text
    assert "North" in here.get("/me").text
    here.send("/me/sessions")
    assert there.get("/me").status == 302
    assert here.get("/me").status == 200
    assert here.send("/language", None, to="zh", next="/me").location == "/me"
    assert 'lang="zh-Hans"' in here.get("/me").html
    elsewhere = surf("watcher", "en")
    assert 'lang="zh-Hans"' in elsewhere.get("/me").html
    here.send("/language", None, to="en")


_DUE = """
object: task
field: status
initial: planned
states: {planned: {label: {en: Planned, zh: 计划}}, running: {}, done: {category: done}}
transitions:
  start: {from: planned, to: running}
  finish: {from: running, to: done, ask: outcome}
  drop: {from: [planned, running], to: done, reason: required}
"""


def test_start_page_shows_my_open_work(own_web: Web) -> None:
    """Requirement 6: today is 2 March 2026; another person's task, a done one and one of tomorrow are left out."""
    own_web.publish({"objects/task.yaml": FILES["objects/task.yaml"].replace("due: {type: date}", "due: {type: date, required: true}"),
                     "workflows/task.yaml": _DUE})
    me, other, day = person_id("nurse"), person_id("manager"), dt.date(2026, 3, 2)
    due = {"late one": -3, "today one": 0, "tomorrow one": 1}
    for step, days in due.items():
        own_web.task(step=step, assignee=me, due=(day + dt.timedelta(days)).isoformat())
    own_web.task(step="not mine", assignee=other, due="2026-03-01")
    done = own_web.task(step="done one", assignee=me, due="2026-03-01")
    nurse = Surfer.of(own_web, "nurse")
    nurse.send(f"/o/task/{done}/t/start")
    nurse.fill(f"/o/task/{done}/t/finish", pain="1")
    page = nurse.get("/").text
    assert page.index("late one") < page.index("today one")
    assert "3 days late" in page
    for absent in ("tomorrow one", "not mine"):
        assert absent not in page
    nurse.get(f"/o/task/{done}")
    assert "done one" in nurse.get("/").text.partition("Recently opened")[2]
