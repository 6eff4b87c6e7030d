"""What a form asks of, and shows to, somebody who fills it by a link without being signed in."""

from __future__ import annotations

from engine.expressions import refs
from engine.model.form import Form
from engine.model.object import Object

__all__ = ["FILLABLE_NOT", "beyond", "fillable", "readable"]

FILLABLE_NOT = frozenset({"link", "attachment"})
"""Types of fields that a link never asks for: one would let strangers look through records, the other keep their files."""


def fillable(object: Object, form: Form) -> tuple[str, ...]:
    """The fields that a link asks for."""
    fields = object.fields
    return tuple(
        item.field for item in form.items.values()
        if item.field in fields and not item.read_only and fields[item.field].typed and fields[item.field].type.name not in FILLABLE_NOT)


def readable(object: Object, form: Form) -> tuple[str, ...]:
    """The fields whose values a link shows."""
    asked = fillable(object, form)
    return tuple(
        item.field for item in form.items.values()
        if item.field in object.fields and item.field not in asked and _plain(object, item.field))


def beyond(object: Object, form: Form) -> str:
    """What a condition reads that the page neither shows nor asks for, '' for nothing: what such a condition shows and demands tells it."""
    known = {*fillable(object, form), *readable(object, form), "today", "now"}
    rules = (rule for item in form.items.values() for rule in (item.show, item.required_if, item.read_only_if) if rule is not None)
    return next((".".join(path) for rule in rules for path in sorted(refs(rule.tree)) if len(path) > 1 or path[0] not in known), "")


def _plain(object: Object, name: str) -> bool:
    field = object.fields[name]
    return not field.restricted and field.type.name not in FILLABLE_NOT
