"""How a person is reached: `contact:` of an object."""

from __future__ import annotations

from engine.fields.base import FieldType
from engine.model import Contact
from engine.problems import Code
from engine.text.compile.context import Context, Draft
from engine.text.nodes import ScalarNode

__all__ = ["contact"]

_TYPES = {
    "email": ("email",), "phone": ("phone",), "language": ("text", "choice"), "refuses": ("boolean",), "refused_channels": ("choices",),
    "marketing": ("boolean",),
}
"""Key → types of fields that it may name."""


def contact(context: Context, draft: Draft) -> Contact | None:
    """None for an object whose records are nobody that is written to."""
    node = draft.node.map("contact")
    if node is None:
        return None
    found: dict[str, str] = {}
    for key, types in _TYPES.items():
        named = node.get(key)
        if not isinstance(named, ScalarNode) or context.hidden(draft.name, str(named.value)):
            continue
        kind = context.field(draft.name, named)
        if kind is None:
            continue
        why = _why_not(context, draft, str(named.value), kind, types)
        if why:
            fix = f"name a stored field of type {' or '.join(types)}"
            context.problems.add(Code.MESSAGE_008.at(named.place, name=named.value, key=key, why=why, fix=fix))
        found[key] = str(named.value)
    return Contact(**found)


def _why_not(context: Context, draft: Draft, name: str, kind: FieldType, types: tuple[str, ...]) -> str:
    if kind.name not in types:
        return f"it is of type {kind.name}"
    field = next(field for field in draft.named if field.name == name)
    # What is computed along links would have to be asked for each message; what a person refused must not hang on others.
    return "it is computed" if field.node.get("formula") is not None and not field.node.flag("stored") else ""
