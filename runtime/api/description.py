"""GET of the API's own description: OpenAPI 3.1, made once per release, kind of caller and language."""

from __future__ import annotations

import orjson
from flask import Response

from engine.model import Object
from engine.targets.openapi import ObjectView, openapi
from runtime.access import Sight
from runtime.api.lists import JSON
from runtime.api.objects import visible
from runtime.api.own import ACTIONS
from runtime.api.parameters import parameters
from runtime.api.payloads import writable
from runtime.records.asked import may_ask
from runtime.records.prepared import LruCache
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__ = ["describe", "openapi_json"]


@declare(policy=Policy.SIGNED_IN, audit=Audit.NONE, rate=Rate.READ, csrf=Csrf.SAFE)
def openapi_json() -> Response:
    """What the caller may see of the API; what she may not is not in it."""
    state = here()
    parameters(state.language)
    kept = state.release.cache.setdefault("api.openapi", LruCache[bytes](64))
    body: bytes = kept.get((state.who.shape, state.language), lambda: describe(state))
    return Response(body, content_type=JSON)


def describe(state: RequestState) -> bytes:
    """The description for the caller of this request."""
    views = [_view(state, object) for object in state.release.model.objects.values() if visible(state, object)]
    return orjson.dumps(openapi(state.release.model, views, state.language))


def _view(state: RequestState, object: Object) -> ObjectView:
    rights = state.access.object(object.name)
    can = frozenset(action for action in ACTIONS if rights.allows(action))
    sights = {name: rights.field("read", name).fixed for name in object.fields} if "read" in can else {}
    workflow = state.release.model.workflows.get(object.name)
    transitions = {}
    for name, transition in workflow.transitions.items() if workflow else ():
        if rights.allows(name):
            asked = {field for form in may_ask(state.release, object, transition) for field in form.fields}
            transitions[name] = (transition, tuple(each for each in writable(state, object, name) if each in asked))
    return ObjectView(
        object=object, can=can, read={name: sight is not Sight.VALUE for name, sight in sights.items() if sight is not Sight.ABSENT},
        create=writable(state, object, "create") if "create" in can else (),
        update=writable(state, object, "update") if "update" in can else (), transitions=transitions,
        plans=_plans(state, object),
    )


def _plans(state: RequestState, object: Object) -> tuple[str, ...] | None:
    """Plans that records of the object begin, if the caller may see what their steps make; None where it has to do with none."""
    plans = [plan for plan in state.release.model.plans.values() if object.name in (plan.object, plan.subject)]
    made = {plan.name: [step.create for step in plan.steps.values() if step.create] for plan in plans}
    known = [plan for plan in plans if all(state.access.object(name).allows("read") for name in (plan.subject, plan.object, *made[plan.name]))]
    return tuple(plan.name for plan in known if plan.object == object.name) if known else None
