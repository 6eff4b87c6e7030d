"""Choice sets: those of files, those written into a field, and the states of workflows seen as options."""

from __future__ import annotations

from engine.model import Choices, Option
from engine.problems import Code
from engine.text.compile.context import Context, label
from engine.text.elements import Named
from engine.text.link import Definition
from engine.text.nodes import MapNode

__all__ = ["choice_set", "inline", "options"]


def choice_set(context: Context, definition: Definition) -> Choices:
    found = options(context, "option", definition.id, definition.node.map("options"))
    if not any(not option.retired for option in found.values()):
        context.problems.add(Code.CHOICE_002.at(definition.place, name=definition.name))
    return Choices(
        id=definition.id, name=definition.name, label=label(definition.node.get("label"), definition.name), place=definition.place,
        former=definition.former, retired=definition.gone, options=found,
    )


def inline(context: Context, object_name: str, field: Named) -> Choices | None:
    """The set made of a field's own options; its id is the field's. None when the field has none."""
    node = field.node.map("options")
    if node is None:
        return None
    found = options(context, "option", field.id, node)
    if not any(not option.retired for option in found.values()):
        context.problems.add(Code.CHOICE_002.at(node.place, name=f"{object_name}.{field.name}"))
    return Choices(
        id=field.id, name=f"{object_name}.{field.name}", label=label(field.node.get("label"), field.name), place=node.place,
        former=tuple(f"{object_name}.{old}" for old in field.former), retired=field.gone, options=found,
    )


def options(context: Context, kind: str, parent_id: str, node: MapNode | None) -> dict[str, Option]:
    """Options by current name; a hidden one cannot be chosen any more, as if retired."""
    found = {}
    for named in context.ids.elements(kind, parent_id, node):
        found[named.name] = Option(
            id=named.id, name=named.name, label=label(named.node.get("label"), named.name), place=named.place, former=named.former,
            retired=named.gone, stored=named.id.rpartition(".")[2], color=named.node.text("color"),
        )
    return found
