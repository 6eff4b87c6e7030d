"""From a Namespace to the frozen Model, step by step; every problem is gathered on the way."""

from __future__ import annotations

from engine.model import Model, Pack, State
from engine.model.formulas import WrittenOut
from engine.text.compile.automation import check_automation
from engine.text.compile.choices import choice_set
from engine.text.compile.context import Context, label
from engine.text.compile.datasets import compile_dataset
from engine.text.compile.drafts import draft
from engine.text.compile.forms import check_forms, compile_form, default_forms
from engine.text.compile.inverses import find_inverses
from engine.text.compile.messages import compile_message
from engine.text.compile.objects import compile_object
from engine.text.compile.pages import check_pages, compile_page
from engine.text.compile.plans import compile_plan
from engine.text.compile.retired import compile_retired
from engine.text.compile.roles import compile_role
from engine.text.compile.rules import Rules
from engine.text.compile.scenarios import compile_scenario
from engine.text.compile.settings import settings
from engine.text.compile.tables import Tables
from engine.text.compile.views import compile_view, default_views
from engine.text.compile.whole import check_whole
from engine.text.compile.workflows import compile_workflow, states, states_as_choices
from engine.text.packs import PackHeader

__all__ = ["Context", "compile_model"]


def compile_model(context: Context, content_hash: str) -> Model:
    """The Model. It is whole only when the context's problems hold no error afterwards."""
    namespace = context.namespace
    for definition in namespace["choices"].everyone:
        choices = choice_set(context, definition)
        (context.gone_choices if definition.gone else context.choices)[choices.name] = choices
    flows = _states(context)
    for definition in namespace["object"].current.values():
        context.drafts[definition.name] = draft(context, definition, namespace["workflow"].find(definition.name))
    find_inverses(context)
    context.tables = tables = Tables(context)
    rules = Rules(context)
    objects = {name: compile_object(context, rules, made) for name, made in context.drafts.items()}
    rules.written_out = WrittenOut(objects)
    check_whole(context, objects, rules.written_out)
    forms = {d.name: form for d in namespace["form"].current.values() if (form := compile_form(context, rules, d))}
    views = {d.name: view for d in namespace["view"].current.values() if (view := compile_view(context, rules, d))}
    check_forms(context, forms.values(), objects)
    default_forms(context, objects.values(), forms)
    default_views(context, objects.values(), views)
    pages = {d.name: page for d in namespace["page"].current.values() if (page := compile_page(context, d, views))}
    check_pages(context, pages)
    workflows = {name: compile_workflow(context, rules, definition, flows[name], forms, objects)
                 for name, definition in namespace["workflow"].current.items() if name in objects and name in flows}
    messages = {d.name: made for d in namespace["message"].current.values()
                if (made := compile_message(context, rules, d, objects, forms, workflows))}
    plans = {d.name: plan for d in namespace["plan"].current.values()
             if (plan := compile_plan(context, rules, d, objects, forms, messages))}
    check_automation(context, workflows, plans, messages)
    scenarios = {d.name: scenario for d in namespace["scenario"].current.values()
                 if (scenario := compile_scenario(context, d, objects, workflows, plans))}
    roles = {d.name: compile_role(context, rules, d, workflows) for d in namespace["role"].current.values()}
    datasets = {d.name: shipped for d in namespace["dataset"].current.values() if (shipped := compile_dataset(context, d, objects))}
    return Model(
        hash=content_hash, organisation=settings(namespace), packs={p.name: _pack(p) for p in namespace.packs}, objects=objects,
        choices=dict(context.choices), forms=forms, views=views, workflows=workflows, roles=roles, datasets=datasets,
        decisions=tables.decisions(), scores=tables.scores(), pages=pages, messages=messages, plans=plans, scenarios=scenarios,
        retired=compile_retired(context, objects),
    )


def _states(context: Context) -> dict[str, tuple[dict[str, State], dict[str, str]]]:
    """The states of every workflow by its object's name; those of retired workflows too, for the columns that hold them."""
    found = {}
    retired = context.for_retired(context.problems)
    for definition in context.namespace["workflow"].everyone:
        if (retired if definition.gone else context).over(definition.node.get("object")):
            found[definition.name] = states(context, definition)
            context.states[definition.name] = states_as_choices(definition, found[definition.name][0])
    return found


def _pack(header: PackHeader) -> Pack:
    return Pack(
        id=f"{header.name}:{header.name}", name=header.name, label=label(header.node.get("label"), header.name), place=header.place,
        version=header.version, requires={name: str(node.value) for name, node in header.requires.items()},
    )
