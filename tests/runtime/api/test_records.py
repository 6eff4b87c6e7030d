"""REST over one record (design, "Names that other things rely on"; semantics, "Values" and "Audit store").

1. Create answers 201 with Location and ETag, read gives the JSON of the semantics, change needs the version, delete can be undone.
2. A missing If-Match is 428, a stale one 412, an unreadable one 400; a weak tag fits no version.
3. A masked value comes as its mask, its name stands in `_masked`; a hidden field is absent.
4. What is absent and what is hidden are told alike: 404 with one body.
5. Whatever a response shows was in the view audit before it left; writes show nothing.
6. Transitions: lost is 409, a guard that fails 400, without the right 403.
"""

from __future__ import annotations

import sqlalchemy as sa

from runtime.store import system
from tests.runtime.api.world import NORTH, SOUTH, Web


def without_id(body: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in body.items() if key != "request_id"}


def test_a_record_is_created_read_changed_deleted_and_restored(web: Web) -> None:
    """Requirement 1."""
    nurse = web.as_("nurse")
    made = nurse.post("/patient", {"name": " 王伟 ", "phone": "138 1234 5678", "born": "1990-02-28"})
    assert (made.status_code, made.headers["ETag"], made.json["version"], made.json["warnings"]) == (201, '"1"', 1, [])
    path = made.headers["Location"].removeprefix("/api/v1")
    assert path == f"/patient/{made.json['id']}"
    read = nurse.get(path)
    assert read.headers["ETag"] == '"1"'
    assert read.json == {
        "id": made.json["id"], "version": 1, "name": "王伟", "sex": None, "born": "1990-02-28", "phone": "138 1234 5678",
        "team": None, "doctor": None, "photo": None, "card": None, "number": read.json["number"],
    }
    changed = nurse.patch(path, {"sex": "female", "phone": "12"}, 1)
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert [(w["pointer"], w["code"]) for w in changed.json["warnings"]] == [("#/phone", "doubtful_phone")]
    assert nurse.delete(path, 2).status_code == 204
    assert nurse.get(path).status_code == 404
    assert nurse.post(f"{path}/restore").status_code == 200
    assert nurse.get(path).json["sex"] == "female"


def test_versions_are_demanded_and_compared(web: Web) -> None:
    """Requirement 2 (RFC 9110, 13.1.1; RFC 6585, 3)."""
    nurse, path = web.as_("nurse"), f"/patient/{web.patient()}"
    assert nurse.patch(path, {"card": "a"}).status_code == 428
    assert nurse.patch(path, {"card": "a"}, 1).status_code == 200
    stale = nurse.patch(path, {"card": "b"}, 1)
    assert (stale.status_code, stale.json["code"], stale.json["version"]) == (412, "stale", 2)
    for tag, status in (('W/"2"', 412), ('"x"', 412), ("2", 400), ('"2", "3"', 400), ("*", 200)):
        answer = nurse.send("PATCH", path, json={"card": "c"}, headers={"If-Match": tag})
        assert answer.status_code == status, tag
    assert nurse.delete(path).status_code == 428
    assert nurse.delete(path, 1).status_code == 412


def test_masks_and_hidden_fields(web: Web) -> None:
    """Requirement 3: a desk clerk sees the phone masked, the wages and the date of birth never."""
    path = f"/patient/{web.patient(born='1990-01-01', wages='10.50')}"
    read = web.as_("desk").get(path).json
    assert read["_masked"] == ["phone"]
    assert "5678" not in read["phone"] or "*" in read["phone"]
    assert "born" not in read and "wages" not in read
    whole = web.as_("manager").get(path).json
    assert (whole["wages"], whole["phone"], "_masked" in whole) == ("10.50", "13812345678", False)


def test_a_masked_value_sent_back_is_never_stored(web: Web) -> None:
    """Requirement 3; semantics, "Grants"."""
    id = web.patient()
    refused = web.as_("desk").patch(f"/patient/{id}", {"phone": "138****5678"}, 1)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (403, "#/phone")
    assert web.as_("nurse").get(f"/patient/{id}").json["phone"] == "13812345678"


def test_absent_and_hidden_are_one(web: Web) -> None:
    """Requirement 4: another clinic's record, a record that never was, an object that is not hers, one that does not exist."""
    elsewhere = web.patient(SOUTH)
    nurse, caller = web.as_("nurse"), web.as_("caller")
    answers = [
        nurse.get(f"/patient/{elsewhere}"), nurse.get(f"/patient/{'f' * 32}"), caller.get(f"/patient/{elsewhere}"),
        caller.get(f"/nothing/{elsewhere}"), nurse.get("/nothing"), nurse.get("/patient/xyz"), nurse.get(f"/patient/{elsewhere}/history"),
        nurse.post(f"/patient/{elsewhere}/restore"), nurse.get("/what/ever/else"), nurse.get(f"/patient/{elsewhere}/attachments/photo"),
        nurse.patch(f"/patient/{elsewhere}", {"card": "x"}, 1), nurse.delete(f"/patient/{elsewhere}", 1),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({str(sorted(without_id(answer.json).items())) for answer in answers}) == 1
    assert {answer.content_type for answer in answers} == {"application/problem+json"}


def test_views_are_audited_before_the_response_leaves(web: Web) -> None:
    """Requirement 5 (harness H5)."""
    id = web.patient()
    nurse = web.as_("nurse")
    for kind, path in (("record", f"/patient/{id}"), ("history", f"/patient/{id}/history"), ("list", f"/patient?filter=id == '{id}'")):
        answer = nurse.get(path)
        assert answer.status_code == 200
        (entry,) = web.views(request_id=answer.headers["X-Request-Id"])
        assert (entry.kind, entry.object, entry.ids, len(entry.actor)) == (kind, "base:patient", [id], 32)
    written = nurse.patch(f"/patient/{id}", {"card": "seen"}, 1)
    assert set(written.json) == {"id", "version", "warnings"}
    assert web.views(request_id=written.headers["X-Request-Id"]) == []
    with web.store.read() as connection:
        statement = sa.select(system.audit.c.action).where(system.audit.c.request_id == written.headers["X-Request-Id"])
        assert connection.execute(statement).scalars().all() == ["update"]


def test_history_tells_changes_by_the_readers_sight(web: Web) -> None:
    """Requirements 3 and 5."""
    nurse = web.as_("nurse")
    id = nurse.post("/patient", {"name": "History", "phone": "13811112222", "born": "1999-09-09"}).json["id"]
    nurse.patch(f"/patient/{id}", {"phone": "13833334444"}, 1)
    newest, first = nurse.get(f"/patient/{id}/history").json["items"]
    assert newest["changes"] == {"phone": {"old": "13811112222", "new": "13833334444", "masked": False}}
    assert (newest["action"], newest["version"], first["action"]) == ("update", 2, "create")
    seen = web.as_("desk").get(f"/patient/{id}/history").json["items"]
    assert seen[0]["changes"]["phone"]["masked"] is True and "3333" not in str(seen)
    assert "born" not in seen[1]["changes"]


def test_transitions(web: Web) -> None:
    """Requirement 6."""
    id, nurse = web.task(), web.as_("nurse")
    assert nurse.post(f"/task/{id}/transitions/drop", {"reason": "x"}).status_code == 403
    assert nurse.post(f"/task/{id}/transitions/nonsense").status_code == 404
    started = nurse.post(f"/task/{id}/transitions/start")
    assert (started.status_code, started.json["version"]) == (200, 2)
    lost = nurse.post(f"/task/{id}/transitions/start")
    assert (lost.status_code, lost.json["code"], lost.json["state"]) == (409, "lost", "running")
    assert nurse.get(f"/task/{id}").json["status"] == "running"
    refused = nurse.post(f"/task/{id}/transitions/finish", {"values": {"pain": 11}})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (400, "#/values/pain")
    assert nurse.post(f"/task/{id}/transitions/finish", {"values": {"pain": 10}}).status_code == 400
    assert nurse.post(f"/task/{id}/transitions/finish", {"values": {"pain": 3}, "version": 1}).status_code == 412
    assert nurse.post(f"/task/{id}/transitions/finish", {"values": {"pain": 3}, "version": 2}).status_code == 200


def test_refusals_of_a_write(web: Web) -> None:
    """Requirement 1: duplicate and in use are 409 and name what stands in the way; nothing is written."""
    nurse, manager = web.as_("nurse"), web.as_("manager")
    web.patient(card="K-1")
    twice = nurse.post("/patient", {"name": "Twin", "card": "K-1"})
    assert (twice.status_code, twice.json["code"], twice.json["rule"]) == (409, "duplicate", "by_card")
    id = web.patient()
    web.make("visit", None, patient=id)
    used = manager.delete(f"/patient/{id}", 1)
    assert (used.status_code, used.json["code"]) == (409, "in_use")
    no_right = web.as_("watcher").post("/patient", {"name": "X"})
    assert (no_right.status_code, no_right.json["code"]) == (403, "forbidden")
    other = nurse.post("/patient", {"name": "X", "clinic_id": SOUTH})
    assert other.status_code in (400, 403)
    assert web.as_("mixed").post("/patient", {"name": "X", "clinic_id": NORTH}).status_code == 201


def test_every_bad_value_is_told_at_once_in_the_callers_language(web: Web) -> None:
    """Problem details (RFC 9457) with `errors: [{pointer, code, message}]`, English or Chinese by Accept-Language."""
    body = {"name": "", "born": "1990-02-30", "sex": "femal"}
    nurse = web.as_("nurse")
    english = nurse.post("/patient", body)
    assert english.status_code == 400 and english.content_type == "application/problem+json"
    assert {(e["pointer"], e["code"]) for e in english.json["errors"]} == {
        ("#/name", "required"), ("#/born", "invalid_date"), ("#/sex", "unknown_option_near")}
    chinese = nurse.post("/patient", body, headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert english.json["title"] != chinese.json["title"]
    assert all(any("\u4e00" <= c <= "\u9fff" for c in e["message"]) for e in chinese.json["errors"])
    assert not any("\u4e00" <= c <= "\u9fff" for e in english.json["errors"] for c in e["message"])
