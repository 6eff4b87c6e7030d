"""Broken boards, calendars and pages: code and files, each with one mark (see `broken.py`)."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["PAGES"]

_VISIT = {"objects/visit.yaml": "name: visit\nfields:\n  a: {type: text}\n  day: {type: date}\n  p: {type: link, to: patient}\n"}
_FLOW = {"workflows/visit.yaml": "object: visit\nfield: status\ninitial: new\nstates: {new: {}, done: {}}\ntransitions: {g: {from: new, to: done}}\n"}


def _view(text: str) -> dict[str, str]:
    return {**_VISIT, **_FLOW, "views/v.yaml": f"name: v\nobject: visit\n{text}"}


def _page(panel: str, head: str = "object: patient") -> dict[str, str]:
    return {**_VISIT, "pages/p.yaml": f"name: p\n{head}\npanels: {{one: {panel}}}\n"}


PAGES: list[tuple[str, Mapping[str, str]]] = [
    ("VIEW-005", _view("columns: {a: {}}\n«limit: 3\n")),
    ("VIEW-005", _view("kind: board\n«columns: {a: {}}\n")),
    ("VIEW-006", {**_VISIT, "views/v.yaml": "name: v\nobject: «visit\nkind: board\n"}),
    ("FLOW-001", _view("kind: board\nstates: [new, «dnoe]\n")),
    ("VIEW-007", {**_VISIT, "views/v.yaml": "name: «v\nobject: visit\nkind: calendar\n"}),
    ("VIEW-008", _view("kind: calendar\nstart: «a\n")),
    ("VIEW-008", _view("kind: calendar\nstart: day\nend: «a\n")),
    ("VIEW-008", _view("kind: calendar\nstart: day\nminutes: «day\n")),
    ("VIEW-008", _view("kind: calendar\nstart: day\ncolor_by: «a\n")),
    ("FIELD-001", _view("kind: calendar\nstart: «dya\n")),
    ("FIELD-001", _view("kind: board\ncard: {«b: {}}\n")),
    ("PAGE-001", {**_page("{kind: facts}"), "pages/q.yaml": "name: «q\nobject: patient\npanels: {}\n"}),
    ("PAGE-002", _page("{kind: «recent}")),
    ("PAGE-002", _page("{kind: «stream}", "label: Mine")),
    ("PAGE-003", _page("{kind: recent}", "roles: [«nusre]")),
    ("PAGE-004", _page("{kind: facts}", "object: patient\n«roles: [nurse]")),
    ("PAGE-004", _page("{kind: recent}", "«head: [a]")),
    ("PAGE-005", _page("{kind: rows, object: visit, link: «a}")),
    ("PAGE-005", {"pages/p.yaml": "name: p\nobject: patient\npanels: {«one: {kind: rows, object: patient}}\n"}),
    ("PAGE-006", _page("{kind: rows, view: «nothing}")),
    ("PAGE-007", {"pages/p.yaml": "name: p\npanels: {«one: {kind: rows}}\n"}),
    ("PAGE-008", {"roles/r.yaml": "name: r\ngrants: {}\n", "pages/a.yaml": "name: a\nroles: [r]\npanels: {}\n",
                  "pages/b.yaml": "name: «b\nroles: [r]\npanels: {}\n"}),
]
