"""The plans of one record: which it is on and how far, put it on one, take it off."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response

from engine.targets.browser_values import to_json
from runtime.api.body import printable, read_object, refuse_body
from runtime.api.idempotent import once
from runtime.api.lists import JSON, json_response
from runtime.api.objects import object_named, readable
from runtime.api.parameters import parameters
from runtime.plans.by_hand import ByHand, Cannot
from runtime.plans.timeline import Offer, Timeline, has_plans, named, timeline
from runtime.web.errors import HttpProblem
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__ = ["begin_plan", "hands", "list_plans", "problem_of", "stop_plan"]


@declare(policy=Policy.OBJECT, audit=Audit.VIEW, rate=Rate.READ, csrf=Csrf.SAFE)
def list_plans(name: str, id: str) -> Response:
    """`{items, offers}`: the plans that the record is on or was on, or that are about it, and those that it may be put on."""
    state = here()
    object = readable(state, name)
    parameters(state.language)
    if state.records.get(name, id, state.who, state.release) is None:
        raise HttpProblem("not_found")
    with state.store.read() as connection:
        found, offers = timeline(connection, state.release, state.who, object, id, state.now)
    for object_id, ids in named(state.release, object, id, found, offers).items():
        state.seen("plans", object_id, ids)
    return json_response({
        "items": [_item(one, state.language) for one in found], "offers": [_offer(one, state.language) for one in offers]})


@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.BEARER, payload="plan")
def begin_plan(name: str, id: str) -> Response:
    """201 with `{id}` of the enrolment; 200 when the record is on that plan already."""
    state = here()
    object_named(state, name)
    parameters(state.language)
    body, raw = read_object(state.language)
    plan = _plan_of(state, name, body)

    def work() -> Response:
        try:
            made, fresh = hands(state).enrol(name, id, plan)
        except Cannot as refused:
            raise problem_of(refused) from refused
        return Response(orjson.dumps({"id": made}), 201 if fresh else 200, content_type=JSON)

    return once(state, raw, work)


@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.BEARER, payload="nothing; the reason in the address")
def stop_plan(name: str, id: str, enrolment: str) -> Response:
    """204, also when the plan was over already. `reason` may say why."""
    state = here()
    object = object_named(state, name)
    reason = parameters(state.language, ("reason",)).get("reason")
    with state.store.read() as connection:
        found, _ = timeline(connection, state.release, state.who, object, id, state.now)
    if all(one.enrolment.id != enrolment for one in found):
        raise HttpProblem("not_found")
    try:
        hands(state).stop(enrolment, reason)
    except Cannot as refused:
        raise problem_of(refused) from refused
    return Response(status=204)


def hands(state: RequestState) -> ByHand:
    """The caller's own."""
    return ByHand(
        store=state.store, records=state.records, actor=state.who, now=state.now, new_id=state.site.new_id, request_id=state.request_id)


def problem_of(refused: Cannot) -> HttpProblem:
    """The refusal as HTTP says it."""
    return HttpProblem({"stops": "plan_stops", "invalid_reason": "bad_query"}.get(refused.code, refused.code))


def _plan_of(state: RequestState, name: str, body: dict[str, Any]) -> str:
    for key in body:
        if key != "plan":
            refuse_body("unknown_key", state.language, name=printable(key), known="plan")
    plan = body.get("plan")
    if not isinstance(plan, str):
        wanted = "计划名称" if state.language.startswith("zh") else "the name of a plan"
        refuse_body("wrong_kind", state.language, pointer="#/plan", wanted=wanted)
    if not has_plans(state.release, name):
        raise HttpProblem("not_found")
    return plan


def _item(one: Timeline, language: str) -> dict[str, Any]:
    each = one.enrolment
    return {
        "id": each.id, "plan": one.plan.name, "label": one.plan.label(language), "record": {"object": one.object.name, "id": each.record_id},
        "subject_id": each.subject_id, "state": each.state.value, "cause": each.cause.value, "anchor": each.anchor, "why": each.why,
        "reason": each.reason, "begun_at": to_json(each.begun_at), "ended_at": to_json(each.ended_at), "may_stop": one.may_stop,
        "steps": [
            {
                "step": entry.row.step.rpartition(".")[2], "label": entry.label(language), "n": entry.row.n,
                "at": to_json(entry.row.due_date or entry.row.due_at), "until": to_json(entry.row.until),
                "state": entry.row.state.value if entry.shown else None, "why": entry.row.why if entry.shown else None,
                "record": {"object": entry.record[0], "id": entry.record[1]} if entry.record else None,
            }
            for entry in one.entries
        ],
    }


def _offer(one: Offer, language: str) -> dict[str, Any]:
    return {"plan": one.plan.name, "label": one.plan.label(language), "record": {"object": one.object.name, "id": one.record_id}}
