"""The search box by the API: the finds of screens as JSON, by the same rights.

1. `{items: [{object, id, title, because}], more}`, at most `limit` of each object, only of `objects` where they are named.
2. What cannot be looked for is 400 and names the parameter.
"""

from __future__ import annotations

from tests.runtime.api.world import Web


def test_finds(web: Web) -> None:
    """Requirement 1."""
    ids = [web.patient(name=f"Ulrike Search{n}", phone="13812340909") for n in range(3)]
    nurse = web.as_("nurse")
    found = nurse.get("/search", q="ulrike", limit=2).json
    assert [(item["object"], item["id"], item["title"]) for item in found["items"]] == [
        ("patient", ids[2], "Ulrike Search2"), ("patient", ids[1], "Ulrike Search1")]
    assert (found["more"], found["items"][0]["because"]) == (["patient"], {})
    assert nurse.get("/search", q="0909").json["items"][0]["because"] == {"phone": "13812340909"}
    assert nurse.get("/search", q="ulrike", objects="task").json == {"items": [], "more": []}
    assert web.as_("desk").get("/search", q="0909").json == {"items": [], "more": []}
    once = nurse.get("/search", q="ulrike", objects="patient").json
    assert nurse.get("/search", q="ulrike", objects=",".join(["patient"] * 200)).json == once


def test_what_cannot_be_looked_for(web: Web) -> None:
    """Requirement 2."""
    nurse = web.as_("nurse")
    for parameters, wrong in (
        ({}, "q"), ({"q": " "}, "q"), ({"q": "x" * 161}, "q"), ({"q": "a", "limit": "0"}, "limit"), ({"q": "a", "limit": "51"}, "limit"),
        ({"q": "a", "sort": "name"}, "sort"),
        ({"q": "a", "objects": "patient,nonsense"}, "objects"),
    ):
        answer = nurse.get("/search", **parameters)
        assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, wrong)
