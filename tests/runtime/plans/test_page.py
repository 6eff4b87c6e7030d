"""The page of plans.

1. It shows each step with its date, its window and how it stands; who may change the record begins and ends plans there.
2. Whoever may not read the patient, or what the plan makes, sees nothing of it; looking is audited as a view.
3. What is asked for wrongly is said, and nothing is changed; a record with which no plan has to do has no such page.
"""

from __future__ import annotations

import html
import re

import sqlalchemy as sa
from flask.testing import FlaskClient

from runtime.store import system
from tests.runtime.plans.world import NORTH, SOUTH, ClinicWeb


def surf(web: ClinicWeb, login: str) -> FlaskClient:
    client = web.app.test_client()
    client.set_cookie(web.site.cookie, web.session(login))
    client.set_cookie("carework-language", "en")
    return client


def page(client: FlaskClient, path: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", client.get(path).get_data(as_text=True))))


def token(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).get_data(as_text=True))
    assert found is not None
    return found[1]


def test_begin_look_and_end(web: ClinicWeb):
    """1., 2."""
    patient = web.make("patient", NORTH, name="Wang")
    treatment = web.make("treatment", None, patient=patient, kind="crown", day="2026-03-01")
    nurse, path = surf(web, "nurse"), f"/o/patient/{patient}/plans"
    assert "No follow-up plan yet" in page(nurse, path) and "Recovery · Treatment: crown" in page(nurse, path)
    form = {"csrf_token": token(nurse, path), "begin": f"treatment {treatment} recovery"}
    assert nurse.post(path, data=form).status_code == 303
    text = page(nurse, path)
    assert "Recovery Under way" in text and "begun on 2026-03-02 by nurse" in text and "The plan has begun." in text
    assert "Today 2026-03-02 today First day until 2026-03-04 Planned" in text
    assert "2026-03-08 in 6 days One week Planned" in text and "2026-09-01 Recall 1. Planned" in text
    with web.store.read() as connection:
        enrolment = connection.scalar(sa.select(system.enrolment.c.id))
    stop = f"/o/treatment/{treatment}/plans/{enrolment}/stop"
    assert nurse.post(stop, data={"csrf_token": token(nurse, path), "_reason": " "}).status_code == 422
    assert nurse.post(stop, data={"csrf_token": token(nurse, path), "_reason": "Moved"}).status_code == 303
    text = page(nurse, path)
    assert "Ended early" in text and "ended by nurse on 2026-03-02 Reason: Moved" in text and "the plan ended" in text
    assert {entry.kind for entry in web.views(object="base:patient")} >= {"plans"}
    assert f'href="{path}"' in nurse.get(f"/o/patient/{patient}").get_data(as_text=True)


def test_who_may_not_sees_nothing(web: ClinicWeb):
    """2. The same bytes before and after, but for the token."""
    patient, elsewhere = web.make("patient", NORTH, name="Wang"), web.make("patient", SOUTH, name="Li")
    seen = []
    for _ in range(2):
        text = surf(web, "porter").get(f"/o/patient/{patient}/plans").get_data(as_text=True)
        seen.append(re.sub(r'value="[^"]{20,}"|content="[^"]{20,}"', "", text))
        web.make("treatment", None, patient=patient, kind="implant", day="2026-03-02", finished=True)
    assert seen[0] == seen[1] and "Recovery" not in seen[0]
    assert "Recovery" in page(surf(web, "desk"), f"/o/patient/{patient}/plans")
    assert surf(web, "nurse").get(f"/o/patient/{elsewhere}/plans").status_code == 404


def test_wrong_requests_change_nothing(web: ClinicWeb):
    """3."""
    patient = web.make("patient", NORTH, name="Wang", phone="999")
    treatment = web.make("treatment", None, patient=patient, kind="crown", day="2026-03-02")
    path, codes = f"/o/patient/{patient}/plans", []
    for login, begin in (("nurse", ""), ("nurse", f"treatment {treatment} nothing"), ("nurse", f"treatment {treatment} recovery"),
                         ("desk", f"treatment {treatment} recovery"), ("clerk", f"treatment {treatment} recovery")):
        client = surf(web, login)
        codes.append(client.post(path, data={"csrf_token": token(client, "/me"), "begin": begin}).status_code)
    assert codes == [422, 404, 409, 403, 404] and web.count(system.enrolment) == 0
    assert surf(web, "nurse").get(f"/o/clinic/{NORTH}/plans").status_code == 404
