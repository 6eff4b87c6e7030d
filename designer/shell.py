"""What the designer's routes share: the drafts, the draft of an address, pages in the frame of the screens, answers to edits."""

from __future__ import annotations

from typing import Any

from flask import Response

from designer.drafts.checking import checked
from designer.drafts.draft import Draft
from designer.drafts.keeping import Drafts
from designer.edits.said import kind_said
from designer.environment import page
from designer.layers import label_of
from designer.said_keys import key_helps, key_words
from designer.taken_out import taken_out
from designer.words import words
from engine.problems import Problem
from engine.text.nodes import plain
from runtime.screens.flashes import flash
from runtime.screens.past import people_names
from runtime.screens.shell import answer, frame
from runtime.web.errors import HttpProblem
from runtime.web.state import RequestState, here

__all__ = ["draft_of", "drafts", "head", "languages", "names_of", "problem_rows", "rows_said", "show", "told"]


def drafts(state: RequestState) -> Drafts:
    return Drafts(state.store, state.site.new_id)


def draft_of(id: str) -> Draft:
    """The draft of an address, open or not. Raises HttpProblem 404."""
    found = drafts(here()).find(id)
    if found is None:
        raise HttpProblem("not_found")
    return found


def languages(state: RequestState) -> tuple[str, ...]:
    """The languages that the organisation speaks, the person's own first."""
    found = state.release.model.organisation.languages
    return tuple(sorted(found, key=lambda code: code != state.language))


def names_of(state: RequestState, ids: set[str]) -> dict[str, str]:
    """What people are called, as far as the actor may know."""
    _ = words(state.language)
    return {"system": _("Carework"), **people_names(state, ids)}


def head(state: RequestState, draft: Draft, current: str) -> dict[str, Any]:
    """What stands above every page of a draft; `current` names the page."""
    found = checked(draft)
    undo, redo = draft.undoable, draft.redoable
    said = "zh" if state.language.startswith("zh") else "en"
    return {
        "id": draft.id, "name": draft.name, "current": current, "open": draft.open, "state": draft.state, "pack": draft.pack,
        "packs": [{"value": pack, "label": _pack_label(state, draft, pack)} for pack in draft.layers.packs],
        "problems": sum(not p.warning for p in found.problems), "changed": len(draft.changed), "version": draft.version,
        "undo_n": undo.n if undo else 0, "redo_n": redo.n if redo else 0, "undo": undo.said[said] if undo and draft.open else "",
        "redo": redo.said[said] if redo and draft.open else "",
        "url": f"/design/{draft.id}",
        "taken_out": lambda kind, name, section, element: _taken_out(state, draft, kind, name, section, element),
    }


def _taken_out(state: RequestState, draft: Draft, kind: str, name: str, section: str, element: str) -> str:
    """What an element that is or was retired must be put back into by hand, as a list in words; '' for nothing."""
    if kind != "objects" or section != "fields":
        return ""
    chinese = state.language.startswith("zh")
    found = [f"{kind_said(folder, state.language)}“{draft.layers.label(folder, each, state.language)}”" if chinese
             else f"{kind_said(folder, state.language)} “{draft.layers.label(folder, each, state.language)}”"
             for folder, each in taken_out(state.store, draft, name, element)]
    return ("、" if chinese else ", ").join(found)


def _pack_label(state: RequestState, draft: Draft, pack: str) -> str:
    header = draft.layers.header(pack)
    found: Any = plain(header.root) if header else {}
    return label_of(found, state.language) or pack


def problem_rows(draft: Draft, problems: list[Problem] | tuple[Problem, ...]) -> list[dict[str, Any]]:
    """Problems for pages: where, what, what to do, and the address of the line."""
    said = [(p, *p.say(here().language)) for p in problems]
    return [
        {"file": p.place.file, "line": p.place.line, "column": p.place.column, "code": p.code.code, "message": message, "fix": fix,
         "warning": p.warning, "lang": "en" if message == p.message else "zh",
         "url": f"/design/{draft.id}/file?path={p.place.file}&line={p.place.line}" if p.place.file in draft.files else ""}
        for p, message, fix in said
    ]


def rows_said(state: RequestState) -> str:
    """How rows of another object are offered to a form."""
    _ = words(state.language)
    return _("Rows: %(name)s")


def show(template: str, /, status: int = 200, **context: Any) -> Response:
    """A page of the designer in the frame of the screens."""
    state = here()
    return answer(page(template, state.language).render(
        ui=frame(state, "design"), words=key_words(state.language, context.get("section")),
        helps=key_helps(state.language, context.get("section")), **context), status)


def told(state: RequestState, text: str) -> None:
    """Say something on the next page; a text of ours, never a record's value."""
    flash(state, "", notes=[text])
