"""What leaves as a file or as JSON: the CSV of a list, attachments, answers of the link picker."""

from __future__ import annotations

from flask import Response, jsonify, request

from runtime.api.export import csv_export
from runtime.api.files import file_response
from runtime.records.query import ListQuery
from runtime.screens.blueprint import screens
from runtime.screens.choosing import filter_expression
from runtime.screens.list_state import read_state
from runtime.screens.plans import list_plan
from runtime.screens.shell import known_object
from runtime.screens.views.lists import view_of
from runtime.web.errors import HttpProblem
from runtime.web.routes import Audit, Policy, declare
from runtime.web.state import here

__all__: list[str] = []

FOUND = 20


@screens.get("/o/<name>/export.csv")
@declare(policy=Policy.OBJECT, audit=Audit.EXPORT)
def export_list(name: str) -> Response:
    """The list as it is chosen above it: its view's columns, filters and order."""
    state = here()
    object = known_object(name)
    if not state.access.object(name).allows("export"):
        raise HttpProblem("forbidden")
    chosen = read_state(request.args)
    view = view_of(state, object, chosen.view)
    filter = filter_expression(list_plan(state, object, view), chosen, state)
    query = ListQuery(
        object=name, view=view.name, filter=filter, sort=chosen.sort, linked=chosen.linked, whole=chosen.whole
    )
    return csv_export(state, object, query)


@screens.get("/o/<name>/<record:id>/files/<field>")
@declare(policy=Policy.OBJECT, audit=Audit.VIEW)
def download_file(name: str, id: str, field: str) -> Response:
    """The file in a field of a record."""
    return file_response(here(), known_object(name), id, field)


@screens.get("/o/<name>/lookup")
@declare(policy=Policy.OBJECT, audit=Audit.VIEW)
def look_up(name: str) -> Response:
    """`{items: [{id, title, note}], more}` for the link picker; without `q` the newest."""
    state = here()
    object = known_object(name)
    rows = state.records.lookup(name, request.args.get("q", ""), state.who, state.release, limit=FOUND + 1)
    rows = rows[:FOUND + 1]
    state.seen("lookup", object.id, [row.id for row in rows[:FOUND]])
    items = [{"id": row.id, "title": row.title or f"#{row.id[-6:]}", "note": ""} for row in rows[:FOUND]]
    return jsonify(items=items, more=len(rows) > FOUND)
