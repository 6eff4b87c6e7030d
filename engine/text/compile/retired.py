"""Retired definitions: shown nowhere, but their tables, columns and ids stay."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from engine.model import Element, Object
from engine.problems import Problems
from engine.text.compile.context import Context, label
from engine.text.compile.datasets import compile_dataset
from engine.text.compile.decisions import compile_decision
from engine.text.compile.drafts import draft
from engine.text.compile.forms import compile_form
from engine.text.compile.messages import compile_message
from engine.text.compile.objects import compile_object
from engine.text.compile.pages import compile_page
from engine.text.compile.plans import compile_plan
from engine.text.compile.roles import compile_role
from engine.text.compile.rules import Rules
from engine.text.compile.scenarios import compile_scenario
from engine.text.compile.scores import compile_score
from engine.text.compile.views import compile_view
from engine.text.elements import Named

__all__ = ["compile_retired"]

_IN_MODEL = frozenset({"field", "option", "state"})
"""Kinds whose retired elements stand in the Model beside the current ones."""


def compile_retired(context: Context, current: Mapping[str, Object]) -> dict[str, Element]:
    """By `<kind> <id>`: whole definitions, and the identity of smaller elements such as columns and grants."""
    smaller = {f"{kind} {one.id}": _identity(one) for kind, one in context.ids.gone if kind not in _IN_MODEL}
    building = context.for_retired(context.problems)
    gone = context.namespace["object"].gone
    for definition in gone.values():
        building.drafts[definition.name] = draft(building, definition, context.namespace["workflow"].find(definition.name))
    # What a retired definition says of others may name what is gone with it; only its columns matter now.
    quiet = building.for_retired(Problems())
    found = {f"{kind} {one.id}": dataclasses.replace(one, retired=True) for kind, one in _whole(context, quiet, current)}
    return {**smaller, **found}


def _whole(context: Context, quiet: Context, current: Mapping[str, Object]) -> Iterable[tuple[str, Element]]:
    rules = Rules(quiet)
    names = context.namespace
    gone = {name: compile_object(quiet, rules, quiet.drafts[name]) for name in names["object"].gone}
    everyone = {**current, **gone}
    yield from (("choices", one) for one in context.gone_choices.values())
    yield from (("object", made) for made in gone.values())
    yield from (("form", form) for d in names["form"].gone.values() if (form := compile_form(quiet, rules, d)))
    yield from (("view", view) for d in names["view"].gone.values() if (view := compile_view(quiet, rules, d)))
    yield from (("page", page) for d in names["page"].gone.values() if (page := compile_page(quiet, d, {})))
    yield from (("role", compile_role(quiet, rules, d, {})) for d in names["role"].gone.values())
    yield from (("message", one) for d in names["message"].gone.values() if (one := compile_message(quiet, rules, d, current, {}, {})))
    yield from (("plan", plan) for d in names["plan"].gone.values() if (plan := compile_plan(quiet, rules, d, {**current, **gone}, {}, {})))
    yield from (("scenario", course) for d in names["scenario"].gone.values() if (course := compile_scenario(quiet, d, everyone, {}, {})))
    if quiet.tables is not None:
        for kind, make in (("decision", compile_decision), ("score", compile_score)):
            made = (make(quiet, definition, quiet.tables) for definition in names[kind].gone.values())
            yield from ((kind, table) for table in made if table is not None)
    yield from (("dataset", shipped) for d in names["dataset"].gone.values() if (shipped := compile_dataset(quiet, d, everyone)))


def _identity(named: Named) -> Element:
    return Element(id=named.id, name=named.name, label=label(named.node.get("label"), named.name), place=named.place,
                   former=named.former, retired=True)
