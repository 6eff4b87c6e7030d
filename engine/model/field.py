"""Fields of an object and the choice sets some of them draw from."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.model.element import Element, Label

if TYPE_CHECKING:
    from engine.fields.base import FieldType
    from engine.model.rule import Rule

__all__ = ["Choices", "Field", "OnDelete", "Option"]


class OnDelete(enum.Enum):
    """What happens to a row when the row its link points to is deleted."""

    RESTRICT = "restrict"
    CLEAR = "clear"
    CASCADE = "cascade"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Option(Element):
    """One option of a choice set; rows store `stored`, its first name."""

    stored: str
    color: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Choices(Element):
    """A choice set; inline options of a field make one whose id is the field's."""

    options: Mapping[str, Option]
    """By current name, in order, retired ones included."""

    @property
    def current(self) -> tuple[Option, ...]:
        """The options that can be chosen now."""
        return tuple(option for option in self.options.values() if not option.retired)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Field(Element):
    """A field with its finished type. `type` carries the type's own settings and behaviour (see `engine.fields`)."""

    type: FieldType
    required: bool = False
    restricted: bool = False
    """Reached only by a grant that names it in `show:` or `mask:`."""
    indexed: bool = False
    searched: bool | None = None
    """`search`: whether the search box looks in it; None leaves it to the type and the title (see `engine.targets.search`)."""
    default: object = None
    """A literal in the field's in-memory form; None when there is none."""
    initial: Rule | None = None
    """`default: {formula: …}`: computes the value of a new record from `user`, `today` and `now`."""
    formula: Rule | None = None
    """What computes it; without `kept` such a field has no column."""
    kept: bool = False
    """`stored: true` beside `formula`: the value of the formula stands in a column that the runtime keeps up to date.

    A retired one has no formula any more, since that may read what is gone.
    """
    help: Label | None = None

    @property
    def filled(self) -> bool:
        """Whether a new record gets a value where none is given."""
        return self.default is not None or self.initial is not None

    @property
    def stored(self) -> bool:
        """Whether rows have a column for it."""
        return self.formula is None or self.kept

    @property
    def virtual(self) -> Rule | None:
        """The formula of a field that is computed whenever it is read."""
        return None if self.kept else self.formula

    @property
    def typed(self) -> bool:
        """Whether people and clients may set it: neither computed, numbered by the runtime nor moved by a workflow."""
        return self.formula is None and self.type.writable
