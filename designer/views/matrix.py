"""The matrix role × object × action: one role over all objects, all roles over one object, and the grants behind a cell."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from designer.access import (
    Cell,
    Grant,
    cell_of,
    denials_of,
    field_views,
    grants_of,
    moves_of,
    objects_of,
    roles_of,
    view_changes,
)
from designer.blueprint import designer
from designer.drafts.draft import Draft
from designer.edits.elements import AddElement, ChangeElement
from designer.edits.refused import EditRefused
from designer.layers import Layers, label_of
from designer.naming import name_of
from designer.shell import draft_of, drafts, head, show
from designer.views.editing import carried_out
from designer.views.overview import definition_url
from designer.words import words
from engine.names import ACTIONS
from runtime.web.errors import HttpProblem
from runtime.web.routes import Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []


@designer.get("/<record:id>/access")
@declare(policy=Policy.DESIGN)
def show_access(id: str) -> Response:
    """With `role` what it may do with each object, with `object` what each role may; with both the grants behind that."""
    state, draft = here(), draft_of(id)
    layers, language = draft.layers, state.language
    roles, objects = roles_of(layers), objects_of(layers)
    role, object_name = request.args.get("role", ""), request.args.get("object", "")
    if role and role not in roles or object_name and object_name not in objects:
        raise HttpProblem("not_found")
    if not role and not object_name and roles:
        role = roles[0]
    rows = [_row(state, draft, layers, one, object_name, one) for one in roles] if not role else [
        _row(state, draft, layers, role, one, one) for one in ([object_name] if object_name else objects)]
    return show(
        "matrix.html", draft=head(state, draft, "access"), role=role, object=object_name, rows=rows, actions=_actions(state),
        roles=[{"value": name, "label": layers.label("roles", name, language)} for name in roles],
        objects=[{"value": name, "label": layers.label("objects", name, language)} for name in objects],
        role_label=layers.label("roles", role, language) if role else "", object_label=layers.label("objects", object_name, language),
        role_url=definition_url(id, "roles", role), object_url=definition_url(id, "objects", object_name),
        grants=_grants(state, draft, layers, role, object_name) if role and object_name else None,
        denials=[_said(state, draft, layers, denial, "denials") for denial in denials_of(layers, role) if denial.object == object_name],
        nobody=bool(object_name) and not role and not any(row["cells"][0]["level"] in ("all", "some", "less") for row in rows),
    )


def _actions(state: RequestState) -> list[dict[str, str]]:
    _ = words(state.language)
    said = {"read": _("See"), "create": _("Make"), "update": _("Change"), "delete": _("Delete"), "export": _("Export")}
    assert set(said) == set(ACTIONS)
    return [{"name": name, "label": label} for name, label in said.items()]


def _row(state: RequestState, draft: Draft, layers: Layers, role: str, object_name: str, subject: str) -> dict[str, Any]:
    """One line: an object, or with all roles compared a role."""
    language = state.language
    grants, denials = grants_of(layers, role), denials_of(layers, role)
    folder = "roles" if subject == role else "objects"

    def cell(action: str, label: str) -> dict[str, Any]:
        found = cell_of(grants, denials, object_name, action)
        return {
            "action": action, "label": label, "level": found.level, "why": _why(state, layers, found),
            "id": f"c-{role}-{object_name}-{action}",
            "edit": {"kind": "grant", "role": role, "object": object_name, "action": action, "on": found.level == "none", "pack": draft.pack},
        }

    return {
        "name": subject, "label": layers.label(folder, subject, language), "pack": layers.names(folder)[subject],
        "url": f"/design/{draft.id}/access?role={role}&object={object_name}",
        "cells": [cell(one["name"], one["label"]) for one in _actions(state)],
        "moves": [cell(name, label) for name, label in moves_of(layers, object_name, language)],
    }


def _why(state: RequestState, layers: Layers, cell: Cell) -> str:
    """The grants that give it, and what takes it away."""
    _ = words(state.language)
    said = [
        _("%(grant)s, from %(pack)s: only where %(rule)s") % {"grant": _called(grant, state), "pack": grant.pack, "rule": grant.rows} if grant.rows
        else _("%(grant)s, from %(pack)s: all records") % {"grant": _called(grant, state), "pack": grant.pack} for grant in cell.grants
    ]
    said += [_("Never, says %(denial)s, from %(pack)s") % {"denial": _called(denial, state), "pack": denial.pack} for denial in cell.denials]
    return " · ".join(said) or _("No grant of this role says so")


def _called(grant: Grant, state: RequestState) -> str:
    return label_of(grant.value, state.language) or grant.name


def _grants(state: RequestState, draft: Draft, layers: Layers, role: str, object_name: str) -> list[dict[str, Any]]:
    return [_said(state, draft, layers, grant, "grants") for grant in grants_of(layers, role) if grant.object == object_name]


def _said(state: RequestState, draft: Draft, layers: Layers, grant: Grant, section: str) -> dict[str, Any]:
    """A grant as its panel shows it."""
    _ = words(state.language)
    verbs = {one["name"]: one["label"] for one in _actions(state)} | dict(moves_of(layers, grant.object, state.language))
    base = {"folder": "roles", "definition": grant.role, "pack": draft.pack, "section": [section], "name": grant.name}
    return {
        "name": grant.name, "label": label_of(grant.value, state.language) or (_("Some records, by a rule") if grant.rows else _("All records")),
        "pack": grant.pack, "changed_in": grant.changed_in, "gone": grant.gone,
        "can": [verbs.get(action, action) for action in grant.can], "rows": grant.rows, "fields": field_views(layers, grant, state.language),
        "owned": grant.pack == draft.pack, "remove": {**base, "kind": "remove_element"}, "restore": {**base, "kind": "restore_element"},
        "about": {"kind": "roles", "name": grant.role, "section": section, "element": grant.name, "key": "rows"},
        "url": f"/design/{draft.id}/element?kind=roles&name={grant.role}&section={section}&element={grant.name}",
    }


@designer.post("/<record:id>/access")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="grant")
def change_access(id: str) -> AnyResponse:
    """The rows and the fields of one grant; without `grant` one more, for some of the records."""
    state, draft = here(), draft_of(id)
    layers, form = draft.layers, request.form
    role, object_name, name = form.get("role", ""), form.get("object", ""), form.get("grant", "")

    def act() -> Draft:
        layers.known("roles", role)
        layers.known("objects", object_name)
        base: dict[str, Any] = {"folder": "roles", "definition": role, "pack": draft.pack, "section": ("grants",)}
        if not name:
            taken = layers.elements("roles", role, ("grants",))
            value = {"object": object_name, "can": ["read"], "rows": _mine(layers, object_name)}
            more = AddElement(**base, name=name_of(f"some_{object_name}", taken), value=value)
            return drafts(state).edit(id, more, state.who.id, state.now)
        found = next((grant for grant in grants_of(layers, role) if grant.name == name and grant.object == object_name), None)
        if found is None:
            raise EditRefused("no_place", at=name, path=f"roles/{role}")
        wanted = {key.removeprefix("field."): value for key, value in form.items() if key.startswith("field.")}
        # What a pack below says is not unsaid by saying nothing: all rows are the rule `true`, no field is an empty list.
        owned = found.pack == draft.pack
        changes: dict[str, Any] = {key: names or (None if owned else names) for key, names in view_changes(layers, found, wanted).items()}
        if "rows" in form and (rows := form["rows"].strip()) != found.rows:
            changes["rows"] = rows or (None if owned else "true")
        if not changes:
            return draft
        return drafts(state).edit(id, ChangeElement(**base, name=name, changes=changes), state.who.id, state.now)

    return carried_out(state, id, act, lambda _: f"/design/{id}/access?role={role}&object={object_name}")


def _mine(layers: Layers, object_name: str) -> str:
    """What a further grant begins with: the records that lead to who signs in, else none at all."""
    accounts = {name for name in layers.names("objects") if layers.merged("objects", name).get("account")}
    links = (name for name, field in layers.elements("objects", object_name, ("fields",)).items() if field.get("to") in accounts)
    link = next(links, "")
    return f"{link} == user.id" if link else "false"
