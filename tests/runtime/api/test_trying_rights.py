"""Trying an expression tells no more than the list and the page: what is hidden in this very record, or hangs on a hidden one.

1. A formula that is hidden in the record stays hidden when some values of the record are given anew.
2. Child rows behind a link count only where the record that they hang on may be read, as in a filter of the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fixtures.databases import Backend
from tests.runtime.api.test_trying import ROWS, tried
from tests.runtime.api.world import FILES, Caller, Web, build

RIGHTS = {
    **ROWS,
    "base/objects/patient.yaml": FILES["base/objects/patient.yaml"].replace(
        "unique:", "  grade: {type: integer, formula: \"wages > 5.00 ? 7 : 1\"}\nunique:"),
    "roles/watcher.yaml": """
name: watcher
grants:
  people: {object: patient, can: [read], show: [wages], rows: "sex == 'male'"}
  visits: {object: visit, can: [read]}
denials:
  born: {object: patient, hide: [grade], rows: "has(born)"}
""",
}


@pytest.fixture(scope="module")
def web(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The chain with somebody who may read some patients, not all of some of them, and every visit."""
    url = backend.prepared("api-chain", build)
    opened = Web.open(url, tmp_path_factory.mktemp("keys"))
    opened.publish(RIGHTS)
    opened.store.releases.refresh()
    yield opened
    opened.close()
    backend.drop(url)


def listed(caller: Caller, filter: str) -> list[str]:
    answer: Any = caller.get("/visit", filter=filter).json
    return [row["id"] for row in answer["items"]]


def test_a_formula_hidden_in_the_record(web: Web) -> None:
    """Requirement 1: with and without given values; in a record where it is not hidden it is computed from them."""
    watcher = web.as_("watcher")
    hidden = web.patient(name="Chen", sex="male", born="1950-03-02", wages="10.00")
    shown = web.patient(name="Zhao", sex="male", wages="10.00")
    for values in ({}, {"name": "Li"}, {"wages": "1.00"}):
        found = tried(watcher, "grade", id=hidden, values=values)
        assert (found["value"], found["hidden"]) == (None, ["grade"])
    assert tried(watcher, "grade", id=shown, values={"name": "Li"})["value"] == 7
    assert tried(watcher, "grade", id=shown, values={"wages": "1.00"})["value"] == 1
    assert tried(watcher, "grade", values={"wages": "10.00"})["value"] == 7


def test_child_rows_of_a_hidden_record(web: Web) -> None:
    """Requirement 2: whether the link is the record's own or given; the list agrees."""
    watcher = web.as_("watcher")
    hidden, shown = (web.patient(name="Chen", sex=sex) for sex in ("female", "male"))
    visits = [web.make("visit", None, patient=patient, kind="x") for patient in (hidden, shown)]
    text = "patient.visits.exists(v, v.kind == 'x')"
    of_hidden, of_shown = (tried(watcher, text, "visit", id=visit) for visit in visits)
    assert (of_hidden["value"] is True, of_hidden["hidden"]) == (False, ["patient.id"])
    assert (of_shown["value"], of_shown["hidden"]) == (True, [])
    assert tried(watcher, text, "visit", id=visits[1], values={"patient": hidden})["value"] is not True
    assert tried(watcher, text, "visit", id=visits[0], values={"patient": shown})["value"] is True
    for filter in (text, "patient.visits.count() == 1"):
        assert listed(watcher, filter) == [visits[1]]
    zero = "patient.visits.count() == 0"
    assert listed(watcher, zero) == [visit for visit in visits if tried(watcher, zero, "visit", id=visit)["value"] is True]
