"""Attachments: uploaded, named by a record, downloaded through it.

1. What was uploaded comes back byte for byte, as a download that no browser runs, and the download is audited.
2. The media type is what the bytes say; the field's `accept` and `max_size` hold when the record is saved.
3. Only who uploaded a file can put it into a record, once; only who sees the field can fetch it.
4. One file in the part `file`, no larger than the largest field takes; anything else is refused.
5. A file that no record named is gone after a day.
"""

from __future__ import annotations

import io
import os

import pytest

from runtime.records.attachments import safe_name
from runtime.records.media import media_type
from runtime.store import system
from tests.runtime.api.world import Caller, Web

PNG = b"\x89PNG\r\n\x1a\n" + os.urandom(290_000)


def send(caller: Caller, content: bytes, name: str, **headers: str):  # type: ignore[no-untyped-def]
    return caller.send("POST", "/attachments", data={"file": (io.BytesIO(content), name)}, headers=headers)


def test_round_trip(web: Web) -> None:
    """Requirements 1 and 2."""
    nurse = web.as_("nurse")
    kept = send(nurse, PNG, "../../口腔 X光.png")
    assert (kept.status_code, kept.json["name"], kept.json["type"], kept.json["size"]) == (201, "口腔 X光.png", "image/png", len(PNG))
    id = nurse.post("/patient", {"name": "Photo", "photo": kept.json["id"]}).json["id"]
    assert nurse.get(f"/patient/{id}").json["photo"] == kept.json
    file = nurse.get(f"/patient/{id}/attachments/photo")
    assert (file.data, file.headers["Content-Length"], file.headers["Content-Type"]) == (PNG, str(len(PNG)), "image/png")
    assert file.headers["X-Content-Type-Options"] == "nosniff" and file.headers["Content-Disposition"].startswith("attachment;")
    assert [entry.kind for entry in web.views(request_id=file.headers["X-Request-Id"])] == ["attachment"]


def test_a_page_is_never_kept_as_one(web: Web) -> None:
    """Requirement 2."""
    kept = send(web.as_("nurse"), b"<html><script>alert(1)</script>", "x.html")
    assert kept.json["type"] == "text/plain"


def test_fields_refuse_what_does_not_fit(web: Web) -> None:
    """Requirement 2."""
    nurse = web.as_("nurse")
    pdf = send(nurse, b"%PDF-1.7 x", "x.png").json
    assert pdf["type"] == "application/pdf"
    answer = nurse.post("/patient", {"name": "Photo", "photo": pdf["id"]})
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (400, "file_type")
    assert send(nurse, b"x" * 300_001, "x.txt").status_code == 413
    assert web.count(system.attachment, system.attachment.c.size == 300_001) == 0


def test_files_belong_to_their_owner_and_their_record(web: Web) -> None:
    """Requirement 3."""
    nurse, manager, desk = web.as_("nurse"), web.as_("manager"), web.as_("desk")
    file = send(nurse, PNG, "a.png").json["id"]
    stolen = manager.post("/patient", {"name": "Thief", "photo": file})
    assert (stolen.status_code, stolen.json["errors"][0]["code"]) == (400, "unknown_file")
    id = nurse.post("/patient", {"name": "Mine", "photo": file}).json["id"]
    assert nurse.post("/patient", {"name": "Twice", "photo": file}).status_code == 400
    assert desk.get(f"/patient/{id}/attachments/photo").status_code == 200
    others = [(web.as_("elsewhere"), "photo"), (web.as_("caller"), "photo")]
    for caller, path in (*others, (nurse, "name"), (nurse, "nothing"), (nurse, "x" * 41)):
        assert caller.get(f"/patient/{id}/attachments/{path}").status_code == 404
    assert nurse.get(f"/patient/{web.patient()}/attachments/photo").status_code == 404


def test_shapes_of_uploads(web: Web) -> None:
    """Requirement 4."""
    nurse = web.as_("nurse")
    two = {"file": [(io.BytesIO(b"a"), "a"), (io.BytesIO(b"b"), "b")]}
    for sent in (two, {"other": (io.BytesIO(b"a"), "a")}, {"file": "text"}, {"file": (io.BytesIO(b"a"), "a"), "more": "x"}):
        assert nurse.send("POST", "/attachments", data=sent, content_type="multipart/form-data").status_code == 400
    assert nurse.send("POST", "/attachments", data=b"x", content_type="multipart/form-data").status_code == 400
    assert nurse.post("/attachments", {}).status_code == 415
    assert web.anonymous().send("POST", "/attachments", data={"file": (io.BytesIO(b"a"), "a")}).status_code == 401


def test_a_repeated_upload_is_kept_once(web: Web) -> None:
    """Requirement 4, with an Idempotency-Key."""
    nurse = web.as_("nurse")
    first, again = (send(nurse, PNG, "a.png", **{"Idempotency-Key": "u1"}) for _ in range(2))
    assert first.json == again.json
    assert send(nurse, PNG + b"x", "a.png", **{"Idempotency-Key": "u1"}).status_code == 422


def test_forgotten_files_go(web: Web) -> None:
    """Requirement 5."""
    forgotten = send(web.as_("nurse"), PNG, "a.png").json["id"]
    web.clock.advance(hours=25)
    send(web.as_("nurse"), PNG, "b.png")
    send(web.as_("nurse"), PNG, "b.png")
    assert web.count(system.attachment, system.attachment.c.id == forgotten) == 0
    assert web.count(system.attachment_chunk, system.attachment_chunk.c.attachment_id == forgotten) == 0


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [(b"\xff\xd8\xff\xe0", "x.png", "image/jpeg"), (b"RIFFxxxxWEBP", "x", "image/webp"), (b"PK\x03\x04..xl/", "a.xlsx",
     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (b"PK\x03\x04", "a.xlsx", "application/zip"),
     (b"a,b\n", "a.csv", "text/csv"), ("姓名".encode()[:-1], "a.txt", "text/plain"), (b"\x00\x01", "a.txt", "application/octet-stream"),
     (b"<svg xmlns='x'>", "a.svg", "text/plain"), (b"", "a.png", "application/octet-stream")],
)
def test_media_types(head: bytes, name: str, kind: str) -> None:
    """Requirement 2."""
    assert media_type(head, name) == kind


@pytest.mark.parametrize(
    ("name", "kept"),
    [("C:\\a\\b.txt", "b.txt"), ("../../etc/passwd", "passwd"), ("..", "file"), ("a\r\nb.txt", "ab.txt"), ("a\u202egpj.exe", "agpj.exe"),
     ("", "file"), ("x" * 300 + ".png", "x" * 180 + ".png")],
)
def test_names(name: str, kept: str) -> None:
    """Requirement 1: a name has no folder and nothing that misleads."""
    assert safe_name(name) == kept


def test_two_records_of_one_batch_cannot_share_a_file(web: Web) -> None:
    """Requirement 3: within one list too a file goes to one record."""
    nurse = web.as_("nurse")
    file = send(nurse, PNG[:64], "x.png").json["id"]
    answer = nurse.post("/patient/batch", {"commands": [{"create": {"name": n, "photo": file}} for n in ("One", "Two")], "atomic": False})
    codes = [outcome.get("errors", [{}])[0].get("code", "") for outcome in answer.json["outcomes"]]
    assert sorted(codes) == ["", "unknown_file"], answer.json
