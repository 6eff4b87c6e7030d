"""Paths of links: `patient.doctor.name` followed field by field, at most four links."""

from __future__ import annotations

from engine.fields.base import FieldType
from engine.problems import Code
from engine.text.compile.context import Context
from engine.text.limits import MAX_HOPS
from engine.text.nodes import ScalarNode
from engine.text.places import place_within

__all__ = ["follow", "leads_through_hidden"]


def follow(context: Context, object_name: str, node: ScalarNode, text: str, shift: int = 0) -> tuple[tuple[str, ...], FieldType] | None:
    """The steps of a path and the type of its last field; reports what is wrong, at the step that is."""
    steps = tuple(text.split("."))
    if len(steps) > MAX_HOPS + 1:
        context.problems.add(Code.FIELD_009.at(node.place, path=text, limit=MAX_HOPS))
        return None
    at, owner, found = shift, object_name, None
    for number, step in enumerate(steps):
        place = place_within(node, at)
        draft = context.drafts.get(owner)
        if draft is None:
            return None
        found = draft.types.get(step)
        if found is None:
            context.report(draft.unknown(step, place))
            return None
        if number + 1 < len(steps) and not found.link_to:
            context.problems.add(Code.FIELD_008.at(place, name=step, next=steps[number + 1]))
            return None
        owner, at = found.link_to, at + len(step) + 1
    return (steps, found) if found is not None else None


def leads_through_hidden(context: Context, object_name: str, text: str) -> bool:
    """Whether some step of the path is a field that a later layer hid."""
    for step in text.split("."):
        draft = context.drafts.get(object_name)
        if draft is None:
            return False
        if context.hidden(object_name, step):
            return True
        found = draft.types.get(step)
        object_name = found.link_to if found else ""
    return False


def target(context: Context, object_name: str, steps: tuple[str, ...]) -> str:
    """The object at the end of links that are known to exist."""
    for step in steps:
        object_name = context.drafts[object_name].types[step].link_to
    return object_name


