"""POST of many commands on one object: all or none (`atomic`, the default), or each for itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response

from runtime.api.body import printable, read_object, refuse_body
from runtime.api.idempotent import once
from runtime.api.lists import json_response
from runtime.api.objects import object_named
from runtime.api.parameters import parameters
from runtime.api.records import CHANNEL, clinic_of, transition_of, version_of, written_json
from runtime.records.commands import Command, Create, Delete, Transition, Update
from runtime.records.ids import is_id
from runtime.records.outcomes import Kind, Outcome, Refused
from runtime.web.errors import HttpProblem, ProblemError, refusal
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__ = ["batch"]

MOST_COMMANDS = 500
Made = Callable[[str, dict[str, Any], str, str], Command]


@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.BEARER, payload="commands")
def batch(name: str) -> Response:
    """`{commands: [{create | update | delete | transition: …}], atomic}` → `{outcomes}`, in order."""
    state = here()
    object_named(state, name)
    parameters(state.language)
    body, raw = read_object(state.language)
    commands, atomic = _read(name, body, state.language)
    return once(state, raw, lambda: _carry_out(state, commands, atomic))


def _read(name: str, body: dict[str, Any], language: str) -> tuple[list[Command], bool]:
    for key in body:
        if key not in ("commands", "atomic"):
            refuse_body("unknown_key", language, name=printable(key), known="commands, atomic")
    if "commands" not in body:
        refuse_body("missing_key", language, name="commands")
    commands, atomic = body["commands"], body.get("atomic", True)
    chinese = language.startswith("zh")
    if not isinstance(atomic, bool):
        refuse_body("wrong_kind", language, pointer="#/atomic", wanted="true 或 false" if chinese else "true or false")
    if not isinstance(commands, list):
        refuse_body("wrong_kind", language, pointer="#/commands", wanted="列表" if chinese else "a list")
    if len(commands) > MOST_COMMANDS:
        refuse_body("too_many_commands", language, pointer="#/commands", limit=MOST_COMMANDS)
    return [_command(name, entry, language, f"#/commands/{place}") for place, entry in enumerate(commands)], atomic


def _command(name: str, entry: object, language: str, pointer: str) -> Command:
    if not isinstance(entry, dict) or len(entry) != 1 or (kind := next(iter(entry))) not in _KINDS:
        refuse_body("one_command", language, pointer=pointer, known=", ".join(_KINDS))
    inner = entry[kind]
    pointer = f"{pointer}/{kind}"
    if not isinstance(inner, dict):
        refuse_body("not_object", language, pointer=pointer)
    return _KINDS[kind](name, dict(inner), language, pointer)


def _create(name: str, inner: dict[str, Any], language: str, pointer: str) -> Create:
    clinic = clinic_of(inner, language, pointer)
    return Create(name, inner, clinic)


def _update(name: str, inner: dict[str, Any], language: str, pointer: str) -> Update:
    id, version = _id(inner, language, pointer), _version(inner, language, pointer)
    return Update(name, id, inner, version)


def _delete(name: str, inner: dict[str, Any], language: str, pointer: str) -> Delete:
    id, version = _id(inner, language, pointer), _version(inner, language, pointer)
    for key in inner:
        refuse_body("unknown_key", language, pointer=pointer, name=printable(key), known="id, version")
    return Delete(name, id, version)


def _transition(name: str, inner: dict[str, Any], language: str, pointer: str) -> Transition:
    id, transition = _id(inner, language, pointer), _taken(inner, "name", language, pointer)
    if not isinstance(transition, str) or not transition.isprintable():
        wanted = "流程操作的名称" if language.startswith("zh") else "the name of a transition"
        refuse_body("wrong_kind", language, pointer=f"{pointer}/name", wanted=wanted)
    return transition_of(name, id, transition, inner, None, language, pointer)


_KINDS: Mapping[str, Made] = {"create": _create, "update": _update, "delete": _delete, "transition": _transition}


def _taken(inner: dict[str, Any], key: str, language: str, pointer: str) -> Any:
    if key not in inner:
        refuse_body("missing_key", language, pointer=pointer, name=key)
    return inner.pop(key)


def _id(inner: dict[str, Any], language: str, pointer: str) -> str:
    found = _taken(inner, "id", language, pointer)
    if not is_id(found):
        wanted = "记录编号(32 位十六进制)" if language.startswith("zh") else "the id of a record (32 hex digits)"
        refuse_body("wrong_kind", language, pointer=f"{pointer}/id", wanted=wanted)
    return str(found)


def _version(inner: dict[str, Any], language: str, pointer: str) -> int:
    return version_of(_taken(inner, "version", language, pointer), language, f"{pointer}/version")


def _carry_out(state: RequestState, commands: list[Command], atomic: bool) -> Response:
    outcomes = state.records.execute(commands, state.who, release=state.release, atomic=atomic, request=state.info(CHANNEL))
    problems = [_problem(place, outcome, commands[place]) for place, outcome in enumerate(outcomes)]
    shown = [
        written_json(outcome) if problem is None else problem.body(state.language, state.request_id)  # type: ignore[arg-type]
        for outcome, problem in zip(outcomes, problems, strict=True)
    ]
    first = next((p for p, o in zip(problems, outcomes, strict=True) if p is not None and not _not_tried(o)), None)
    if not atomic or first is None:
        return json_response({"outcomes": shown})
    errors: list[ProblemError] = [error for problem in problems if problem is not None for error in problem.errors]
    raise HttpProblem(first.code, detail=first.detail, errors=errors, headers=first.headers, extra={"outcomes": shown})


def _not_tried(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.kind is Kind.NOT_TRIED


def _problem(place: int, outcome: Outcome, command: Command) -> HttpProblem | None:
    if not isinstance(outcome, Refused):
        return None
    kind = next(name for name, made in (("create", Create), ("update", Update), ("delete", Delete), ("transition", Transition))
                if isinstance(command, made))
    inner = "/values" if kind == "transition" else ""
    return refusal(outcome, pointer=f"#/commands/{place}/{kind}{inner}")
