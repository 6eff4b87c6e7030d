"""Plans by the API: see them, begin one, stop one.

1. Whoever may change the record puts it on a plan, once however often she asks, and takes it off, saying why; both are audited.
2. Who may not change it cannot; who may not see what the plan makes, or the patient, sees and does nothing.
3. The list says what was, is and comes, by date; looking at it is audited as a view.
4. A record about which something is hidden from the reader answers with the same bytes whatever that is.
5. The description has these routes, for those who may use them.
"""

from __future__ import annotations

import pytest

from runtime.plans import timeline
from runtime.records.commands import Update
from runtime.store import system
from tests.fixtures.databases import Backend
from tests.runtime.plans.world import NORTH, ClinicWeb


@pytest.fixture(scope="module")
def backend(sqlite_backend: Backend) -> Backend:
    """What the screens and the API say does not depend on the database; what enrols does, in `test_following`."""
    return sqlite_backend


def _treatment(web: ClinicWeb, **values: object) -> tuple[str, str]:
    patient = web.make("patient", NORTH, name="Wang")
    return patient, web.make("treatment", None, **{"patient": patient, "kind": "crown", "day": "2026-03-02", **values})


def test_begin_and_stop(web: ClinicWeb):
    """1."""
    patient, treatment = _treatment(web)
    nurse = web.as_("nurse")
    path = f"/treatment/{treatment}/plans"
    assert nurse.get(path).json == {
        "items": [], "offers": [{"plan": "recovery", "label": "Recovery", "record": {"object": "treatment", "id": treatment}}]}
    made = nurse.post(path, {"plan": "recovery"})
    again = nurse.post(path, {"plan": "recovery"})
    assert (made.status_code, again.status_code) == (201, 200) and made.json == again.json
    listed = nurse.get(path).json
    (one,) = listed["items"]
    assert listed["offers"] == [] and one["may_stop"] and (one["state"], one["cause"]) == ("active", "hand")
    gone = nurse.send("DELETE", f"{path}/{made.json['id']}", query_string={"reason": "moved away"})
    assert gone.status_code == 204 and nurse.send("DELETE", f"{path}/{made.json['id']}").status_code == 204
    (one,) = nurse.get(f"/patient/{patient}/plans").json["items"]
    assert (one["state"], one["why"], one["reason"]) == ("stopped", "by_hand", "moved away")
    assert {step["state"] for step in one["steps"]} == {"stopped"}
    assert web.count(system.audit, system.audit.c.action == "enrol", system.audit.c.record_id == treatment) == 1
    assert web.count(system.audit, system.audit.c.action == "stop_plan", system.audit.c.record_id == treatment) == 1


def test_the_same_request_has_one_effect(web: ClinicWeb):
    """1."""
    _, treatment = _treatment(web)
    nurse = web.as_("nurse")
    answers = [nurse.send("POST", f"/treatment/{treatment}/plans", json={"plan": "recovery"}, headers={"Idempotency-Key": "a"})
               for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201] and answers[0].json == answers[1].json
    assert web.count(system.enrolment) == 1


def test_who_may_not_cannot(web: ClinicWeb):
    """2."""
    _, treatment = _treatment(web)
    enrolled = web.as_("nurse").post(f"/treatment/{treatment}/plans", {"plan": "recovery"}).json["id"]
    for login, seen, made in (("desk", 200, 403), ("porter", 404, 404), ("southern", 404, 404)):
        caller = web.as_(login)
        assert caller.get(f"/treatment/{treatment}/plans").status_code == seen
        assert caller.post(f"/treatment/{treatment}/plans", {"plan": "recovery"}).status_code == made
        assert caller.send("DELETE", f"/treatment/{treatment}/plans/{enrolled}").status_code == made
    assert web.count(system.enrolment, system.enrolment.c.state == "active") == 1


def test_who_may_not_see_what_the_plan_makes_sees_no_plan(web: ClinicWeb):
    """2. A porter may read the patient, and learns nothing of her plans."""
    patient, treatment = _treatment(web)
    before = web.as_("porter").get(f"/patient/{patient}/plans").data
    web.as_("nurse").post(f"/treatment/{treatment}/plans", {"plan": "recovery"})
    assert web.as_("porter").get(f"/patient/{patient}/plans").data == before == b'{"items":[],"offers":[]}'


def test_offers_behind_others(web: ClinicWeb, monkeypatch: pytest.MonkeyPatch):
    """1. An older treatment is offered although the newer ones are on the plan."""
    monkeypatch.setattr(timeline, "MOST_RECORDS", 2)
    patient, old = _treatment(web)
    nurse = web.as_("nurse")
    for _ in range(3):
        newer = web.make("treatment", None, patient=patient, kind="crown", day="2026-03-02")
        assert nurse.post(f"/treatment/{newer}/plans", {"plan": "recovery"}).status_code == 201
    assert [offer["record"]["id"] for offer in nurse.get(f"/patient/{patient}/plans").json["offers"]] == [old]


def test_bad_requests_are_refused(web: ClinicWeb):
    """1."""
    _, treatment = _treatment(web)
    nurse = web.as_("nurse")
    bodies = ({}, {"plan": 3}, {"plan": "nothing"}, {"plan": "recovery", "x": 1}, {"plan": None})
    answers = [nurse.post(f"/treatment/{treatment}/plans", body).status_code for body in bodies]
    assert answers == [400, 400, 404, 400, 400] and web.count(system.enrolment) == 0


def test_a_plan_that_would_end_at_once_does_not_begin(web: ClinicWeb):
    """1."""
    patient = web.make("patient", NORTH, name="Wang", phone="999")
    treatment = web.make("treatment", None, patient=patient, kind="crown", day="2026-03-02")
    answer = web.as_("nurse").post(f"/treatment/{treatment}/plans", {"plan": "recovery"})
    assert answer.status_code == 409 and "already" in answer.json["title"]


def test_the_list_shows_dates_and_is_audited(web: ClinicWeb):
    """3."""
    patient, treatment = _treatment(web, kind="implant", finished=True)
    (one,) = web.as_("desk").get(f"/patient/{patient}/plans").json["items"]
    assert [(step["step"], step["n"], step["at"], step["state"]) for step in one["steps"]] == [
        ("day1", 1, "2026-03-03", "planned"), ("week1", 1, "2026-03-09", "planned"), ("recall", 1, "2026-09-02", "planned"),
        ("recall", 2, "2027-03-02", "planned")]
    assert not one["may_stop"] and one["record"] == {"object": "treatment", "id": treatment}
    assert {entry.object: entry.ids for entry in web.views(kind="plans")} == {"base:patient": [patient], "test:treatment": [treatment]}


def test_a_plan_tells_nothing_of_what_its_reader_may_not_see(web: ClinicWeb):
    """4. The plan ends by a phone that the clerk may not see: she does not see the plan, whatever the phone is."""
    answers = []
    for phone in ("123456", "999"):
        patient, treatment = _treatment(web, kind="implant", finished=True)
        web.run(Update("patient", patient, {"phone": phone}, None))
        answers.append([web.as_("clerk").get(path).data for path in (f"/treatment/{treatment}/plans", f"/patient/{patient}/plans")])
        assert web.as_("desk").get(f"/treatment/{treatment}/plans").json["items"] != []
        assert web.as_("clerk").post(f"/treatment/{treatment}/plans", {"plan": "recovery"}).status_code == 404
    assert answers[0] == answers[1]


def test_it_is_described(web: ClinicWeb):
    """5."""
    paths = {login: web.as_(login).get("/openapi.json").json["paths"] for login in ("nurse", "desk", "porter")}
    one, stop = "/treatment/{id}/plans", "/treatment/{id}/plans/{enrolment}"
    assert set(paths["nurse"][one]) == {"parameters", "get", "post"} and "delete" in paths["nurse"][stop]
    assert set(paths["desk"][one]) == {"parameters", "get"} and stop not in paths["desk"]
    assert one not in paths["porter"] and "/patient/{id}/plans" not in paths["porter"]
