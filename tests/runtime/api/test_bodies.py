"""Bodies that mean two things or nothing (A-58 to A-60): a clear 400, nothing written, never a 500.

1. JSON: duplicate keys, NaN, endless numbers, lone surrogates, depth, other encodings, other media types, too many bytes.
2. Values: every type confusion of the catalogue is 400 at its pointer.
"""

from __future__ import annotations

import pytest

from runtime.store import system
from tests.runtime.api.world import Web
from tests.spent import quick

DEEP = b'{"name":' + b"[" * 70 + b"]" * 70 + b"}"
BODIES: list[tuple[bytes, str, int, str]] = [
    (b'{"name": "a", "name": "b"}', "application/json", 400, "repeated_key"),
    (b'{"name": NaN}', "application/json", 400, "not_a_number"),
    (b'{"name": -Infinity}', "application/json", 400, "not_a_number"),
    (b'{"name": 1e999}', "application/json", 400, "not_a_number"),
    (b'{"name": ' + b"9" * 5000 + b"}", "application/json", 400, "number_too_long"),
    (b'{"name": "\\ud800"}', "application/json", 400, "broken_character"),
    (b'{"\\udfff": "x"}', "application/json", 400, "broken_character"),
    (b'{"name": "\xff"}', "application/json", 400, "not_utf8"),
    ('{"name": "x"}'.encode("utf-16"), "application/json", 400, "not_utf8"),
    (DEEP, "application/json", 400, "too_deep"),
    (b"[" * 100_000, "application/json", 400, "too_deep"),
    (b'{"a":' * 30_000, "application/json", 400, "too_deep"),
    (b"", "application/json", 400, "not_json"),
    (b"{", "application/json", 400, "not_json"),
    (b"\xef\xbb\xbf{}", "application/json", 400, "not_json"),
    (b"[]", "application/json", 400, "not_object"),
    (b"null", "application/json", 400, "not_object"),
    (b'"x"', "application/json", 400, "not_object"),
    (b"name=x", "application/x-www-form-urlencoded", 415, ""),
    (b'{"name": "x"}', "text/plain", 415, ""),
    (b'{"name": "x"}', "", 415, ""),
    (b'{"name": "' + b"x" * 1_000_001 + b'"}', "application/json", 413, ""),
]


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"), BODIES, ids=[f"{code or status}-{n}" for n, (_, _, status, code) in enumerate(BODIES)])
def test_strict_json(web: Web, body: bytes, kind: str, status: int, code: str) -> None:
    """Requirement 1."""
    before = web.count(system.history)
    headers = {"Content-Type": kind} if kind else {}
    answer = web.as_("nurse").send("POST", "/patient", data=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    if code:
        assert answer.json["errors"][0]["code"] == code
    assert web.count(system.history) == before


def test_an_escaped_pair_and_sixty_levels_are_fine(web: Web) -> None:
    """Requirement 1: what is refused is not refused too much."""
    body = b'{"name": "\\ud83d\\ude00 {[{[{["}'
    answer = web.as_("nurse").send("POST", "/patient", data=body, content_type="application/json")
    assert answer.status_code == 201
    assert web.as_("nurse").get(f"/patient/{answer.json['id']}").json["name"] == "\U0001f600 {[{[{["


VALUES: list[tuple[str, object, str]] = [
    ("rank", 1.9, "not_integer"), ("rank", True, "not_integer"), ("rank", "１２", "not_integer"), ("rank", "12", "not_integer"),
    ("rank", 2**63, "too_large"), ("rank", [1], "not_integer"), ("step", "a\x00b", "control_character"), ("step", 5, "not_text"),
    ("step", {"a": 1}, "not_text"), ("step", "x" * 41, "too_long"), ("step", "\u2028x\u2028y", "control_character"),
    ("due", "2026-02-30", "invalid_date"), ("due", "0000-01-01", "invalid_date"), ("due", 20260101, "not_date"),
    ("visit", "xyz", "invalid_link"), ("visit", None, "required"), ("visit", {"id": "a"}, "invalid_link"),
    ("pain", 11, "too_large"), ("pain", -1, "too_small"),
]


@pytest.mark.parametrize(("name", "value", "code"), VALUES, ids=[f"{name}-{code}-{n}" for n, (name, _, code) in enumerate(VALUES)])
def test_type_confusion(web: Web, name: str, value: object, code: str) -> None:
    """Requirement 2."""
    body = {"visit": "a" * 32, "step": "x", name: value}
    answer = web.as_("nurse").post("/task", body)
    assert answer.status_code == 400, answer.text
    assert (f"#/{name}", code) in {(e["pointer"], e["code"]) for e in answer.json["errors"]}


@pytest.mark.parametrize("name", ["nothing", "id", "version", "created_by", "__class__", "", "a/b~c", "x" * 5000, "名字", "constructor"])
def test_unknown_names(web: Web, name: str) -> None:
    """Requirement 2: 400, and mass assignment of the runtime's own columns is as unknown as anything else (A-34)."""
    answer = web.as_("nurse").post("/patient", {"name": "ok", name: "x"})
    assert answer.status_code == 400, answer.text
    assert len(answer.data) < 20_000


@pytest.mark.parametrize("name", ["number", "status"])
def test_what_the_system_sets_is_not_taken(web: Web, name: str) -> None:
    """Requirement 2: numbers and states are the runtime's."""
    object, body = ("patient", {"name": "ok"}) if name == "number" else ("task", {"visit": "a" * 32, "step": "x"})
    answer = web.as_("nurse").post(f"/{object}", {**body, name: "done"})
    assert answer.status_code in (400, 403)


@pytest.mark.parametrize("clinic", [5, "x", "", [], {}, True, "\x00" * 32])
def test_a_clinic_is_an_id(web: Web, clinic: object) -> None:
    """Requirement 2."""
    assert web.as_("nurse").post("/patient", {"name": "ok", "clinic_id": clinic}).status_code == 400


def test_many_wrong_values_cost_little(web: Web) -> None:
    """A-59: a megabyte of wrong types answers within a second, with capped items."""
    body = {"commands": [{"create": {"name": ["x"] * 50, "born": 1}} for _ in range(500)]}
    assert quick(lambda: web.as_("nurse").post("/patient/batch", body), below=2).status_code == 400

