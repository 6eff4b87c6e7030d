"""A-60: whatever is sent, the answer is a clear one and never a 5xx; what is accepted comes back as it was.

1. Documents of a JSON test corpus, as bodies and as values: those that are no JSON are 400, nothing is ever a server error.
2. Naughty strings as values: refused at their pointer, or stored and read back unchanged, by record, list, search and CSV.
3. The same strings wherever a request has room for one: filter, sort, fields, cursor, limit, search, headers, addresses.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from runtime.store import system
from tests.attacks.test_H7_route_matrix import signed_in
from tests.runtime.api.world import Web

pytestmark = pytest.mark.corpus
SIZE = 500


def naughty(folder: Path) -> list[str]:
    """The strings, each once, without those that only a broken encoder could send."""
    found = json.loads((folder / "bad_input" / "blns_a.json").read_text(encoding="utf-8"))
    return [text for text in dict.fromkeys(found) if _sendable(text)]


def _sendable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def plain(text: str) -> bool:
    """Whether the semantics keep every character: trimmed, NFC, no control or format characters, within the field's length."""
    clean = text == unicodedata.normalize("NFC", text).strip() and 0 < len(text) <= 60
    return clean and not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp") for c in text)


def test_json_documents(web: Web, shared_data: Path) -> None:
    """Requirement 1."""
    nurse = web.as_("nurse")
    before = web.count(system.history)
    files = sorted((shared_data / "bad_input" / "json").glob("*.json"))
    assert len(files) > 100
    for file in files:
        raw = file.read_bytes()
        for body in (raw, b'{"name": ' + raw + b"}", b'{"commands": ' + raw + b"}"):
            path = "/patient/batch" if body.startswith(b'{"c') else "/visit"
            answer = nurse.send("POST", path, data=body, content_type="application/json")
            assert answer.status_code < 500, (file.name, answer.text)
            if file.name.startswith("n_"):
                assert answer.status_code == 400, file.name
    assert web.count(system.history) == before


def test_naughty_strings_as_values(web: Web, shared_data: Path) -> None:
    """Requirement 2."""
    manager = web.as_("manager")
    texts = naughty(shared_data)
    outcomes: list[Any] = []
    for start in range(0, len(texts), SIZE):
        commands = [{"create": {"name": text, "card": None}} for text in texts[start:start + SIZE]]
        answer = manager.post("/patient/batch", {"commands": commands, "atomic": False})
        assert answer.status_code == 200, answer.text
        outcomes += answer.json["outcomes"]
    kept = {outcome["id"]: text for outcome, text in zip(outcomes, texts, strict=True) if "version" in outcome}
    assert len(kept) > 150
    refused = [(text, outcome) for outcome, text in zip(outcomes, texts, strict=True) if "version" not in outcome and plain(text)]
    assert refused == []
    listed = _listed(manager, set(kept))
    for id, text in kept.items():
        assert unicodedata.normalize("NFC", listed[id]) == listed[id]
        assert not plain(text) or listed[id] == text
    sheet = list(csv.reader(io.StringIO(manager.get("/patient/export.csv", fields="name").text.removeprefix("\ufeff"))))
    assert len(sheet) >= len(kept) + 1
    cells = {row[0] for row in sheet}
    assert all(text in cells or f"'{text}" in cells for text in kept.values() if plain(text))


def _listed(caller: Any, ids: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    after: dict[str, str] = {}
    while True:
        page = caller.get("/patient", fields="name", limit="200", **after).json
        found.update({item["id"]: item["name"] for item in page["items"] if item["id"] in ids})
        if not page["next"]:
            return found
        after = {"after": page["next"]}


def test_naughty_strings_everywhere_else(web: Web, shared_data: Path) -> None:
    """Requirement 3; an answer may be empty or a refusal, never an error of the server."""
    manager, screens = web.as_("manager"), signed_in(web, "manager")
    task = web.task()
    for place, text in enumerate(naughty(shared_data)):
        requests: list[tuple[Any, str, str, dict[str, Any]]] = [
            (manager, "GET", "/patient", {"query_string": {"filter": text}}),
            (manager, "GET", "/patient", {"query_string": {"filter": f"name == {json.dumps(text, ensure_ascii=False)}"}}),
            (manager, "GET", "/patient", {"query_string": {"sort": text, "fields": "name"}}),
            (manager, "GET", "/patient", {"query_string": {"fields": text}}),
            (manager, "GET", "/patient", {"query_string": {"after": text, "limit": "3"}}),
            (manager, "GET", "/patient", {"query_string": {"limit": text}}),
            (manager, "PATCH", f"/task/{task}", {"json": {text or "x": text}, "headers": {"If-Match": "*"}}),
            (manager, "POST", f"/task/{task}/transitions/drop", {"json": {"reason": text, "version": 99}}),
            (manager, "POST", f"/task/{task}/transitions/{quote(text, safe='')}", {"json": {}}),
            (manager, "POST", "/task/batch", {"json": {"commands": [{text: {"id": text}}]}}),
            (manager, "GET", f"/{quote(text, safe='')}", {}),
            (screens, "GET", "//o/patient", {"query_string": {"q": text}}),
            (screens, "GET", "//o/patient", {"query_string": {"view": text, "sort": text}}),
        ]
        ascii = text.encode("latin-1", "ignore").decode("latin-1")
        if ascii.isprintable():
            requests.append((manager, "PATCH", f"/task/{task}", {"json": {}, "headers": {"If-Match": ascii}}))
            requests.append((manager, "POST", "/task/batch", {"json": {"commands": []}, "headers": {"Idempotency-Key": ascii}}))
        # Each string in some of the places on each database, all of them together: every place meets hundreds of strings.
        for caller, method, path, more in requests[place % 3::3]:
            answer = caller.send(method, path, **more)
            assert answer.status_code < 500, (method, path, more, answer.text[:300])
