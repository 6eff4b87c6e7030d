"""Edits come in here: as JSON from scripts, as a form from pages without them; undo and redo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from designer.blueprint import designer
from designer.drafts.checking import checked, problems_of
from designer.drafts.draft import Draft
from designer.drafts.keeping import digest
from designer.edits.catalogue import edit_of, parse
from designer.edits.refused import EditRefused
from designer.shell import draft_of, drafts, problem_rows, told
from runtime.web.routes import Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__ = ["carried_out"]


@designer.post("/<record:id>/edit")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="edit")
def make_edit(id: str) -> AnyResponse:
    """One edit: `{edit: {kind, …}, expect: {path: digest}}`, or a form whose `edit` holds the same JSON."""
    state = here()
    draft_of(id)

    def act() -> Draft:
        sent = parse(request.get_data()) if request.is_json else {"edit": parse(request.form.get("edit", ""))}
        found, expect = sent.get("edit"), sent.get("expect") or {}
        if not isinstance(found, dict) or not isinstance(expect, dict):
            raise EditRefused("bad_edit", why="'edit'")
        expected = {str(path): str(mark) for path, mark in expect.items()}
        return drafts(state).edit(id, edit_of(found), state.who.id, state.now, expect=expected)

    return carried_out(state, id, act)


@designer.post("/<record:id>/undo")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="edit")
def undo_edit(id: str) -> AnyResponse:
    """Take the last edit of the draft back."""
    state = here()
    draft_of(id)
    return carried_out(state, id, lambda: drafts(state).undo(id, state.who.id, state.now, n=_number()))


@designer.post("/<record:id>/redo")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="edit")
def redo_edit(id: str) -> AnyResponse:
    """Do again what was taken back last."""
    state = here()
    draft_of(id)
    return carried_out(state, id, lambda: drafts(state).redo(id, state.who.id, state.now, n=_number()))


def _number() -> int | None:
    """The edit that the button of the page spoke of; None from scripts that do not say."""
    text = request.form.get("n", "") if not request.is_json else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else None


def carried_out(state: RequestState, id: str, act: Callable[[], Draft], to: Callable[[Draft], str] | None = None) -> AnyResponse:
    """Do it and answer: with JSON to scripts, else by going on to `to`, or back. A refusal says why and changes nothing."""
    wants_json = request.is_json or request.accept_mimetypes.best == "application/json"
    try:
        draft = act()
    except EditRefused as refused:
        message = refused.say(state.language)
        if wants_json:
            status = 409 if refused.code in ("stale", "stale_form", "stale_undo", "closed") else 422
            return _json({"code": refused.code, "message": message}, status)
        told(state, message)
        return redirect(_back(id), 303)
    if wants_json:
        return _json(_answer(draft) | ({"to": to(draft)} if to else {}), 200)
    return redirect(to(draft) if to else _back(id), 303)


def _answer(draft: Draft) -> dict[str, Any]:
    path = request.args.get("path", "")
    found: dict[str, Any] = {
        "version": draft.version, "undo": draft.undoable.n if draft.undoable else 0,
        "problems": sum(not p.warning for p in checked(draft).problems), "changed": len(draft.changed)}
    if path:
        found |= {"digest": digest(draft.files.get(path, "")), "here": problem_rows(draft, list(problems_of(draft, path)))}
    return found


def _json(body: Mapping[str, Any], status: int) -> Response:
    return Response(orjson.dumps(body), status, content_type="application/json")


def _back(id: str) -> str:
    """The page of this draft that the form stood on."""
    back = request.form.get("back", "") if not request.is_json else ""
    return back if back.startswith(f"/design/{id}") and "//" not in back else f"/design/{id}"
