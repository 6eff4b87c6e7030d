"""H7, the route matrix: no forgotten endpoint, no record reached by its id alone.

Every route × every object × {anonymous, each role, another clinic, a disabled user, an ended session, a revoked token}:

1. A route that is not declared keeps the application from being built.
2. Nobody without a good credential gets anything but what is declared anonymous.
3. Nothing that a caller's roles do not grant in the record's clinic shows in any response: not its title, not its fields.
4. Nothing is written by a caller without the right to write it.
5. No route answers 5xx, whatever it is given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from engine.model import Model
from runtime.identity.accounts import Accounts
from runtime.identity.actor import system_actor
from runtime.identity.passwords import Passwords
from runtime.identity.sessions import Sessions
from runtime.identity.tokens import Tokens
from runtime.records.commands import Delete
from runtime.records.query import ListQuery
from runtime.store import system
from runtime.web.app import create_app
from runtime.web.limits import Limits
from runtime.web.routes import Csrf, Policy, UndeclaredRoute, declarations, declare, require_declared
from tests.attacks.matrix import OBJECTS, Address, addresses, anonymous_allowed, may, records
from tests.runtime.api.world import NORTH, PEOPLE, TODAY, Caller, Web, person_id
from tests.runtime.web.test_gate import csrf_of

MARK = "qzmark"
ROLES = [login for login in PEOPLE if PEOPLE[login]]
WRITES = {"POST", "PATCH", "DELETE", "PUT"}


def signed_in(web: Web, login: str) -> Caller:
    """By session, with the page's token, so that screens and API are open alike."""
    caller = Caller(web.app.test_client(use_cookies=False), {"Cookie": f"carework={web.session(login)}", "Accept-Language": "en"})
    return Caller(caller.client, {**caller.headers, "X-CSRFToken": csrf_of(caller)})


def call(web: Web, caller: Caller, address: Address, ids: dict[str, str]) -> TestResponse:
    """A request that would do what the route is for."""
    path = f"/{address.path(web.app, ids)}"
    if address.method not in WRITES:
        return caller.send(address.method, path)
    if not path.startswith("//api/"):
        form = {"name": "written", "step": "written", "visit": ids["visit"], "patient": ids["patient"], "clinic": NORTH, "pain": "1",
                "reason": "x", "version": "1", "release": ""}
        return caller.send(address.method, path, data=form)
    bodies: dict[str, object] = {
        "patient": {"name": "written"}, "visit": {"patient": ids["patient"]}, "task": {"visit": ids["visit"], "step": "written"},
        "staff": {"name": "written"},
    }
    body = bodies.get(address.object, {})
    if address.endpoint == "api.batch":
        body = {"commands": [{"create": body}]}
    if address.endpoint == "api.try_expression":
        shown = {"patient": "name", "visit": "patient.name", "task": "step", "staff": "name"}.get(address.object, "id")
        body = {"expression": shown, "id": ids.get(address.object, ids["patient"])}
    if address.endpoint == "api.fire_transition":
        body = {"finish": {"values": {"pain": 1}}, "drop": {"reason": "x"}}.get(address.step, {})
    return caller.send(address.method, path, json=body, headers={"If-Match": "*"})


def changes(web: Web) -> int:
    return web.count(system.history)


def everything(web: Web) -> list[Address]:
    return list(addresses(web.app, web.store.release().model))


def test_an_undeclared_route_fails_the_build(web: Web) -> None:
    """Requirement 1, with the planted fault: a route that somebody added in a hurry."""
    planted = Flask("planted", static_folder=None)
    for rule in web.app.url_map.iter_rules():
        path, methods = rule.rule.replace("<name:", "<").replace("<record:", "<"), list((rule.methods or set()) - {"HEAD", "OPTIONS"})
        planted.add_url_rule(path, rule.endpoint, web.app.view_functions[rule.endpoint], methods=methods)
    require_declared(planted)
    planted.add_url_rule("/debug", "debug", lambda: "everything")
    with pytest.raises(UndeclaredRoute, match="/debug"):
        require_declared(planted)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_every_credential_that_is_not_good_gets_nothing(web: Web) -> None:
    """Requirements 2, 3 and 5."""
    ids = records(web, MARK)
    for caller in (web.anonymous(), _disabled(web), _ended(web), _revoked(web)):
        assert _leaks(web, caller, ids) == []


def _leaks(web: Web, caller: Caller, ids: dict[str, str]) -> list[object]:
    """What somebody without a good credential got that is not for everybody."""
    found = []
    for address in everything(web):
        before = changes(web) if address.method in WRITES else 0
        answer = call(web, caller, address, ids)
        bad = answer.status_code < 300 and not anonymous_allowed(address) or answer.status_code >= 500 or MARK in answer.text
        if bad or (address.method in WRITES and changes(web) != before):
            found.append((address.method, address.rule.rule, address.object, answer.status_code))
    return found


def test_every_role_gets_what_is_granted_and_no_more(web: Web) -> None:
    """Requirements 3, 4 and 5; records are of the north clinic, `elsewhere` works in the south. PostgreSQL answers for one of all.

    Each role asks every second object, its neighbour the others; `make proof-routes` asks all of all.
    """
    faults: list[object] = []
    for number, login in enumerate(ROLES if web.store.dialect == "sqlite" else ("mixed",)):
        faults += role_faults(web, login, OBJECTS[number % 2::2])
    assert faults == []


def role_faults(web: Web, login: str, objects: Sequence[str] = OBJECTS) -> list[Any]:
    """What is wrong with the answers that somebody with these roles gets about these objects."""
    model, caller, mark = web.store.release().model, signed_in(web, login), f"{MARK}-{login}"
    ids, faults = records(web, mark), []
    readable = {name for name in model.objects if may(model, login, name, "read", "north")}
    for address in (address for address in everything(web) if not address.object or address.object in objects):
        writes = address.method in WRITES
        before = changes(web) if writes else 0
        answer = call(web, caller, address, ids)
        shown = set(re.findall(f"{mark}-([a-z]+)", answer.text))
        wrong = {
            "broken": answer.status_code >= 500, "shows": shown - readable, "wages": "77.77" in answer.text and login != "manager",
            "allowed": answer.status_code < 300 and not _granted(address, login, model),
            "refused": answer.status_code >= 400 and _plainly_granted(address, login, model),
        }
        if writes and changes(web) != before:
            wrong["written"] = not _granted(address, login, model)
            ids = records(web, mark)
        if writes and not address.object:  # it may have been the way out
            caller = signed_in(web, login)
        if any(wrong.values()):
            told = {kind: value for kind, value in wrong.items() if value}
            faults.append((login, address.method, address.rule.rule, address.object, answer.status_code, told))
    return faults


def test_the_matrix_catches_planted_holes(web: Web) -> None:
    """The planted faults: routes that look a record up by its id alone, one declared anonymous, one for whoever is signed in."""
    ids = records(web, f"{MARK}-caller")
    planted = Web(create_app(web.site.settings, store=web.store, clock=web.clock, limits=Limits({})), web.clock, web.folder)

    def show(name: str, id: str) -> str:
        page = planted.site.records.list(ListQuery(object=name, ids=(id,)), system_actor(TODAY))
        return str(page.rows[0].title)

    def make(name: str) -> str:
        return planted.patient(name="written")

    for path, policy in (("/open/<name:name>/<record:id>", Policy.ANONYMOUS), ("/any/<name:name>/<record:id>", Policy.SIGNED_IN)):
        planted.app.add_url_rule(path, path, declare(policy=policy)(lambda name, id: show(name, id)))
    making = declare(policy=Policy.SIGNED_IN, csrf=Csrf.FORM, payload="x")(make)
    planted.app.add_url_rule("/any/<name:name>", "make", making, methods=["POST"])
    require_declared(planted.app)
    planted.site.declarations = declarations(planted.app)
    assert {leak[1] for leak in _leaks(planted, planted.anonymous(), ids)} == {"/open/<name:name>/<record:id>"}
    found = {fault[2]: fault[5] for fault in role_faults(planted, "caller") if fault[3] == "patient" and fault[1] != "HEAD"}
    assert set(found) == {"/open/<name:name>/<record:id>", "/any/<name:name>/<record:id>", "/any/<name:name>"}
    assert found["/any/<name:name>"]["written"] and found["/any/<name:name>/<record:id>"]["shows"] == {"patient"}


_ACTIONS = {
    "create_record": "create", "batch": "create", "new_record": "create", "export_csv": "export", "export_list": "export",
    "update_record": "update", "edit_record": "update", "share_record": "update", "delete_record": "delete", "restore_record": "delete",
}
_WHOLE = {
    "draft_there", "keep_draft", "object_board", "object_calendar", "adjust_list", "save_list", "choose_bulk", "do_bulk", "undo_bulk",
    "create_record", "batch", "new_record", "export_csv", "export_list", "list_records", "object_list", "look_up",
}
"""Routes about an object, for which a grant in any clinic will do; the others are about a record of the north."""


def _granted(address: Address, login: str, model: Model) -> bool:
    """Whether a success is in order."""
    if not address.object:
        return True
    name = address.endpoint.partition(".")[2]
    step = address.rule.arguments & {"transition", "step"}
    action = address.step if step else _ACTIONS.get(name, "read")
    return may(model, login, address.object, action, *(("north", "south") if name in _WHOLE else ("north",)))


def _plainly_granted(address: Address, login: str, model: Model) -> bool:
    """Whether anything but success would be wrong: reading over the API by a role without a rule on rows."""
    reads = address.endpoint in ("api.list_records", "api.get_record", "api.record_history", "api.try_expression")
    return reads and login != "caller" and _granted(address, login, model)


def _disabled(web: Web) -> Caller:
    caller = signed_in(web, "nobody")
    accounts = Accounts(web.store, Passwords(), web.site.new_id)
    accounts.disable(system_actor(TODAY), web.store.release(), person_id("nobody"), web.clock())
    return caller


def _ended(web: Web) -> Caller:
    caller = signed_in(web, "manager")
    Sessions(web.store).end(caller.headers["Cookie"].removeprefix("carework="), web.clock())
    return caller


def _revoked(web: Web) -> Caller:
    tokens = Tokens(web.store, web.site.new_id)
    id, secret = tokens.issue(person_id("manager"), web.clock())
    tokens.revoke(id, person_id("manager"), web.clock())
    return Caller(web.app.test_client(use_cookies=False), {"Authorization": f"Bearer {secret}"})


def test_a_deleted_record_is_restored_only_by_who_may_delete(web: Web) -> None:
    """Requirement 4 for the undo of deletes, through another object's address too."""
    ids = records(web, f"{MARK}-undo")
    web.run(Delete("team_member", ids["team_member"], 1))
    nurse = web.as_("nurse")
    for path in (f"/team_member/{ids['team_member']}/restore", f"/patient/{ids['team_member']}/restore"):
        assert nurse.post(path).status_code in (403, 404)
