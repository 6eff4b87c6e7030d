"""GET of a list as CSV: what the caller may read and export, audited row by row, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterator

from flask import Response

from engine.model import Object
from runtime.api.lists import list_query
from runtime.api.objects import readable
from runtime.api.parameters import parameters
from runtime.api.rows import locale_of
from runtime.records.query import ListQuery
from runtime.records.serializer import Serializer
from runtime.web.errors import HttpProblem
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__ = ["csv_export", "export_csv"]

PARAMETERS = ("filter", "sort", "fields")
BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets take UTF-8 for something else and break Chinese names."""


@declare(policy=Policy.OBJECT, audit=Audit.EXPORT, rate=Rate.READ, csrf=Csrf.SAFE)
def export_csv(name: str) -> Response:
    """The whole list; every id that is delivered stands in the view audit before the first byte leaves."""
    state = here()
    object = readable(state, name)
    query = list_query(name, parameters(state.language, PARAMETERS), state.language)
    if not state.access.object(name).allows("export"):
        raise HttpProblem("forbidden")
    return csv_export(state, object, query)


def csv_export(state: RequestState, object: Object, query: ListQuery) -> Response:
    """A query's rows as a CSV file. Raises UnknownObject and BadQuery. Screens use it too."""
    text = "".join(_lines(state, object, query))
    response = Response(text.encode("utf-8"), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"{object.name}.csv")
    return response


def _lines(state: RequestState, object: Object, query: ListQuery) -> Iterator[str]:
    out = io.StringIO(BYTE_ORDER_MARK, newline="")
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out, lineterminator="\r\n")
    serializer: Serializer | None = None
    detail = {"filter": bool(query.filter), "columns": list(query.fields or ())}
    for page in state.records.export(dataclasses.replace(query, after=None), state.who, state.release):
        if serializer is None:
            serializer = Serializer(page.columns, locale_of(state))
            writer.writerow(serializer.header())
        writer.writerows([serializer.export(row) for row in page.rows])
        state.seen("export", object.id, page.ids, detail)
        yield out.getvalue()
        out.seek(0)
        out.truncate()
