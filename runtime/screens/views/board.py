"""The board of an object: a column for each state, a card for each record, and the steps that lead on from one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from flask import Response, request
from markupsafe import Markup, escape

from engine.model import BoardView, Object, State, StateCategory
from runtime.records.lanes import Lane, Lanes
from runtime.records.query import ListQuery
from runtime.records.rows import Column, Row, UnknownObject
from runtime.screens.blueprint import screens
from runtime.screens.cards import Cards
from runtime.screens.choosing import above, bar, filter_expression
from runtime.screens.list_state import ListState, address, read_state
from runtime.screens.moves import movable, steps_of
from runtime.screens.plans import ListPlan, cached, list_plan, locale_of
from runtime.screens.shell import known_object, show
from runtime.screens.views.records import marked_steps, record_or_404, title_of
from runtime.screens.ways import usable, ways
from runtime.screens.words import words
from runtime.web.routes import Audit, Policy, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []

SHOWN = "n."
"""`n.STATE=40` in the address: so many cards of that column."""
MOST = 100
_CLOSED = (StateCategory.DONE, StateCategory.CANCELLED)


@screens.get("/o/<name>/board")
@declare(policy=Policy.OBJECT, audit=Audit.VIEW)
def object_board(name: str) -> Response:
    """The board."""
    state = here()
    object = known_object(name)
    view, named = _view_of(state, object, request.args.get("view", ""))
    chosen = read_state(request.args, {f"{SHOWN}{one}" for one in view.states})
    if not named:
        chosen = dataclasses.replace(chosen, view="", unknown=(*chosen.unknown, "view"))
    plan = list_plan(state, object, view)
    lanes = _lanes(state, view, chosen)
    query = ListQuery(object=object.name, view=view.name, filter=filter_expression(plan, chosen, state), linked=chosen.linked)
    found = state.records.board(query, [lane for _state, lane in lanes], state.who, state.release)
    state.seen("list", object.id, found.ids)
    return _shown(state, plan, view, chosen, lanes, found)


@screens.get("/o/<name>/<record:id>/moves")
@declare(policy=Policy.OBJECT, audit=Audit.VIEW)
def record_moves(name: str, id: str) -> Response:
    """What can be done next with a record: its buttons without the page around."""
    state = here()
    object = known_object(name)
    if not object.workflow:
        raise UnknownObject(name)
    record = record_or_404(state, object, id)
    state.seen("record", object.id, [id])
    path = f"/o/{name}/{id}"
    about = {"title": title_of(record), "url": path, "steps": marked_steps(state, path, record.offers), "version": record.row.version}
    return show("moves.html", current=name, about=about)


def _view_of(state: RequestState, object: Object, wanted: str) -> tuple[BoardView, bool]:
    """The board of that name, else the default one and whether that was meant. Raises UnknownObject where there is none to use."""
    model = state.release.model
    found = model.views.get(wanted)
    named = isinstance(found, BoardView) and found.object == object.name
    view = found if isinstance(found, BoardView) and named else model.board(object.name)
    if view is None or not usable(state, view):
        raise UnknownObject(object.name)
    return view, named or not wanted


def _lanes(state: RequestState, view: BoardView, chosen: ListState) -> list[tuple[State, Lane]]:
    states = state.release.model.workflows[view.object].states
    found = []
    for name in view.states:
        wanted = chosen.own.get(SHOWN + name, "")
        limit = min(max(int(wanted), view.limit), MOST) if wanted.isascii() and wanted.isdigit() and len(wanted) < 5 else view.limit
        found.append((states[name], Lane(states[name].stored, limit, states[name].category in _CLOSED)))
    return found


def _shown(
    state: RequestState, plan: ListPlan, view: BoardView, chosen: ListState, lanes: Sequence[tuple[State, Lane]], found: Lanes,
) -> Response:
    _ = words(state.language)
    object, path = plan.object, f"/o/{plan.object.name}/board"
    rights = state.access.object(object.name)
    steps = steps_of(state, object)
    drawn = {stored: _drawn(state, object, found.columns, rows, movable(steps)) for stored, rows in found.rows.items()}
    page = {
        **above(state, plan, chosen, path), "label": object.plural(state.language) if view.default else view.label(state.language),
        "views": ways(state, object, view), "steps": orjson.dumps(list(steps)).decode(),
        "new_url": f"/o/{object.name}/new" if rights.allows("create") else None,
        "new_label": _("New: %(object)s") % {"object": object.label(state.language)},
        "lanes": [_lane(state, path, chosen, one, lane, found, drawn[lane.stored]) for one, lane in lanes],
    }
    page["bar"] = None if chosen.q else bar(state, page)
    return show("board.html", current=object.name, page=page)


def _drawn(state: RequestState, object: Object, columns: Sequence[Column], rows: Sequence[Row], moving: Mapping[str, bool]) -> Markup:
    key = ("cards", object.name, state.language, tuple(column.key for column in columns))
    locale = locale_of(state.release, state.language)
    cards: Cards = cached(state.release).get(key, lambda: Cards(state.release.model, object, columns, locale))
    _ = words(state.language)
    label = str(escape(_("Next step: %(title)s")))
    return Markup(cards.tiles(rows, state.who.today, moving, lambda title: label.replace("%(title)s", title)))


def _lane(
    state: RequestState, path: str, chosen: ListState, one: State, lane: Lane, found: Lanes, tiles: Markup,
) -> dict[str, Any]:
    count, more = len(found.rows[lane.stored]), lane.stored in found.more
    further = dataclasses.replace(chosen, own={**chosen.own, f"{SHOWN}{one.name}": str(min(lane.limit + 20, MOST))})
    everything = ListState(q=chosen.q, filters={**chosen.filters, _state_field(state, path): one.name}, linked=chosen.linked, whole=True)
    return {
        "stored": lane.stored, "label": one.label(state.language), "category": one.category.value, "color": one.color,
        "count": f"{count}+" if more else count, "tiles": tiles, "any": count > 0,
        "more_url": address(path, further) if more and lane.limit < MOST else None,
        "all_url": address(path.removesuffix("/board"), everything) if more and lane.limit >= MOST else None,
    }


def _state_field(state: RequestState, path: str) -> str:
    return state.release.model.objects[path.split("/")[2]].workflow
