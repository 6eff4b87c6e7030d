"""What makes a record something to do: `task:` of an object."""

from __future__ import annotations

from engine.model import Field, Task
from engine.problems import Code
from engine.text.compile.context import Context, Draft
from engine.text.nodes import ScalarNode

__all__ = ["task"]

_TYPES = {"due": ("date", "datetime"), "assignee": ("link",), "label": ("text", "long_text")}
"""Key → types of fields that it may name."""


def task(context: Context, draft: Draft, fields: dict[str, Field]) -> Task | None:
    """None for an object whose records are nothing to do."""
    node = draft.node.map("task")
    found: dict[str, str] = {}
    for key, types in _TYPES.items():
        named = node.get(key) if node is not None else None
        if not isinstance(named, ScalarNode) or context.hidden(draft.name, str(named.value)):
            continue
        if context.field(draft.name, named) is None:
            continue
        field = fields[str(named.value)]
        why = _why_not(context, key, field, types)
        if why:
            context.problems.add(Code.OBJECT_012.at(named.place, name=named.value, key=key, why=why, wanted=" or ".join(types)))
        else:
            found[key] = field.name
    return Task(**found) if "due" in found else None


def _why_not(context: Context, key: str, field: Field, types: tuple[str, ...]) -> str:
    if field.type.name not in types:
        return f"it is of type {field.type.name}"
    if field.formula is not None:
        return "it is computed"
    account = next((name for name, draft in context.drafts.items() if draft.node.flag("account")), "")
    if key == "assignee" and field.type.link_to != account:
        return f"it links to '{field.type.link_to}', and people who sign in are '{account}'"
    return ""
