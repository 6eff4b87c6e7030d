"""One thing done with many rows: what it shall be, what became of it, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, request

from engine.model import Object
from runtime.records.ids import is_id
from runtime.records.outcomes import Outcome, Refused, Written
from runtime.records.query import ListQuery
from runtime.records.rows import Row
from runtime.screens.blueprint import screens
from runtime.screens.bulk import ASSIGN, MOST, Bulk, bulk_of, commands_of, undo_commands
from runtime.screens.people import choices_of
from runtime.screens.shell import known_object, show
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []


@screens.post("/o/<name>/bulk")
@declare(policy=Policy.OBJECT, audit=Audit.VIEW, rate=Rate.READ, csrf=Csrf.FORM, payload="ids of records")
def choose_bulk(name: str) -> Response:
    """The chosen rows and what may be done with them."""
    state = here()
    object = known_object(name)
    return _choice(state, object, _rows(state, object), bulk_of(state, object))


@screens.post("/o/<name>/bulk/do")
@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="ids of records, what to do, a person, a reason")
def do_bulk(name: str) -> Response:
    """Does it with each row that it can be done with; says of each other row why not."""
    state = here()
    object, bulk = known_object(name), bulk_of(state, known_object(name))
    rows = _rows(state, object)
    action, person, reason = (request.form.get(key, "").strip() for key in ("action", "person", "reason"))
    commands = commands_of(bulk, object, [row.id for row in rows], action, person if is_id(person) else "", reason)
    needed = next((t.reason == "required" for t in bulk.transitions if t.name == action), False)
    if commands is None or not rows or (needed and not reason):
        return _choice(state, object, rows, bulk, wrong="reason" if commands and rows else "action", status=422)
    outcomes = state.records.execute(commands, state.who, release=state.release, atomic=False, request=state.info("screen", _release()))
    return _result(state, object, rows, outcomes)


@screens.post("/o/<name>/bulk/undo/<request_id>")
@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="nothing but the way back")
def undo_bulk(name: str, request_id: str) -> Response:
    """Takes back what this person did in one request, where nothing came after it."""
    state = here()
    object = known_object(name)
    commands = undo_commands(state, object, request_id)
    outcomes = state.records.execute(commands, state.who, release=state.release, atomic=False, request=state.info("screen")) if commands else []
    rows = _read(state, object, [one.id for one in outcomes])
    return _result(state, object, rows, outcomes, undone=True)


def _rows(state: RequestState, object: Object) -> Sequence[Row]:
    ids = [id for id in dict.fromkeys(request.form.getlist("id")) if is_id(id)]
    return _read(state, object, ids[:MOST])


def _read(state: RequestState, object: Object, ids: Sequence[str]) -> Sequence[Row]:
    """Those that she may read, in the given order."""
    if not ids:
        return ()
    page = state.records.list(ListQuery(object=object.name, fields=(), ids=tuple(ids), limit=len(ids)), state.who, state.release)
    state.seen("bulk", object.id, page.ids)
    place = {id: n for n, id in enumerate(ids)}
    return sorted(page.rows, key=lambda row: place[row.id])


def _release() -> str:
    return request.form.get("_release", "")


def _back(object: Object) -> str:
    """The list she came from; no address but one of that list."""
    asked, path = request.form.get("back", ""), f"/o/{object.name}"
    return asked if asked == path or asked.startswith(f"{path}?") else path


def _choice(
    state: RequestState, object: Object, rows: Sequence[Row], bulk: Bulk, *, wrong: str = "", status: int = 200,
) -> Response:
    flow = state.release.model.workflows.get(object.name)
    stored = {one.stored: one.name for one in flow.states.values()} if flow else {}
    return show(
        "bulk.html", status, current=object.name, label=object.plural(state.language), path=f"/o/{object.name}", back=_back(object), wrong=wrong,
        rows=[{"id": row.id, "title": _title(row)} for row in rows], release=state.release.hash, chosen=request.form.get("action", ""),
        assign={
            "value": ASSIGN, "label": bulk.assignee.label(state.language),
            "people": choices_of(state, bulk.assignee.type.link_to),
        } if bulk.assignee else None,
        steps=[
            {"value": t.name, "label": t.label(state.language), "reason": t.reason,
             "fits": sum(stored.get(row.state) in t.sources for row in rows)}
            for t in bulk.transitions
        ],
        one_by_one=[t.label(state.language) for t in bulk.asking],
        reason=request.form.get("reason", ""), asks_reason=any(t.reason != "none" for t in bulk.transitions),
    )


def _result(state: RequestState, object: Object, rows: Sequence[Row], outcomes: Sequence[Outcome], *, undone: bool = False) -> Response:
    titles = {row.id: _title(row) for row in rows}
    done = [one for one in outcomes if isinstance(one, Written) and one.changed]
    same = sum(isinstance(one, Written) and not one.changed for one in outcomes)
    refused = [one for one in outcomes if isinstance(one, Refused)]
    return show(
        "bulk_done.html", current=object.name, path=f"/o/{object.name}", back=_back(object), done=len(done), same=same, undone=undone,
        refused=[{"id": one.id, "title": titles.get(one.id, one.id[-8:]), "why": _why(one)} for one in refused],
        undo_url=f"/o/{object.name}/bulk/undo/{state.request_id}" if done and not undone else None,
    )


def _why(one: Refused) -> str:
    return " ".join(dict.fromkeys([*(error.message for error in one.errors)] or [one.message]))


def _title(row: Row) -> str:
    return row.title or row.id[-8:]
