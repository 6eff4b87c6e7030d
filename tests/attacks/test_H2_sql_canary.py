"""H2, the SQL canary: what anybody sends or defines reaches the database as a bound value, never as text of a statement.

Every statement of the application is watched while every input position carries a canary with both quotes: keys and values of JSON,
parameters, headers, path segments, file names, forms, and everything in definitions that may hold free text.

1. The canary is in no statement's text, on either database.
2. It does arrive as a bound value, so the harness sees the positions that it attacks.
3. A name of a definition cannot carry it: names are refused by the compiler.
4. A route that formats SQL is caught (the planted fault).
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from runtime.records.commands import Transition
from runtime.web.routes import Policy, declarations, declare
from tests.attacks.matrix import records
from tests.attacks.test_H7_route_matrix import signed_in
from tests.builders import problems_of
from tests.runtime.api.world import FILES, Caller, Web

CANARY = "zq'7\"k"
MARK = "zq'"
TEXT, LITERAL = "zq'7\\\"k", "'zq\\\\'7\\\"k'"
"""The canary inside double quotes of YAML: as a text, and as a literal of an expression."""
DEFINED = {
    "objects/visit.yaml": FILES["objects/visit.yaml"].replace("{patient.name} ·", f"{{patient.name}} {TEXT}")
    .replace("label: {en: Visit, zh: 就诊}", f"label: {{en: \"{TEXT}\", zh: 就诊}}")
    .replace("  late:", f"  odd: {{type: boolean, formula: \"kind == {LITERAL}\"}}\n  kept: {{type: text, default: \"{TEXT}\"}}\n  late:")
    .replace("{rule: \"fee == null || kind != null\"", f"{{rule: \"fee == null || kind != {LITERAL}\""),
    "roles/nurse.yaml": FILES["roles/nurse.yaml"].replace(
        "  visits: {object: visit, can: [read, create, update, delete]}",
        f"  visits: {{object: visit, can: [read, create, update, delete], rows: \"kind == null || kind + 'x' != {LITERAL}\"}}"),
}


class Watch:
    """Statements whose text holds the canary, and how many had it among their values."""

    def __init__(self) -> None:
        self.spilt: list[str] = []
        self.bound = 0
        self.seen = 0

    def __call__(self, connection: object, cursor: object, statement: str, parameters: object, context: object, many: bool) -> None:
        self.seen += 1
        if "zq" in statement:
            self.spilt.append(statement)
        if "zq" in str(parameters):
            self.bound += 1


@contextlib.contextmanager
def watched() -> Iterator[Watch]:
    """Watches every engine of the process."""
    watch = Watch()
    sa.event.listen(Engine, "before_cursor_execute", watch)
    try:
        yield watch
    finally:
        sa.event.remove(Engine, "before_cursor_execute", watch)


@pytest.fixture(scope="module")
def ids(web: Web) -> dict[str, str]:
    """Records under definitions that hold the canary wherever they may."""
    web.publish(DEFINED)
    web.store.releases.refresh()
    return records(web, CANARY)


def attack_queries(caller: Caller, ids: dict[str, str]) -> None:
    """Parameters and their names, headers, path segments."""
    quoted = CANARY.replace("'", "\\'")
    for object in ("patient", "visit", "task", "staff", CANARY):
        for name in ("filter", "sort", "limit", "after", "fields", "view", CANARY):
            for value in (CANARY, f"-{CANARY}", f"name,{CANARY}", f"name == '{quoted}'", f"kind == '{quoted}'",
                          f"startsWith(name, '{quoted}')", f"name in ['{quoted}']",
                          f"contains(name, '{quoted}') || name matches '{CANARY[:2]}.*'"):
                assert caller.get(f"/{object}", **{name: value}).status_code < 500, (object, name, value)
    for path in (f"/patient/{CANARY}", f"/patient/{ids['patient']}/{CANARY}", f"/patient/{ids['patient']}/attachments/{CANARY}",
                 f"//o/patient?q={CANARY}", f"//o/visit?kind={CANARY}&sort={CANARY}&after={CANARY}&{CANARY}=1",
                 f"//o/patient/lookup?q={CANARY}", f"//{CANARY}", f"//o/{CANARY}", f"//static/{CANARY}", f"//o/patient/{CANARY}"):
        assert caller.get(path).status_code < 500, path
    names = ("If-Match", "Idempotency-Key", "Accept-Language", "X-CSRFToken", "User-Agent", "X-Forwarded-For", "X-Request-Id", "Referer")
    for name in names:
        assert caller.send("GET", "/patient", headers={name: CANARY}).status_code < 500
    for secret in (f"Bearer cw_{CANARY}", f"Bearer {CANARY}"):
        assert caller.send("GET", "/patient", headers={"Authorization": secret}).status_code == 401
    assert caller.send("GET", "/patient", headers={"Cookie": f"carework={CANARY}; carework-language={CANARY}"}).status_code in (200, 401)


def attack_writes(caller: Caller, ids: dict[str, str]) -> None:
    """Keys and values of bodies, forms, files, reasons."""
    quoted = {"patient": {"name": CANARY, "phone": CANARY, "card": None},
              "visit": {"patient": ids["patient"], "kind": CANARY, "tags": [CANARY]},
              "task": {"visit": ids["visit"], "step": CANARY, "assignee": CANARY}, "staff": {"name": CANARY}}
    for object, body in quoted.items():
        odd = {CANARY: {CANARY: [CANARY]}}
        for sent in (body, {**body, CANARY: CANARY}, dict.fromkeys(body, CANARY), odd, {**body, "clinic_id": CANARY}):
            assert caller.post(f"/{object}", sent).status_code < 500
            assert caller.patch(f"/{object}/{ids[object]}", sent, 1).status_code < 500
            assert caller.post(f"/{object}/batch", {"commands": [{"create": sent}], CANARY: 1}).status_code < 500
            commands = [{"create": sent}, {"update": {"id": CANARY, "version": 1}}]
            assert caller.post(f"/{object}/batch", {"commands": commands[:1], "atomic": False}).status_code < 500
            assert caller.post(f"/{object}/batch", {"commands": commands, "atomic": False}).status_code < 500
        assert caller.post(f"/{object}", body, headers={"Idempotency-Key": CANARY.replace('"', "")}).status_code < 500
        form = {**{key: str(value) for key, value in body.items()}, CANARY: CANARY, "release": CANARY, "version": CANARY}
        for path in (f"//o/{object}/new", f"//o/{object}/{ids[object]}/edit", f"//o/{object}/{ids[object]}/share"):
            assert caller.send("POST", path, data=form).status_code < 500, path
    for body in ({"reason": CANARY, "values": {CANARY: CANARY, "pain": CANARY}}, {"reason": CANARY}, {CANARY: CANARY}):
        for step in ("start", "drop", "finish", CANARY):
            assert caller.post(f"/task/{ids['task']}/transitions/{step}", body).status_code < 500
    file = {"file": (io.BytesIO(CANARY.encode()), f"{CANARY}.txt")}
    kept = caller.send("POST", "/attachments", data=file)
    assert kept.status_code == 201
    assert caller.post("/patient", {"name": CANARY, "photo": kept.json["id"]}).status_code == 201


def test_no_statement_holds_what_was_sent(web: Web, ids: dict[str, str]) -> None:
    """Requirements 1 and 2."""
    with watched() as watch:
        for login in ("nurse", "manager", "desk"):
            caller = signed_in(web, login)
            attack_queries(caller, ids)
            if login != "desk":
                attack_writes(caller, ids)
        web.run(Transition("task", web.task(), "drop", reason=CANARY))
        for name, id in ids.items():
            for path in (f"/{name}/{id}", f"/{name}/{id}/history", f"//o/{name}/{id}", f"/{name}/export.csv"):
                assert signed_in(web, "manager").get(path).status_code < 500
    assert watch.spilt == []
    assert watch.bound > 50 and watch.seen > 500


def test_what_is_defined_is_bound_too(web: Web, ids: dict[str, str]) -> None:
    """Requirements 1 and 2: literals of rules, formulas, titles, defaults and labels."""
    with watched() as watch:
        nurse = web.as_("nurse")
        made = nurse.post("/visit", {"patient": ids["patient"], "kind": CANARY})
        assert made.status_code == 201
        read = nurse.get(f"/visit/{made.json['id']}").json
        assert (read["odd"], read["kept"], read["kind"]) == (True, CANARY, CANARY)
        assert nurse.get("/visit", filter="odd == true").json["items"]
        assert nurse.get("/visit", filter=f"kind == '{CANARY.replace(chr(39), chr(92) + chr(39))}'").json["items"]
    assert watch.spilt == [] and watch.bound > 2


@pytest.mark.parametrize(
    "files",
    [{"objects/x.yaml": "name: \"zq'7\"\nlabel: X\nfields: {a: {type: text}}\n"},
     {"objects/x.yaml": "name: x\nlabel: X\nfields: {\"zq'7\": {type: text}}\n"},
     {"objects/x.yaml": "name: x\nlabel: X\nfields: {a: {type: text, id: \"core:x.zq'7\"}}\n"},
     {"objects/x.yaml": "name: x\nlabel: X\nfields: {a: {type: text}}\nunique: {\"zq'7\": [a]}\n"},
     {"objects/x.yaml": "name: x\nlabel: X\nfields: {a: {type: text, was: [\"zq'7\"]}}\n"},
     {"choices/x.yaml": "name: x\noptions: {\"zq'7\": {}}\n"}],
)
def test_names_cannot_carry_it(files: dict[str, str]) -> None:
    """Requirement 3."""
    assert any(not problem.warning for problem in problems_of(files))


def test_a_route_that_formats_sql_is_caught(web: Web) -> None:
    """Requirement 4: the planted fault."""
    from runtime.web.app import create_app

    app = create_app(web.site.settings, store=web.store, clock=web.clock)
    site = app.extensions["carework"]

    def search(text: str) -> str:
        with contextlib.suppress(Exception), site.store.read() as connection:
            connection.exec_driver_sql(f"SELECT id FROM cw_user WHERE login = '{text}'")
        return "found"

    app.add_url_rule("/search/<text>", "search", declare(policy=Policy.ANONYMOUS)(search))
    site.declarations = declarations(app)
    with watched() as watch:
        assert app.test_client().get(f"/search/{CANARY}").status_code == 200
    assert len(watch.spilt) == 1 and MARK in watch.spilt[0]
