"""The search box of every screen: a few finds below it as somebody types, and a page of all of them."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from runtime.records.finding import Finds, Found
from runtime.screens.blueprint import screens
from runtime.screens.environment import page
from runtime.screens.shell import answer, known_object, object_icon, readable_objects, show
from runtime.web.routes import Audit, Policy, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []

MAX_TYPED = 160
BELOW, ON_PAGE, OF_ONE = 4, 8, 50
"""Finds of each object: below the box, on the page, on the page of one object."""


@screens.get("/search")
@declare(policy=Policy.SIGNED_IN, audit=Audit.VIEW)
def search() -> Response:
    """All finds by object; `in` names the one object to look in."""
    state, typed, only = here(), _typed(), request.args.get("in", "")
    objects = (known_object(only).name,) if only else ()
    groups = _groups(state, typed, OF_ONE if only else ON_PAGE, objects)
    return show("search.html", current="search", typed=typed, only=bool(only), groups=groups)


@screens.get("/search/box")
@declare(policy=Policy.SIGNED_IN, audit=Audit.VIEW)
def search_box() -> Response:
    """A piece of a page: the likeliest finds as links."""
    state, typed = here(), _typed()
    macros: Any = page("parts/finds.html", state.language).module
    return answer(str(macros.finds(typed, _groups(state, typed, BELOW))))


def _typed() -> str:
    return "".join(c for c in request.args.get("q", "") if c.isprintable()).strip()[:MAX_TYPED]


def _groups(state: RequestState, typed: str, limit: int, objects: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What was found, seen and audited as shown."""
    objects = objects or tuple(object.name for object in readable_objects(state))
    found = state.records.find(typed, state.who, state.release, objects=objects, limit=limit)
    for finds in found:
        state.seen("search", finds.object.id, [one.row.id for one in finds.found])
    return [_group(state, finds) for finds in found]


def _group(state: RequestState, finds: Finds) -> dict[str, Any]:
    object = finds.object
    return {
        "name": object.name, "label": object.plural(state.language), "icon": object_icon(object), "more": finds.more,
        "rows": [_row(state, finds, one) for one in finds.found],
    }


def _row(state: RequestState, finds: Finds, one: Found) -> dict[str, Any]:
    because = [f"{field.label(state.language)}: {text}" for field, text in one.because]
    if one.number and not any(text == one.number for _field, text in one.because):
        because.insert(0, one.number)
    return {"title": one.row.title or one.row.id[-8:], "url": f"/o/{finds.object.name}/{one.row.id}", "note": " · ".join(because)}
