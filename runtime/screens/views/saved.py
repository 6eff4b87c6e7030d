"""Adjusting a list: its columns, and keeping it under a name."""

from __future__ import annotations

import dataclasses

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from engine.model import Object
from runtime.screens.blueprint import screens
from runtime.screens.list_state import ListState, address, read_state
from runtime.screens.saved import MAX_COLUMNS, MAX_NAME, drop, keep, offered, saved_views
from runtime.screens.shell import known_object, show
from runtime.screens.views.lists import view_of
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []


@screens.get("/o/<name>/adjust")
@declare(policy=Policy.OBJECT, audit=Audit.VIEW)
def adjust_list(name: str) -> Response:
    """Which columns, in which order, and her kept lists; the address is that of the list."""
    state = here()
    object = known_object(name)
    return _page(state, object, read_state(request.args))


@screens.post("/o/<name>/adjust")
@declare(policy=Policy.OBJECT, audit=Audit.NONE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="columns, a name")
def save_list(name: str) -> BaseResponse:
    """Shows the list with the columns, and keeps it where a name is given."""
    state = here()
    object = known_object(name)
    chosen = _chosen(state, object)
    title = " ".join("".join(c for c in request.form.get("_name", "") if c.isprintable()).split())
    if len(title) > MAX_NAME or (title and not keep(state, object, title, chosen)):
        return _page(state, object, chosen, wrong="long" if len(title) > MAX_NAME else "many", name=title, status=422)
    return redirect(address(f"/o/{object.name}", chosen), 303)


@screens.post("/o/<name>/adjust/<record:id>/drop")
@declare(policy=Policy.OBJECT, audit=Audit.NONE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="nothing")
def drop_list(name: str, id: str) -> BaseResponse:
    """Forgets a kept list."""
    state = here()
    object = known_object(name)
    drop(state, object, id)
    return redirect(f"/o/{object.name}/adjust", 303)


def _chosen(state: RequestState, object: Object) -> ListState:
    """The state of the posted form; without a column, or with exactly the view's, the view's own."""
    chosen = read_state({key: value for key, value in request.form.items() if not key.startswith("_") and key not in ("csrf_token", "col")})
    view = view_of(state, object, chosen.view)
    known = offered(state, object, view)
    columns = tuple(dict.fromkeys(name for name in request.form.getlist("col") if name in known))[:MAX_COLUMNS]
    own = tuple(".".join(column.path) for column in view.columns.values() if ".".join(column.path) in known)
    return dataclasses.replace(chosen, columns=() if columns == own else columns, unknown=(), after="")


def _page(
    state: RequestState, object: Object, chosen: ListState, *, wrong: str = "", name: str = "", status: int = 200,
) -> Response:
    view = view_of(state, object, chosen.view)
    known = offered(state, object, view)
    headings = {".".join(column.path): column.label(state.language) for column in view.columns.values()}
    current = [path for path in (chosen.columns or headings) if path in known]
    kept = dataclasses.replace(chosen, columns=(), after="", unknown=())
    return show(
        "adjust.html", status, current=object.name, path=f"/o/{object.name}", back=address(f"/o/{object.name}", chosen),
        label=object.plural(state.language), keep=kept.parameters(), wrong=wrong, name=name, most=MAX_COLUMNS, longest=MAX_NAME,
        columns=[
            {"name": path, "label": headings.get(path) or known[path].label(state.language), "chosen": path in current}
            for path in [*current, *(path for path in known if path not in current)]
        ],
        saved=[{"id": one.id, "name": one.name, "url": one.url} for one in saved_views(state, object)],
    )
