"""A form: which fields a person fills, in which order, and when each is shown, required or fixed."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator, Mapping

from engine.model.element import Element, Label
from engine.model.rule import Rule

__all__ = ["Form", "FormItem", "WhenHidden"]


class WhenHidden(enum.Enum):
    """What becomes of the value of an item that is not shown."""

    KEEP = "keep"
    """The record keeps what it has; what was typed before the item disappeared is not sent."""
    CLEAR = "clear"
    """The record's value is emptied."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FormItem(Element):
    """A field on a form; or rows that belong to the record; or, with neither, a heading, a note or the beginning of a step."""

    field: str = ""
    note: bool = False
    """A text between the fields; it is the item's label."""
    step: bool = False
    """Begins a page of the form, whose title is the label."""
    show: Rule | None = None
    required: bool = False
    required_if: Rule | None = None
    """`required` where it is a condition."""
    read_only: bool = False
    read_only_if: Rule | None = None
    when_hidden: WhenHidden | None = None
    """The item's own word; None is the form's."""
    width: str = "full"
    """`full`, `half` or `third` of the form's width on a desk; always full on a phone."""
    help: Label | None = None
    rows: str = ""
    """The rows that are edited with the record: the name that their link gives them (an inverse of the form's object)."""
    row_object: str = ""
    row_link: str = ""
    """The object of the rows and its link field to the record."""
    items: Mapping[str, FormItem] = dataclasses.field(default_factory=dict)
    """What is asked of each row; expressions see the row, and the record behind its link."""
    min: int = 0
    max: int = 50
    order: str = ""
    """A whole-number field of the rows that holds their order, '' where they have none."""

    @property
    def heading(self) -> bool:
        """Whether it opens a section."""
        return not (self.field or self.note or self.step or self.rows)

    @property
    def live(self) -> bool:
        """Whether something about it depends on what is typed."""
        return self.show is not None or self.required_if is not None or self.read_only_if is not None or bool(self.rows) or self.step


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Form(Element):
    """A form over one object. Every object has a default form; one is generated when no file gives it."""

    object: str
    items: Mapping[str, FormItem]
    default: bool = False
    generated: bool = False
    when_hidden: WhenHidden = WhenHidden.KEEP

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields on the form, in order."""
        return tuple(item.field for item in self.items.values() if item.field)

    @property
    def groups(self) -> tuple[FormItem, ...]:
        """The rows that are edited with the record."""
        return tuple(item for item in self.items.values() if item.rows)

    @property
    def live(self) -> bool:
        """Whether what it shows, demands or fixes depends on what is typed."""
        return any(item.live for item in self.items.values())

    def policy(self, item: FormItem) -> WhenHidden:
        """What becomes of the item's value while it is hidden."""
        return item.when_hidden or self.when_hidden

    def under(self) -> Mapping[str, tuple[FormItem, ...]]:
        """For each item the step and the heading that it stands below: where one of them is hidden, so is the item."""
        return dict(_under(self.items))

    def unconditional(self, item: FormItem) -> bool:
        """Whether the item is always shown and never fixed, whatever is typed."""
        above = self.under()[item.name]
        return not item.read_only and item.read_only_if is None and all(part.show is None for part in (item, *above))


def _under(items: Mapping[str, FormItem]) -> Iterator[tuple[str, tuple[FormItem, ...]]]:
    step: tuple[FormItem, ...] = ()
    heading: tuple[FormItem, ...] = ()
    for name, item in items.items():
        if item.step:
            step, heading = (item,), ()
            yield name, ()
        elif item.heading:
            heading = (item,)
            yield name, step
        else:
            yield name, (*step, *heading)
