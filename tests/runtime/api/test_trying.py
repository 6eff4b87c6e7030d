"""Trying an expression over the API: the value, its type and its parts, as the caller may see them.

1. Value, type and trace of an expression on a record, on values alone, and on a record with some values changed.
2. A value that the caller may not see is null: with the right to design it is named, without it its name does not exist.
3. What cannot be tried is refused as a problem with code, place in the text and way out; nothing is a 5xx.
4. Whoever may not read the object, or the record, gets what she gets of something absent; what was read is in the view audit.
5. The texts are those of the caller's language.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.expressions.limits import MAX_CHARACTERS
from tests.fixtures.databases import Backend
from tests.runtime.api.world import FILES, Caller, Web, build, person_id
from tests.spent import quick

DESIGNER = {"roles/watcher.yaml": "name: watcher\nsystem: [design]\ngrants:\n  people: {object: patient, can: [read], hide: [born]}\n"}
TABLES = {
    "decisions/feeling.yaml": "name: feeling\ninputs: {pain: {type: integer, min: 0, max: 10}}\noutputs: {says: {type: text}}\nhit: first\n"
                              "rules: {bad: {when: {pain: '> 6'}, then: bad}, well: {when: {pain: 0}, then: well}}\ndefault: so so\n",
    "scores/worry.yaml": "name: worry\non: patient\nitems:\n  poor: {if: 'wages < 50.00', points: 2}\n  old: {if: 'age(born) > 60', points: 1}\n",
}

ROWS = {"objects/visit.yaml": FILES["objects/visit.yaml"].replace("to: patient, required: true}", "to: patient, required: true, inverse: visits}")}


@pytest.fixture(scope="module")
def web(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The chain with a table, a score and somebody who designs."""
    url = backend.prepared("api-chain", build)
    opened = Web.open(url, tmp_path_factory.mktemp("keys"))
    opened.publish({**DESIGNER, **TABLES, **ROWS})
    opened.store.releases.refresh()
    yield opened
    opened.close()
    backend.drop(url)


@pytest.fixture(scope="module")
def patient(web: Web) -> str:
    return web.patient(name="Chen", born="1950-03-02", wages="10.00", sex="female")


def tried(caller: Caller, expression: str, object: str = "patient", **more: Any) -> dict[str, Any]:
    answer = caller.post(f"/{object}/try", {"expression": expression, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


@pytest.mark.parametrize(("expression", "value", "kind"), [
    ("age(born) + 1", 77, "integer"), ("wages * 2", "20", "decimal"), ("sex", "female", "option of base:sex"), ("born", "1950-03-02", "date"),
    ("sex in ['male', 'female'] && age(born) > 70", True, "boolean"), ("doctor.name", None, "text"), ("feeling(7)", "bad", "text"),
    ("worry()", 3, "integer"), ("[1, 2].map(x, x * 2)", [2, 4], "list of integer"), ("today", "2026-03-02", "date"),
    ("user.roles", ["manager"], "list of text"), ("{'a': 1}", {"a": 1}, "map of text to integer"), ("1 / 0", None, "decimal"),
])
def test_on_a_record(web: Web, patient: str, expression: str, value: object, kind: str) -> None:
    """Requirement 1: everything as JSON that says it all."""
    found = tried(web.as_("manager"), expression, id=patient)
    assert (found["value"], found["type"], found["hidden"]) == (value, kind, [])
    assert found["trace"]["text"] == expression
    assert found["trace"]["value"] == value


def test_the_trace_has_every_part(web: Web, patient: str) -> None:
    """Requirement 1: parts with their places in the text and what they came to."""
    found = tried(web.as_("manager"), "age(born) > 70 && wages > 50.00", id=patient)
    parts: list[tuple[str, Any]] = []

    def walk(step: dict[str, Any]) -> None:
        assert found["expression"][step["start"]:step["end"]] == step["text"]
        parts.append((step["text"], step["value"]))
        for part in step["parts"]:
            walk(part)

    walk(found["trace"])
    assert set(parts) >= {("age(born) > 70", True), ("age(born)", 76), ("born", "1950-03-02"), ("wages > 50.00", False), ("wages", "10")}


def test_the_trace_of_a_table(web: Web, patient: str) -> None:
    """Requirement 1: which rules match, and what each item counts, where the call stands; hidden values count for nothing known."""
    manager = web.as_("manager")
    found = tried(manager, "feeling(age(born) - 70) == 'so so'", id=patient)["trace"]["parts"][0]
    assert found["text"] == "feeling(age(born) - 70)"
    assert found["table"] == {"name": "feeling", "label": "Feeling", "parts": [
        {"name": "bad", "label": "Bad", "value": False}, {"name": "well", "label": "Well", "value": False}]}
    items = tried(manager, "worry() + 1", id=patient)["trace"]["parts"][0]["table"]["parts"]
    assert [(item["label"], item["value"]) for item in items] == [("Poor", 2), ("Old", 1)]
    hidden = tried(web.as_("watcher"), "worry()", id=patient)["trace"]["table"]["parts"]
    assert [item["value"] for item in hidden] == [None, None]


def test_on_values(web: Web, patient: str) -> None:
    """Requirement 1: values alone, a record with some of them changed, formulas over them, and another day."""
    manager = web.as_("manager")
    assert tried(manager, "age(born)", values={"born": "2000-03-03"})["value"] == 25
    assert tried(manager, "age(born)", values={"born": "2000-03-03"}, now="2026-03-02T16:00:00Z")["value"] == 26
    assert tried(manager, "born", id=patient, values={"wages": "1.00"})["value"] == "1950-03-02"
    assert tried(manager, "worry()", id=patient, values={"wages": "100.00"})["value"] == 1
    assert tried(manager, "doctor.name", values={"doctor": person_id("nurse")})["value"] == "Nurse"
    assert tried(manager, "late", "visit", values={"day": "2020-01-01"})["value"] is True
    assert tried(manager, "name", values={})["value"] is None


def test_hidden_values(web: Web, patient: str) -> None:
    """Requirement 2."""
    designer, nurse = web.as_("watcher"), web.as_("nurse")
    found = tried(designer, "age(born) > 70 || wages < 50.00 || name == 'Chen'", id=patient)
    assert found["value"] is True
    assert found["hidden"] == ["born", "wages"]
    assert "1950" not in str(found) and "76" not in str(found)
    assert tried(designer, "worry()", id=patient)["value"] is None
    answer = nurse.post("/patient/try", {"expression": "wages < 50.00", "id": patient})
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (400, "EXPR-002")
    score = nurse.post("/patient/try", {"expression": "worry()", "id": patient})
    assert (score.status_code, score.json["errors"][0]["code"]) == (400, "EXPR-005")
    assert tried(nurse, "feeling(0)", id=patient)["value"] == "well"


def test_a_long_computation_is_not_traced(web: Web) -> None:
    """Requirement 3: what is allowed to take 100,000 steps is computed once, not once for each of its parts."""
    numbers = str(list(range(20)))
    text = f"{numbers}.map(a, {numbers}.map(b, {numbers}.map(c, a + b + c).sum()).sum()).sum()"
    found = quick(lambda: tried(web.as_("manager"), text), below=0.5)
    assert (found["value"], found["trace"]) == (sum(a + b + c for a in range(20) for b in range(20) for c in range(20)), None)


@pytest.mark.parametrize(("login", "expression", "value"), [
    ("manager", "visits.count()", 3), ("manager", "visits.map(v, v.fee)", ["10", "20", None]), ("manager", "visits.sum(v, v.fee)", "30"),
    ("manager", "visits.exists(v, v.kind == 'check' && v.late)", True), ("manager", "size(visits.filter(v, v.fee > 15.00))", 1),
    ("watcher", "visits.count()", 0), ("watcher", "visits.map(v, v.fee)", []),
])
def test_child_rows(web: Web, login: str, expression: str, value: object) -> None:
    """Requirements 1 and 2: rows that the caller may not read do not count; of the others the trace has the items."""
    patient = web.patient(name="Visited")
    for kind, fee, day in (("check", "10.00", "2020-01-01"), ("talk", "20.00", None), (None, None, None)):
        web.make("visit", None, patient=patient, kind=kind, fee=fee, day=day)
    found = tried(web.as_(login), expression, id=patient)
    assert found["value"] == value
    macros = [found["trace"], *found["trace"]["parts"]]
    items = next((macro["items"] for macro in macros if "items" in macro), [])
    assert len(items) == {"watcher": 0}.get(login, 1 if "size" in expression else 3)
    assert tried(web.as_("manager"), "patient.visits.count()", "visit", values={"patient": patient})["value"] == 3


def test_problems(web: Web) -> None:
    """Requirement 3: code, offset, message and way out."""
    answer = web.as_("manager").post("/patient/try", {"expression": "age(born) > 3 && nmae == 'x'"})
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    [error] = answer.json["errors"]
    assert (error["code"], error["offset"], error["pointer"]) == ("EXPR-002", 17, "#/expression")
    assert "name" in error["message"] and error["fix"]
    headers = {"Accept-Language": "zh"}
    chinese = web.as_("manager").send("POST", "/patient/try", json={"expression": "nmae == 'x'"}, headers=headers)
    [error] = chinese.json["errors"]
    assert (error["message"], error["fix"]) == ("当前范围中没有“nmae”。是不是“name”？", "请使用已有的名称，或先定义它。")
    listed = web.as_("manager").send("GET", "/patient?filter=born %3E 3", headers=headers)
    assert (listed.status_code, listed.json["errors"][0]["message"]) == (400, "“>”不能用于日期和整数。请使用类型相配的值。"), listed.json


@pytest.mark.parametrize(("body", "pointer"), [
    ({}, "#"), ({"expression": 5}, "#/expression"), ({"expression": "x" * (MAX_CHARACTERS + 1)}, "#/expression"),
    ({"expression": ""}, "#/expression"),
    ({"expression": "1", "id": "x"}, "#/id"), ({"expression": "1", "values": []}, "#/values"), ({"expression": "1", "now": "soon"}, "#/now"),
    ({"expression": "1", "now": 5}, "#/now"),
    ({"expression": "1", "as": "me"}, "#/as"), ({"expression": "1", "values": {"nmae": 1}}, "#/values/nmae"),
    ({"expression": "1", "values": {"born": "yesterday"}}, "#/values/born"), ({"expression": "1", "values": {"sex": 5}}, "#/values/sex"),
    ({"expression": "(" * 500}, "#/expression"), ({"expression": "name.matches('(a+)+')"}, "#/expression"),
])
def test_bad_bodies(web: Web, body: dict[str, Any], pointer: str) -> None:
    """Requirement 3: each is a 400 that points at what is wrong."""
    answer = web.as_("manager").post("/patient/try", body)
    assert answer.status_code == 400, answer.text
    assert answer.json["errors"][0]["pointer"] == pointer


def test_who_may(web: Web, patient: str) -> None:
    """Requirement 4: nothing for who may not read, and no difference between hidden and absent."""
    body = {"expression": "name", "id": patient}
    assert web.anonymous().post("/patient/try", body).status_code == 401
    for login in ("caller", "operator", "nobody"):
        assert web.as_(login).post("/patient/try", body).status_code == 404
    elsewhere = web.as_("elsewhere")
    hidden, absent = elsewhere.post("/patient/try", body), elsewhere.post("/patient/try", {**body, "id": "0" * 32})
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert {**hidden.json, "request_id": ""} == {**absent.json, "request_id": ""}
    assert web.as_("manager").post("/nothing/try", body).status_code == 404


def test_what_is_read_is_audited(web: Web, patient: str) -> None:
    """Requirement 4."""
    before = len(web.views())
    tried(web.as_("manager"), "name", id=patient)
    [entry] = web.views()[before:]
    assert (entry.kind, entry.actor) == ("record", person_id("manager"))
    assert patient in str(entry.ids)
    tried(web.as_("manager"), "1 + 1")
    assert len(web.views()) == before + 1


def test_two_languages(web: Web, patient: str) -> None:
    """Requirement 5."""
    designer = web.as_("watcher")
    body = {"expression": "born", "id": patient}
    english = designer.post("/patient/try", body).json["trace"]
    chinese = designer.send("POST", "/patient/try", json=body, headers={"Accept-Language": "zh"}).json["trace"]
    assert (english["why"], english["because"], chinese["because"]) == ("hidden", "not visible", "无权查看")
