"""GET of who the caller is and what that allows."""

from __future__ import annotations

from flask import Response

from engine.names import SYSTEM_RIGHTS
from runtime.api.lists import json_response
from runtime.api.objects import visible
from runtime.api.parameters import parameters
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__ = ["me"]

ACTIONS = ("create", "read", "update", "delete", "export")


@declare(policy=Policy.SIGNED_IN, audit=Audit.NONE, rate=Rate.READ, csrf=Csrf.SAFE)
def me() -> Response:
    """The caller's own name, roles per clinic, rights on the system, and the objects there are for her."""
    state = here()
    parameters(state.language)
    actor, roles = state.who, {role.id: role for role in state.release.model.roles.values()}
    memberships = [
        {"role": roles[m.role].name, "label": roles[m.role].label(state.language), "clinic": m.clinic_id}
        for m in actor.memberships if m.role in roles
    ]
    return json_response({
        "id": actor.id, "name": actor.name, "language": state.language, "today": actor.today.isoformat(),
        "memberships": memberships, "clinics": list(actor.clinics),
        "system": [right for right in sorted(SYSTEM_RIGHTS) if state.access.system(right)],
        "objects": _objects(state), "release": state.release.hash,
    })


def _objects(state: RequestState) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for object in state.release.model.objects.values():
        if visible(state, object):
            rights = state.access.object(object.name)
            workflow = state.release.model.workflows.get(object.name)
            names = (*ACTIONS, *(workflow.transitions if workflow else ()))
            can = [name for name in names if rights.allows(name)]
            found.append({"name": object.name, "label": object.label(state.language), "can": can})
    return found
