"""What a form's conditions read behind a link, when scripts have seen it change."""

from __future__ import annotations

from flask import Response, jsonify, request

from runtime.records.ids import is_id
from runtime.records.rows import UnknownObject
from runtime.screens.blueprint import screens
from runtime.web.errors import HttpProblem
from runtime.web.routes import Audit, Policy, declare
from runtime.web.state import here

__all__: list[str] = []


@screens.get("/o/<name>/behind")
@declare(policy=Policy.OBJECT, audit=Audit.VIEW)
def behind_link(name: str) -> Response:
    """`{path: value}` of the record `id` behind the link `field` of the form (of its rows with `group`); as the reader may see them."""
    state = here()
    form = state.release.model.forms.get(request.args.get("form", ""))
    if name not in state.release.model.objects:
        raise UnknownObject(name)
    rights = state.access.object(name)
    group, field, id = (request.args.get(key, "") for key in ("group", "field", "id"))
    if form is None or form.object != name or not (rights.allows("read") or rights.allows("create")) or not is_id(id):
        raise HttpProblem("not_found")
    item = form.items.get(group)
    object = state.release.model.objects[item.row_object if item is not None and item.rows else name]
    if (group and (item is None or not item.rows)) or field not in object.fields or not object.fields[field].type.link_to:
        raise HttpProblem("not_found")
    found = state.records.behind_link(form, group, field, id, state.who, state.release)
    if found is None:
        raise HttpProblem("not_found")
    if found:
        state.seen("form", state.release.model.objects[object.fields[field].type.link_to].id, [id])
    return jsonify(found)
