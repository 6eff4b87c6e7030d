"""GET of a list: filter, sort, limit, after, fields."""

from __future__ import annotations

import orjson
from flask import Response

from runtime.api.objects import readable
from runtime.api.parameters import number, parameters
from runtime.api.rows import serializer_of
from runtime.records.query import ListQuery
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import here

__all__ = ["json_response", "list_records"]

PARAMETERS = ("filter", "sort", "limit", "after", "fields")
DEFAULT_LIMIT = 50
JSON = "application/json"


@declare(policy=Policy.OBJECT, audit=Audit.VIEW, rate=Rate.READ, csrf=Csrf.SAFE)
def list_records(name: str) -> Response:
    """`{items, next}`; the ids shown are in the view audit before it leaves."""
    state = here()
    object = readable(state, name)
    asked = parameters(state.language, PARAMETERS)
    page = state.records.list(list_query(name, asked, state.language), state.who, state.release)
    state.seen("list", object.id, page.ids)
    return json_response(serializer_of(state, page).page(page))


def list_query(name: str, asked: dict[str, str], language: str) -> ListQuery:
    """The query that parameters ask for. Raises HttpProblem 400."""
    fields = asked.get("fields")
    return ListQuery(
        object=name, filter=asked.get("filter", ""), sort=asked.get("sort", ""), after=asked.get("after") or None,
        limit=number(asked["limit"], "limit", language) if "limit" in asked else DEFAULT_LIMIT,
        fields=None if fields is None else tuple(dict.fromkeys(part.strip() for part in fields.split(",") if part.strip())),
    )


def json_response(value: object, status: int = 200) -> Response:
    """A value of plain JSON as a response."""
    return Response(orjson.dumps(value), status, content_type=JSON)
