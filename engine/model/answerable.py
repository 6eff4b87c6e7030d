"""What a form asks of, and shows to, somebody who fills it by a link without being signed in."""

from __future__ import annotations

from engine.expressions import refs
from engine.model.form import Form
from engine.model.object import Object

__all__ = ["FILLABLE_NOT", "beyond", "fillable", "following", "readable"]

FILLABLE_NOT = frozenset({"link", "attachment"})
"""Types of fields that a link never asks for: one would let strangers look through records, the other keep their files."""


def fillable(object: Object, form: Form) -> tuple[str, ...]:
    """The fields that a link asks for."""
    fields = object.fields
    return tuple(
        item.field for item in form.items.values()
        if item.field in fields and not item.read_only and fields[item.field].typed and fields[item.field].type.name not in FILLABLE_NOT)


def readable(object: Object, form: Form) -> tuple[str, ...]:
    """The fields whose values a link shows. A computed one only where all that it reads are plain fields of the record itself (A-10)."""
    asked = fillable(object, form)
    return tuple(
        item.field for item in form.items.values()
        if item.field in object.fields and item.field not in asked and _plain(object, item.field))


def following(object: Object, form: Form) -> frozenset[str]:
    """Of the readable fields those that follow from what the link asks for: what the record has of them would tell its answers so far."""
    asked = set(fillable(object, form))
    return frozenset(name for name in readable(object, form) if asked & _read(object, name))


def beyond(object: Object, form: Form) -> str:
    """What a condition reads that the page neither shows nor asks for, '' for nothing: what such a condition shows and demands tells it."""
    known = {*fillable(object, form), *readable(object, form), "today", "now"}
    rules = (rule for item in form.items.values() for rule in (item.show, item.required_if, item.read_only_if) if rule is not None)
    return next((".".join(path) for rule in rules for path in sorted(refs(rule.tree)) if len(path) > 1 or path[0] not in known), "")


def _plain(object: Object, name: str) -> bool:
    return all(
        (field := object.fields.get(each)) is not None and not field.restricted and field.type.name not in FILLABLE_NOT
        for each in {name, *_read(object, name)} - _ROOTS)


_ROOTS = frozenset({"today", "now"})


def _read(object: Object, name: str) -> frozenset[str]:
    """What a computed field reads, and what that reads in turn: names of fields, and paths to other records with dots."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        field = object.fields.get(waiting.pop())
        for path in refs(field.formula.tree) if field is not None and field.formula is not None else ():
            read = ".".join(path)
            if read not in found:
                found.add(read)
                waiting.append(read)
    return frozenset(found)
