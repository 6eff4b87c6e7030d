"""Forms: those of files, and one generated for each object without a default form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.model import Form, FormItem, Label, Object
from engine.model.conditions import ordering
from engine.model.form import WhenHidden
from engine.problems import Code, circle
from engine.text.compile.context import Context, label
from engine.text.compile.form_items import Items
from engine.text.compile.rules import Rules
from engine.text.link import Definition

__all__ = ["check_forms", "compile_form", "default_forms"]


def compile_form(context: Context, rules: Rules, definition: Definition) -> Form | None:
    """The form; None when its object is not known."""
    node = definition.node
    object_name = context.over(node.get("object"))
    if object_name is None:
        return None
    items = Items(context, rules, object_name, default=node.flag("default")).items(definition.id, node.map("items"))
    return Form(
        id=definition.id, name=definition.name, label=label(node.get("label"), definition.name), place=definition.place,
        former=definition.former, object=object_name, items=items, default=node.flag("default"),
        when_hidden=WhenHidden(node.text("when_hidden", "keep")),
    )


def check_forms(context: Context, forms: Iterable[Form], objects: Mapping[str, Object]) -> None:
    """Report conditions that go round in a circle; only then is it certain what is shown."""
    for form in forms:
        if form.object not in objects or any(item.row_object not in objects for item in form.groups):
            continue
        names = ordering(form, objects).circle
        if names:
            start = next(place for place, name in enumerate(names) if _item(form, name))
            names = (*names[start:], *names[:start])
            item = _item(form, names[0])
            assert item is not None
            rule = item.show or item.read_only_if
            context.problems.add(Code.FORM_006.at(rule.place if rule else item.place, name=names[0], path=circle([*names, names[0]])))


def _item(form: Form, name: str) -> FormItem | None:
    """The item of a name in a circle (`beds.size` stands in rows); None for a formula, which no form can do anything about."""
    group, _, inner = name.partition(".")
    item = form.items.get(group)
    return item.items.get(inner) if item is not None and inner else item


def default_forms(context: Context, objects: Iterable[Object], forms: dict[str, Form]) -> None:
    """Give every object a default form, and report objects with two."""
    by_object: dict[str, Form] = {}
    for form in forms.values():
        if form.default and form.object in by_object:
            node = context.namespace["form"].current[form.name].node
            context.problems.add(Code.FORM_001.at(node.place_of("default"), object=form.object, other=by_object[form.object].place))
        elif form.default:
            by_object[form.object] = form
    for found in objects:
        if found.name not in by_object:
            made = _generated(found, _free(found.name, forms))
            forms[made.name] = made


def _free(name: str, taken: Iterable[str]) -> str:
    """A name for a generated element that no file uses; two underscores at the end are reserved for it."""
    return f"{name}__" if name in taken else name


def _generated(found: Object, name: str) -> Form:
    items = {
        field.name: FormItem(id=f"{found.id}.{field.name}", name=field.name, label=field.label, place=field.place, field=field.name,
                             help=field.help)
        for field in found.fields.values() if field.typed
    }
    own: Label = found.label
    return Form(id=f"{found.id}__", name=name, label=own, place=found.place, object=found.name, items=items, default=True, generated=True)
