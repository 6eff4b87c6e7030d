"""Conditions while they are built: from text to rows and back, what they may be about, and what the compiler says of them in their place."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, request

from designer.blueprint import designer
from designer.conditions import OPERATORS, group_of_json, rows_of, text_of
from designer.drafts.checking import checked
from designer.drafts.draft import Draft
from designer.edits.catalogue import parse
from designer.edits.definitions import ChangeDefinition
from designer.edits.edit import Edit
from designer.edits.elements import ChangeElement
from designer.edits.refused import EditRefused
from designer.offered import language_offers
from designer.operands import About, operands
from designer.said_conditions import operator_words
from designer.shell import draft_of
from designer.words import words
from engine.expressions.errors import ExpressionError
from engine.expressions.syntax.parse import parse as read
from engine.text import check, read_bytes
from engine.text.kinds import KINDS
from runtime.web.routes import Csrf, Policy, declare
from runtime.web.state import here

__all__: list[str] = []

_LONGEST = 4000


@designer.post("/<record:id>/condition")
@declare(policy=Policy.DESIGN, csrf=Csrf.FORM, payload="condition")
def look_at_condition(id: str) -> Response:
    """`{about: {kind, name, section, element, key}, text}` or with `rows` instead of the text; gives `{text, rows, problems}`, and with
    `ask` also what rows can be made of. Changes nothing."""
    state, draft = here(), draft_of(id)
    try:
        sent = parse(request.get_data())
        about = _about(sent.get("about"))
        text = text_of(group_of_json(sent["rows"])) if "rows" in sent else str(sent.get("text") or "")[:_LONGEST]
    except EditRefused as refused:
        return _json({"message": refused.say(state.language), "problems": [refused.say(state.language)]}, 422)
    rows = rows_of(text)
    found: dict[str, Any] = {"text": text, "rows": rows.as_json() if rows else None, "problems": _problems(draft, about, text, state.language)}
    if sent.get("ask"):
        found |= {"operands": [one.as_json() for one in operands(draft.layers, about, state.language)], "words": _words(state.language),
                  "language": language_offers()}
    return _json(found, 200)


def _json(body: dict[str, Any], status: int) -> Response:
    return Response(orjson.dumps(body), status, content_type="application/json")


def _about(found: Any) -> About:
    """Raises EditRefused."""
    given = {key: str(value) for key, value in found.items()} if isinstance(found, dict) else {}
    if given.get("kind") not in KINDS:
        raise EditRefused("bad_edit", why="'about'")
    section = tuple(part for part in given.get("section", "").split(".") if part)
    return About(given["kind"], given.get("name", ""), section[:5], given.get("element", ""), given.get("key", ""))


def _problems(draft: Draft, about: About, text: str, language: str) -> list[str]:
    """What would be wrong with the draft if the text stood there and is not now; of a place that is not there yet, whether it can be read."""
    if not text.strip():
        return []
    try:
        read(text)
    except ExpressionError as error:
        return [" ".join(part for part in (str(error.offset + 1), *error.say(language)) if part)]
    edit = _edit(draft, about, text)
    if edit is None:
        return []
    try:
        after = edit.patch(draft.files).on(draft.files)
    except EditRefused:
        return []
    known = {(p.code, p.message) for p in checked(draft).problems}
    fresh = check(read_bytes({path: text.encode() for path, text in after.items()})).problems
    told = [p for p in fresh if not p.warning and (p.code, p.message) not in known]
    return [" ".join(part for part in p.say(language) if part) for p in told[:3]]


def _edit(draft: Draft, about: About, text: str) -> Edit | None:
    if not about.key or not draft.layers.of(about.folder, about.name):
        return None
    if not about.element:
        return ChangeDefinition(folder=about.folder, definition=about.name, pack=draft.pack, changes={about.key: text})
    if about.element not in draft.layers.elements(about.folder, about.name, about.section):
        return None
    return ChangeElement(folder=about.folder, definition=about.name, pack=draft.pack, section=about.section, name=about.element,
                         changes={about.key: text})


def _words(language: str) -> dict[str, Any]:
    """What the widget says."""
    _ = words(language)
    said, days = operator_words(language), operator_words(language, dates=True)
    dates = {key: word for key, word in days.items() if word != said[key]}
    return {
        "operators": {key: said[key] for key in OPERATORS}, "dates": dates, "every": _("All of these hold:"), "any": _("Any of these holds:"),
        "add": _("Add a condition"), "group": _("Add a group"), "remove": _("Remove"), "field": _("Field"), "operator": _("Comparison"),
        "value": _("Value"), "as_text": _("As text"), "as_rows": _("As rows"), "only_text": _("Rows cannot say this; it stays a text."),
        "none": _("No condition."), "never": _("No"), "always": _("Yes, always"), "when": _("When …"), "today": _("today"),
        "day": _("the day"), "ago": _("days ago"), "ahead": _("days from now"), "number": _("Days"), "other": _("something else"),
    }
