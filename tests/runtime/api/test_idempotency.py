"""Idempotency-Key (design; the key is scoped to the person and the route).

1. The same key and body have one effect and one answer; eight threads at once make one record.
2. Another body under the same key is 422; another person's or another route's equal key is another key.
3. An answer that nothing was written is not kept: the same request may succeed later.
4. A request whose process died is settled from the audit: what it had written is its answer, and it is not done again.
"""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from runtime.store import system
from runtime.store.idempotency import ABANDONED, KEPT
from tests.runtime.api.world import Web


def keyed(text: str) -> dict[str, str]:
    return {"Idempotency-Key": text}


def patients(web: Web, name: str) -> int:
    table = web.store.release().tables.object("patient").table
    return web.count(table, table.c.name == name)


def test_a_repeat_gives_the_first_answer(web: Web) -> None:
    """Requirements 1 and 2."""
    nurse = web.as_("nurse")
    first = nurse.post("/patient", {"name": "Once"}, headers=keyed("k1"))
    again = nurse.post("/patient", {"name": "Once"}, headers=keyed("k1"))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data and again.headers["Location"] == first.headers["Location"] and again.headers["ETag"] == '"1"'
    assert again.headers["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first.headers
    assert patients(web, "Once") == 1
    other = nurse.post("/patient", {"name": "Another"}, headers=keyed("k1"))
    assert (other.status_code, other.json["code"]) == (422, "other_request")
    assert web.as_("manager").post("/patient", {"name": "Once"}, headers=keyed("k1")).json["id"] != first.json["id"]
    assert nurse.post("/patient/batch", {"commands": []}, headers=keyed("k1")).status_code == 200


@pytest.mark.parametrize("bad", ["", " ", "x" * 129, "a b", "é", '"'])
def test_an_unreadable_key_is_refused(web: Web, bad: str) -> None:
    """Requirement 1: never ignored."""
    assert web.as_("nurse").post("/patient", {"name": "Bad key"}, headers=keyed(bad)).status_code == 400
    assert patients(web, "Bad key") == 0


def test_a_refusal_is_not_kept(web: Web) -> None:
    """Requirement 3."""
    nurse, blocker = web.as_("nurse"), web.patient(card="IDEM")
    body = {"name": "Later", "card": "IDEM"}
    assert nurse.post("/patient", body, headers=keyed("k3")).status_code == 409
    assert nurse.delete(f"/patient/{blocker}", 1).status_code == 204
    assert nurse.post("/patient", body, headers=keyed("k3")).status_code == 201


def test_eight_at_once_make_one(web: Web) -> None:
    """Requirement 1: the losers are told to wait or get the winner's answer."""
    callers, barrier, answers = [web.as_("nurse") for _ in range(8)], threading.Barrier(8), []

    def send(caller: object) -> None:
        barrier.wait()
        answers.append(caller.post("/patient", {"name": "Eight"}, headers=keyed("k8")))  # type: ignore[attr-defined]

    threads = [threading.Thread(target=send, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert patients(web, "Eight") == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json["id"] for answer in answers if answer.status_code == 201}) == 1
    assert all(answer.headers["Retry-After"] == "1" for answer in answers if answer.status_code == 409)


def test_a_request_that_died_is_settled(web: Web) -> None:
    """Requirement 4: the effect is there, the answer is not."""
    nurse = web.as_("nurse")
    first = nurse.post("/patient", {"name": "Died"}, headers=keyed("k9"))
    with web.store.write() as connection:
        died = {"status": None, "response": first.headers["X-Request-Id"].encode()}
        connection.execute(sa.update(system.idempotency).where(system.idempotency.c.key == "k9").values(died))
    nurse = web.as_("nurse")
    assert nurse.post("/patient", {"name": "Died"}, headers=keyed("k9")).status_code == 409
    web.clock.advance(seconds=ABANDONED.total_seconds() + 1)
    again = nurse.post("/patient", {"name": "Died"}, headers=keyed("k9"))
    assert (again.json["id"], again.json["version"]) == (first.json["id"], 1)
    assert patients(web, "Died") == 1


def test_one_that_died_before_its_effect_is_done(web: Web) -> None:
    """Requirement 4, and keys are forgotten after a day."""
    nurse = web.as_("nurse")
    nurse.post("/patient", {"name": "Never"}, headers=keyed("k10"))
    with web.store.write() as connection:
        died = {"status": None, "response": b"0" * 32}
        connection.execute(sa.update(system.idempotency).where(system.idempotency.c.key == "k10").values(died))
    web.clock.advance(seconds=ABANDONED.total_seconds() + 1)
    assert nurse.post("/patient", {"name": "Never"}, headers=keyed("k10")).status_code == 201
    assert patients(web, "Never") == 2
    web.clock.advance(seconds=KEPT.total_seconds() + 1)
    assert web.as_("nurse").post("/patient", {"name": "Never again"}, headers=keyed("k10")).status_code == 201
