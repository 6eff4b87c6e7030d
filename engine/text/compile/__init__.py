"""From a Namespace to the frozen Model, step by step; every problem is gathered on the way."""

from __future__ import annotations

from engine.model import Form, ListView, Model, Organisation, Pack
from engine.text.compile.choices import choice_set
from engine.text.compile.context import Context, label
from engine.text.compile.datasets import compile_dataset
from engine.text.compile.drafts import draft
from engine.text.compile.forms import compile_form, default_forms
from engine.text.compile.objects import compile_object
from engine.text.compile.roles import compile_role
from engine.text.compile.rules import Rules
from engine.text.compile.views import compile_view, default_views
from engine.text.compile.whole import check_whole
from engine.text.compile.workflows import compile_workflow, states, states_as_choices
from engine.text.link import Namespace
from engine.text.packs import PackHeader

__all__ = ["Context", "compile_model"]


def compile_model(context: Context, content_hash: str) -> Model:
    """The Model. It is whole only when the context's problems hold no error afterwards."""
    namespace = context.namespace
    retired = {}
    for definition in [*namespace["choices"].current.values(), *namespace["choices"].gone.values()]:
        found = choice_set(context, definition)
        if definition.gone:
            retired[found.id] = found
        else:
            context.choices[found.name] = found
    flows = {}
    for definition in namespace["workflow"].current.values():
        if context.reference("object", definition.node.get("object")):  # type: ignore[arg-type]
            flows[definition.name] = states(context, definition)
            context.states[definition.name] = states_as_choices(definition, flows[definition.name][0])
    for definition in namespace["object"].current.values():
        context.drafts[definition.name] = draft(context, definition, namespace["workflow"].current.get(definition.name))
    rules = Rules(context)
    objects = {name: compile_object(context, rules, made) for name, made in context.drafts.items()}
    check_whole(context, objects)
    forms: dict[str, Form] = {}
    for definition in namespace["form"].current.values():
        form = compile_form(context, definition)
        if form is not None:
            forms[form.name] = form
    views: dict[str, ListView] = {}
    for definition in namespace["view"].current.values():
        view = compile_view(context, rules, definition)
        if view is not None:
            views[view.name] = view
    default_forms(context, objects.values(), forms)
    default_views(context, objects.values(), views)
    workflows = {name: compile_workflow(context, rules, namespace["workflow"].current[name], found, forms)
                 for name, found in flows.items()}
    roles = {d.name: compile_role(context, rules, d, workflows) for d in namespace["role"].current.values()}
    datasets = {d.name: made for d in namespace["dataset"].current.values() if (made := compile_dataset(context, d, objects))}
    return Model(
        hash=content_hash, organisation=organisation(namespace), packs={p.name: _pack(p) for p in namespace.packs}, objects=objects,
        choices=dict(context.choices), forms=forms, views=views, workflows=workflows, roles=roles, datasets=datasets, retired=retired,
    )


def organisation(namespace: Namespace) -> Organisation:
    """The organisation's settings; a pack on its own stands for an organisation of its name."""
    node = namespace.organisation
    if node is None:
        top = namespace.packs[-1] if namespace.packs else None
        name = top.name if top else ""
        return Organisation(name=name, label=label(top.node.get("label") if top else None, name))
    return Organisation(
        name=node.text("name"), label=label(node.get("label"), node.text("name")), timezone=node.text("timezone", "Asia/Shanghai"),
        country=node.text("country", "CN"), languages=node.texts("languages") or ("zh", "en"),
    )


def _pack(header: PackHeader) -> Pack:
    return Pack(
        id=f"{header.name}:{header.name}", name=header.name, label=label(header.node.get("label"), header.name), place=header.place,
        version=header.version, requires={name: str(node.value) for name, node in header.requires.items()},
    )
