"""GET of the search box: records of every object by what stands in them."""

from __future__ import annotations

from flask import Response

from runtime.api.lists import json_response
from runtime.api.parameters import number, parameters, refuse
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import here

__all__ = ["search"]

DEFAULT_LIMIT, MAX_LIMIT, MAX_TYPED = 5, 50, 160


@declare(policy=Policy.SIGNED_IN, audit=Audit.VIEW, rate=Rate.READ, csrf=Csrf.SAFE)
def search() -> Response:
    """`{items: [{object, id, title, because}], more: [object names]}`, at most `limit` of each object."""
    state = here()
    asked = parameters(state.language, ("q", "objects", "limit"))
    limit = number(asked["limit"], "limit", state.language) if "limit" in asked else DEFAULT_LIMIT
    typed = asked.get("q", "")
    if not 1 <= limit <= MAX_LIMIT:
        refuse("limit", state.language, f"from 1 to {MAX_LIMIT}", f"1 至 {MAX_LIMIT}")
    if not typed.strip() or len(typed) > MAX_TYPED:
        refuse("q", state.language, f"of 1 to {MAX_TYPED} characters", f"1 至 {MAX_TYPED} 个字符")
    names = tuple(dict.fromkeys(name for name in asked.get("objects", "").split(",") if name))
    unknown = [name for name in names if name not in state.release.model.objects or not state.access.object(name).allows("read")]
    if unknown:
        refuse("objects", state.language, "names of objects that there are", "存在的对象名称")
    found = state.records.find(typed, state.who, state.release, objects=names, limit=limit)
    for finds in found:
        state.seen("search", finds.object.id, [one.row.id for one in finds.found])
    items = [
        {"object": finds.object.name, "id": one.row.id, "title": one.row.title, "because": {field.name: text for field, text in one.because}}
        for finds in found for one in finds.found
    ]
    return json_response({"items": items, "more": [finds.object.name for finds in found if finds.more]})
