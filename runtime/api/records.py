"""One record: create, read, change, delete, restore, move along its workflow, and what happened to it."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, request

from runtime.api.body import read_object, refuse_body
from runtime.api.idempotent import once
from runtime.api.lists import JSON, json_response
from runtime.api.objects import object_named, readable
from runtime.api.parameters import etag, if_match, optional_if_match, parameters
from runtime.api.payloads import check_payload
from runtime.api.rows import history_json, serializer_of
from runtime.records.commands import Command, Create, Delete, Restore, Transition, Update
from runtime.records.deleted import deleted_object
from runtime.records.ids import is_id
from runtime.records.outcomes import Refused, Written
from runtime.records.query import ListQuery
from runtime.web.errors import HttpProblem, refusal
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__ = ["create_record", "delete_record", "fire_transition", "get_record", "record_history", "restore_record", "update_record"]

CHANNEL = "api"
TRANSITION_KEYS = ("values", "reason", "version")
MOST_VERSION = 10**9


@declare(policy=Policy.OBJECT, audit=Audit.VIEW, rate=Rate.READ, csrf=Csrf.SAFE)
def get_record(name: str, id: str) -> Response:
    """One record with its ETag."""
    state = here()
    object = readable(state, name)
    parameters(state.language)
    page = state.records.list(ListQuery(object=name, ids=(id,), limit=1), state.who, state.release)
    if not page.rows:
        raise HttpProblem("not_found")
    row = page.rows[0]
    state.seen("record", object.id, (row.id,))
    response = json_response(serializer_of(state, page).json(row))
    response.headers["ETag"] = etag(row.version)
    return response


@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.BEARER, payload="fields of a record")
def create_record(name: str) -> Response:
    """201 with Location, ETag and `{id, version, warnings}`; `clinic_id` beside the fields chooses the clinic."""
    state = here()
    object = object_named(state, name)
    parameters(state.language)
    values, raw = read_object(state.language)
    clinic = clinic_of(values, state.language)

    def work() -> Response:
        check_payload(state, object, "create", values)
        written = carry_out(state, Create(name, values, clinic))
        response = written_response(written, 201)
        response.headers["Location"] = f"/api/v1/{name}/{written.id}"
        return response

    return once(state, raw, work)


@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.BEARER, payload="some fields of a record")
def update_record(name: str, id: str) -> Response:
    """200 with the new ETag; the fields that are not named stay."""
    state = here()
    object = object_named(state, name)
    parameters(state.language)
    version = if_match(state.language)
    values, _ = read_object(state.language)
    check_payload(state, object, "update", values)
    return written_response(carry_out(state, Update(name, id, values, version)))


@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.BEARER, payload="nothing")
def delete_record(name: str, id: str) -> Response:
    """204; POST to `restore` takes it back."""
    state = here()
    object_named(state, name)
    parameters(state.language)
    carry_out(state, Delete(name, id, if_match(state.language)))
    return Response(status=204)


@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.BEARER, payload="nothing")
def restore_record(name: str, id: str) -> Response:
    """Undo a delete. The object of the address must be the record's."""
    state = here()
    object = object_named(state, name)
    parameters(state.language)
    rights = state.access.object(name)
    if rights.allows("read") and not rights.allows("delete"):
        raise HttpProblem("forbidden")
    if deleted_object(state.store, id) != object.id:
        raise HttpProblem("not_found")
    return once(state, b"", lambda: written_response(carry_out(state, Restore(id))))


@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.BEARER, payload="values, reason, version")
def fire_transition(name: str, id: str, transition: str) -> Response:
    """Move a record along its workflow; a body is optional, and so is the version (If-Match or `version`)."""
    state = here()
    object_named(state, name)
    parameters(state.language)
    body, raw = read_object(state.language) if request.get_data(cache=True) else ({}, b"")
    version = optional_if_match(state.language)
    command = transition_of(name, id, transition, body, version, state.language)
    return once(state, raw, lambda: written_response(carry_out(state, command, pointer="#/values")))


@declare(policy=Policy.OBJECT, audit=Audit.VIEW, rate=Rate.READ, csrf=Csrf.SAFE)
def record_history(name: str, id: str) -> Response:
    """`{items}`, newest first."""
    state = here()
    object = readable(state, name)
    parameters(state.language)
    entries = state.records.history(name, id, state.who, state.release)
    if entries is None:
        raise HttpProblem("not_found")
    state.seen("history", object.id, (id,))
    return json_response({"items": history_json(entries)})


def carry_out(state: RequestState, command: Command, *, pointer: str = "#") -> Written:
    """Carry out one command. Raises HttpProblem for a refusal; `pointer` is where its values stand in the body."""
    (outcome,) = state.records.execute([command], state.who, release=state.release, request=state.info(CHANNEL))
    if isinstance(outcome, Refused):
        raise refusal(outcome, pointer=pointer)
    return outcome


def written_json(written: Written) -> dict[str, object]:
    """What every write answers: never a value of the record, so that reading stays with the routes that audit it."""
    warnings = [{"pointer": f"#/{w.field}", "code": w.code, "message": w.message} for w in written.warnings]
    return {"id": written.id, "version": written.version, "warnings": warnings}


def written_response(written: Written, status: int = 200) -> Response:
    """`{id, version, warnings}` with the new ETag."""
    response = Response(orjson.dumps(written_json(written)), status, content_type=JSON)
    response.headers["ETag"] = etag(written.version)
    return response


def clinic_of(values: dict[str, Any], language: str, pointer: str = "#") -> str | None:
    """Take `clinic_id` out of the fields of a new record. Raises HttpProblem 400 when it is no id."""
    clinic = values.pop("clinic_id", None)
    if clinic is not None and not is_id(clinic):
        wanted = "记录编号(32 位十六进制)" if language.startswith("zh") else "the id of a record (32 hex digits)"
        refuse_body("wrong_kind", language, pointer=f"{pointer}/clinic_id", wanted=wanted)
    found: str | None = clinic
    return found


def transition_of(
    name: str, id: str, transition: str, body: dict[str, Any], version: int | None, language: str, pointer: str = "#",
) -> Transition:
    """The command of `{values, reason, version}`. Raises HttpProblem 400 for another shape."""
    for key in body:
        if key not in TRANSITION_KEYS:
            refuse_body("unknown_key", language, pointer=pointer, name=key[:60], known=", ".join(TRANSITION_KEYS))
    values, reason = body.get("values", {}), body.get("reason")
    if not isinstance(values, dict):
        refuse_body("not_object", language, pointer=f"{pointer}/values")
    if reason is not None and not isinstance(reason, str):
        wanted = "文本" if language.startswith("zh") else "a text"
        refuse_body("wrong_kind", language, pointer=f"{pointer}/reason", wanted=wanted)
    if "version" in body:
        version = version_of(body["version"], language, f"{pointer}/version")
    return Transition(name, id, transition, values, version, reason)


def version_of(value: object, language: str, pointer: str) -> int:
    """A version given in a body. Raises HttpProblem 400."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < MOST_VERSION:
        return value
    refuse_body("wrong_kind", language, pointer=pointer, wanted="版本号" if language.startswith("zh") else "the version of a record")
