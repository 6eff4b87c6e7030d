"""The API's description, and that it does what it says.

1. It is valid OpenAPI 3.1 for every kind of caller, and holds nothing that the caller may not see.
2. Requests made from it at random, good and bad, give no 500 and only what it describes (schemathesis).
3. A publish shows up in the API and in the description without a restart, with the old records there (hot swap).
"""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.fixtures.databases import Backend
from tests.runtime.api.world import FILES, PEOPLE, Web


@pytest.fixture(scope="module")
def backend(sqlite_backend: Backend) -> Backend:
    """What is described does not depend on the database; what the database is asked does, in the tests of each route."""
    return sqlite_backend


@pytest.mark.parametrize("login", PEOPLE)
def test_it_is_valid_and_narrow(web: Web, login: str) -> None:
    """Requirement 1."""
    caller = web.as_(login)
    document = caller.get("/openapi.json").json
    OpenAPIV31SpecValidator(document).validate()
    objects = {entry["name"] for entry in caller.get("/me").json["objects"]}
    assert {tag["name"] for tag in document["tags"]} == objects
    text = str(document)
    if login not in ("manager",):
        assert "wages" not in text
    if login in ("desk", "caller", "nobody", "operator"):
        assert "born" not in text
    if login in ("nobody", "operator"):
        assert set(document["paths"]) <= {"/me", "/search", "/attachments"}
    assert ("/patient/export.csv" in document["paths"]) == (login in ("desk", "manager", "mixed"))


def test_it_speaks_two_languages(web: Web) -> None:
    """Requirement 1: labels by Accept-Language."""
    nurse = web.as_("nurse")
    english = nurse.get("/openapi.json").json
    chinese = nurse.send("GET", "/openapi.json", headers={"Accept-Language": "zh"}).json
    titles = [d["components"]["schemas"]["patient"]["properties"]["name"]["title"] for d in (english, chinese)]
    assert titles == ["Name", "姓名"]


@pytest.mark.parametrize("mode", schemathesis.GenerationMode)
def test_random_requests_keep_the_contract(web: Web, mode: schemathesis.GenerationMode) -> None:
    """Requirement 2, with the rights of a manager."""
    manager, sent = web.as_("manager"), []
    web.task()
    schema = schemathesis.openapi.from_dict(manager.get("/openapi.json").json)
    schema.app = web.app
    conforms = schemathesis.checks.CHECKS.get_one("response_schema_conformance")

    def check(case: schemathesis.Case) -> None:
        case.headers = {**(case.headers or {}), **manager.headers}
        response = case.call()
        sent.append(response.status_code)
        assert response.status_code < 500, (case.method, case.path, response.text)
        case.validate_response(response, checks=[conforms])

    few = settings(
        max_examples=4, deadline=None, derandomize=True, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode is schemathesis.GenerationMode.NEGATIVE and not (operation.body or operation.query):
            continue
        few(given(case=operation.as_strategy(generation_mode=mode))(check))()
    assert len(sent) > 40


def test_a_publish_shows_without_a_restart(web: Web) -> None:
    """Requirement 3."""
    nurse, id = web.as_("nurse"), web.patient(name="Before")
    assert nurse.get(f"/patient?fields=blood&filter=id == '{id}'").status_code == 400
    before = nurse.get("/me").json["release"]
    more = FILES["base/objects/patient.yaml"].replace("  card:", "  blood: {type: choice, options: {a: {}, b: {}}}\n  card:")
    assert web.publish({"base/objects/patient.yaml": more}) != before
    web.store.releases.refresh()
    assert nurse.get(f"/patient/{id}").json["blood"] is None
    assert nurse.patch(f"/patient/{id}", {"blood": "a"}, 1).status_code == 200
    assert [i["id"] for i in nurse.get("/patient", filter="blood == 'a'").json["items"]] == [id]
    document = nurse.get("/openapi.json").json
    assert document["components"]["schemas"]["patient.update"]["properties"]["blood"]["anyOf"][0]["enum"] == ["a", "b"]
    assert document["info"]["version"] == nurse.get("/me").json["release"][:12] != before[:12]
