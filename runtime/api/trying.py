"""POST of an expression to be tried on one record: its value, its type and what it is made of, as the caller may see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Response

from engine.expressions.limits import MAX_CHARACTERS
from engine.expressions.values import parse_instant
from runtime.api.body import read_object, refuse_body
from runtime.api.lists import json_response
from runtime.api.objects import readable
from runtime.api.parameters import parameters
from runtime.api.payloads import escaped
from runtime.records.ids import is_id
from runtime.records.messages import text as message_of
from runtime.records.tried import as_json
from runtime.records.trying import BadTrial, Trial
from runtime.web.errors import HttpProblem, ProblemError
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__ = ["try_expression"]

KEYS = ("expression", "id", "values", "now")


@declare(policy=Policy.OBJECT, audit=Audit.VIEW, rate=Rate.READ, csrf=Csrf.BEARER, payload="expression, id, values, now")
def try_expression(name: str) -> Response:
    """`{object, expression, type, value, trace, hidden}` of an expression over the object, on a record or on values alone.

    Whoever may read records of the object may try with the names that a filter may use. With the right to design every name is known, and what
    the caller may not see is null, named in `hidden`. The record is in the view audit before the answer leaves.
    """
    state = here()
    whole = state.access.system("design")
    model = state.release.model
    object = model.objects[name] if whole and name in model.objects else readable(state, name)
    parameters(state.language)
    body, _ = read_object(state.language)
    trial = _trial(state, name, body, whole)
    try:
        tried = state.records.try_out(trial, state.who, state.release)
    except BadTrial as bad:
        _refuse(state, bad)
    if trial.id is not None:
        state.seen("record", object.id, (trial.id,))
    return json_response(as_json(tried, state.language))


def _trial(state: RequestState, name: str, body: Mapping[str, Any], whole: bool) -> Trial:
    """The trial that a body asks for. Raises HttpProblem 400."""
    for key in body:
        if key not in KEYS:
            refuse_body("unknown_key", state.language, pointer=f"#/{escaped(key)}", name=key[:60], known=", ".join(KEYS))
    expression, id, values, now = (body.get(key) for key in KEYS)
    if "expression" not in body:
        refuse_body("missing_key", state.language, name="expression")
    chinese = state.language.startswith("zh")
    if not isinstance(expression, str) or len(expression) > MAX_CHARACTERS:
        _wrong(state, "expression", f"不超过 {MAX_CHARACTERS} 个字符的文本" if chinese else f"a text of at most {MAX_CHARACTERS} characters")
    if id is not None and not (isinstance(id, str) and is_id(id)):
        _wrong(state, "id", "记录编号" if chinese else "the id of a record")
    if values is not None and not isinstance(values, dict):
        _wrong(state, "values", "由字段和值组成的对象" if chinese else "an object of fields and values")
    at = parse_instant(now) if isinstance(now, str) else None
    if now is not None and at is None:
        _wrong(state, "now", "如 2026-11-22T08:00:00Z 的时刻" if chinese else "an instant such as 2026-11-22T08:00:00Z")
    return Trial(object=name, expression=expression, id=id, values=values or {}, now=at, whole=whole)


def _wrong(state: RequestState, key: str, wanted: str) -> NoReturn:
    refuse_body("wrong_kind", state.language, pointer=f"#/{key}", wanted=wanted)


def _refuse(state: RequestState, bad: BadTrial) -> NoReturn:
    """Raise HttpProblem: 404 for a record that is not there, 400 with code, place and way out for the rest."""
    if bad.code == "not_found":
        raise HttpProblem("not_found") from None
    chinese = state.language.startswith("zh")
    errors = []
    for error in bad.errors:
        message, fix = error.say(state.language) if chinese else (error.message, error.fix)
        errors.append(ProblemError(error.code.code, message, pointer="#/expression", offset=error.offset, fix=fix))
    if bad.code:
        pointer = "#/expression" if bad.code == "too_many_rows" else f"#/values/{escaped(bad.field)}"
        errors.append(ProblemError(bad.code, message_of(bad.code, state.language, **bad.words), pointer=pointer))
    raise HttpProblem("invalid", detail=errors[0].message, errors=errors) from None
