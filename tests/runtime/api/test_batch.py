"""Many commands at once (semantics, "Audit store": batch).

1. Atomic (the default): all or nothing; the answer is the first refusal with every outcome and every pointer.
2. Not atomic: each for itself, 200 with an outcome each.
3. A body of another shape is 400 with its pointer; at most 500 commands.
"""

from __future__ import annotations

import pytest

from runtime.store import system
from tests.runtime.api.world import Web


def test_atomic_writes_all_or_nothing(web: Web) -> None:
    """Requirement 1."""
    nurse, id = web.as_("nurse"), web.patient()
    good = {"update": {"id": id, "version": 1, "card": "B-1"}}
    before = web.count(system.history)
    bad = [{"create": {"name": "A", "born": "x"}}, {"delete": {"id": "e" * 32, "version": 1}}]
    refused = nurse.post("/patient/batch", {"commands": [good, *bad]})
    assert refused.status_code == 400, refused.json
    assert refused.json["errors"][0]["pointer"] == "#/commands/1/create/born"
    assert len(refused.json["outcomes"]) == 3
    assert web.count(system.history) == before
    done = nurse.post("/patient/batch", {"commands": [good, {"create": {"name": "A"}}]})
    assert done.status_code == 200 and [o["version"] for o in done.json["outcomes"]] == [2, 1]


def test_not_atomic_leaves_the_refused_out(web: Web) -> None:
    """Requirement 2."""
    nurse, id = web.as_("nurse"), web.task()
    commands = [
        {"transition": {"id": id, "name": "start"}}, {"transition": {"id": id, "name": "start"}},
        {"transition": {"id": id, "name": "finish", "values": {"pain": 2}, "reason": "fine"}},
        {"update": {"id": "e" * 32, "version": 1, "step": "x"}},
    ]
    answer = nurse.post("/task/batch", {"commands": commands, "atomic": False})
    assert answer.status_code == 200
    assert [outcome.get("status", 200) for outcome in answer.json["outcomes"]] == [200, 409, 200, 404]
    assert nurse.get(f"/task/{id}").json["status"] == "done"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({}, "#"), ({"commands": {}}, "#/commands"), ({"commands": [], "atomic": 1}, "#/atomic"), ({"commands": [], "x": 1}, "#"),
     ({"commands": [5]}, "#/commands/0"), ({"commands": [{"create": {}, "delete": {}}]}, "#/commands/0"),
     ({"commands": [{"purge": {}}]}, "#/commands/0"), ({"commands": [{"create": 5}]}, "#/commands/0/create"),
     ({"commands": [{"update": {"id": "x", "version": 1}}]}, "#/commands/0/update/id"),
     ({"commands": [{"update": {"id": "a" * 32}}]}, "#/commands/0/update"),
     ({"commands": [{"update": {"id": "a" * 32, "version": "1"}}]}, "#/commands/0/update/version"),
     ({"commands": [{"delete": {"id": "a" * 32, "version": 1, "x": 1}}]}, "#/commands/0/delete"),
     ({"commands": [{"transition": {"id": "a" * 32, "name": 1}}]}, "#/commands/0/transition/name"),
     ({"commands": [{"transition": {"id": "a" * 32, "name": "start", "reason": 1}}]}, "#/commands/0/transition/reason"),
     ({"commands": [{"create": {}}] * 501}, "#/commands")],
)
def test_shapes(web: Web, body: dict[str, object], pointer: str) -> None:
    """Requirement 3."""
    answer = web.as_("nurse").post("/patient/batch", body)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (400, pointer)


def test_five_hundred_are_one_transaction(web: Web) -> None:
    """Requirement 3."""
    body = {"commands": [{"create": {"name": f"Bulk {n}"}} for n in range(500)]}
    answer = web.as_("nurse").post("/patient/batch", body)
    assert (answer.status_code, len(answer.json["outcomes"])) == (200, 500)
