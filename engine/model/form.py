"""A form: which fields a person fills, in which order."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from engine.model.element import Element, Label

__all__ = ["Form", "FormItem"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FormItem(Element):
    """A field on a form, or with `field == ""` a heading that opens a section."""

    field: str = ""
    required: bool = False
    read_only: bool = False
    width: str = "full"
    """`full`, `half` or `third` of the form's width on a desk; always full on a phone."""
    help: Label | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Form(Element):
    """A form over one object. Every object has a default form; one is generated when no file gives it."""

    object: str
    items: Mapping[str, FormItem]
    default: bool = False
    generated: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields on the form, in order."""
        return tuple(item.field for item in self.items.values() if item.field)
