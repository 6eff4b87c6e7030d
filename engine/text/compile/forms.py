"""Forms: those of files, and one generated for each object without a default form."""

from __future__ import annotations

from collections.abc import Iterable

from engine.model import Form, FormItem, Label, Object
from engine.problems import Code, Place
from engine.text.compile.context import Context, label
from engine.text.elements import Named
from engine.text.link import Definition

__all__ = ["compile_form", "default_forms"]


def compile_form(context: Context, definition: Definition) -> Form | None:
    """The form; None when its object is not known."""
    node = definition.node
    object_name = context.over(node.get("object"))
    if object_name is None:
        return None
    items, seen = {}, dict[str, Place]()
    for named in context.ids.elements("item", definition.id, node.map("items")):
        item = None if named.gone else _item(context, object_name, named, seen)
        if item is not None:
            items[named.name] = item
    return Form(
        id=definition.id, name=definition.name, label=label(node.get("label"), definition.name), place=definition.place,
        former=definition.former, object=object_name, items=items, default=node.flag("default"),
    )


def _item(context: Context, object_name: str, named: Named, seen: dict[str, Place]) -> FormItem | None:
    node = named.node
    heading = node.get("heading")
    if heading is not None:
        return FormItem(id=named.id, name=named.name, label=label(heading, named.name), place=named.place, former=named.former,
                        help=label(node.get("help"), "") if node.get("help") else None)
    name = node.text("field", named.name)
    if context.hidden(object_name, name):
        return None
    draft = context.drafts.get(object_name)
    if draft is None:
        return None
    place = node.place_of("field") if node.get("field") else named.place
    if name not in draft.types:
        context.report(draft.unknown(name, place))
        return None
    if name in seen:
        context.problems.add(Code.FORM_003.at(place, field=name, other=seen[name]))
    seen.setdefault(name, place)
    return _field_item(context, object_name, named, name, place)


def _field_item(context: Context, object_name: str, named: Named, name: str, place: Place) -> FormItem:
    node, draft = named.node, context.drafts[object_name]
    field = next(other for other in draft.named if other.name == name)
    read_only, required = node.flag("read_only"), node.flag("required")
    why = "it is computed" if field.node.get("formula") is not None else f"the runtime sets fields of type {draft.types[name].name}"
    if not read_only and (field.node.get("formula") is not None or not draft.types[name].writable):
        context.problems.add(Code.FORM_002.at(place, field=name, why=why))
    if read_only and required:
        context.problems.add(Code.FORM_005.at(node.place_of("read_only"), name=named.name))
    own = node.get("label")
    help_text = node.get("help") or field.node.get("help")
    return FormItem(
        id=named.id, name=named.name, label=label(own, name) if own else label(field.node.get("label"), name), place=named.place,
        former=named.former, field=name, required=required, read_only=read_only, width=node.text("width", "full"),
        help=label(help_text, "") if help_text else None,
    )


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
