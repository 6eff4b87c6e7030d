"""The route matrix: every address of the application, filled for every object, and what the definitions say about a caller.

What a caller may do is read from the roles of the Model here, with a few lines of its own, not from the product's access code.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

from engine.model import Model
from runtime.web.routes import Declaration, Policy, declaration
from tests.runtime.api.world import NORTH, PEOPLE, Web

FILLED = {
    "field": "photo", "filename": "carework.css", "clinic": NORTH, "enrolment": "e" * 32, "link_id": "e" * 32, "request_id": "e" * 32,
    "token": "t" * 40,
}
OBJECTS = ("patient", "visit", "task", "staff", "team_member", "nothing")


@dataclasses.dataclass(frozen=True)
class Address:
    """One method of one route, filled for one object."""

    rule: Rule
    endpoint: str
    method: str
    object: str
    step: str
    declared: Declaration

    def path(self, app: Flask, ids: dict[str, str]) -> str:
        """The address with the ids of records by object."""
        known = {**FILLED, "name": self.object, "id": ids.get(self.object, "e" * 32), "transition": self.step, "step": self.step}
        unknown = self.rule.arguments - known.keys()
        assert not unknown, f"{self.rule.rule}: the matrix does not know how to fill {unknown}"
        return str(app.url_map.bind("localhost").build(self.endpoint, {name: known[name] for name in self.rule.arguments}))


def addresses(app: Flask, model: Model) -> Iterator[Address]:
    """Every route × method × object; transitions × those of the object."""
    for rule in app.url_map.iter_rules():
        declared = declaration(app, rule.endpoint)
        assert declared is not None, rule.rule
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            objects = OBJECTS[:1] if method == "HEAD" else OBJECTS
            for object in objects if "name" in rule.arguments else ("",):
                for step in _steps(model, object) if rule.arguments & {"transition", "step"} else ("",):
                    yield Address(rule, rule.endpoint, method, object, step, declared)


def _steps(model: Model, object: str) -> tuple[str, ...]:
    workflow = model.workflows.get(object)
    return (*(workflow.transitions if workflow else ()), "nonsense")


def may(model: Model, login: str, object: str, action: str, *places: str) -> bool:
    """Whether some grant of a role held in one of the clinics could allow it; rows of the organisation take any clinic's."""
    places = ("north", "south") if object in ("staff", "clinic") else places
    held = {f"test:{role}" for role, clinic in PEOPLE.get(login, ()) if clinic in places}
    roles = [role for role in model.roles.values() if role.id in held]
    return any(grant.object == object and action in grant.can for role in roles for grant in role.grants.values())


def anonymous_allowed(address: Address) -> bool:
    return address.declared.policy is Policy.ANONYMOUS


def records(web: Web, mark: str) -> dict[str, str]:
    """One record per object in the north, each text marked; returns ids by object."""
    patient = web.patient(name=f"{mark}-patient", wages="77.77")
    visit = web.make("visit", None, patient=patient, kind=f"{mark}-visit")
    task = web.make("task", None, visit=visit, step=f"{mark}-task")
    staff = web.make("staff", None, name=f"{mark}-staff")
    team = web.make("team", NORTH, name=f"{mark}-team")
    member = web.make("team_member", None, team=team, person=staff)
    clinic = web.make("clinic", None, name=f"{mark}-clinic")
    return {"patient": patient, "visit": visit, "task": task, "staff": staff, "team": team, "team_member": member, "clinic": clinic}
