"""Outcomes: what became of a command. A refusal is a value with a kind, never an exception."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

__all__ = ["FieldError", "Kind", "Outcome", "Refused", "Written"]


class Kind(enum.Enum):
    """Why a command was refused; the API maps each to one HTTP status."""

    INVALID = "invalid"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    """No such row, or none that the actor may know of: the two are not told apart."""
    STALE = "stale"
    LOST = "lost"
    """A transition came second: somebody else moved the record first."""
    FENCE = "fence"
    """The definitions changed between reading and writing; `changed` names the fields."""
    IN_USE = "in_use"
    DUPLICATE = "duplicate"
    NOT_TRIED = "not_tried"
    """Nothing wrong with this command: another one of the same atomic list was refused."""
    BUSY = "busy"
    """The database gave up several times (deadlock, lock timeout); the same list may be sent again."""


@dataclasses.dataclass(frozen=True, slots=True)
class FieldError:
    """One problem with one field ('' for the whole record). `code` is stable; `words` fill the interface's message."""

    field: str
    code: str
    message: str
    words: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """The command took effect; `warnings` are doubts about accepted values."""

    object: str
    id: str
    version: int
    warnings: tuple[FieldError, ...] = ()
    changed: bool = True
    """False when every value sent was already there and nothing was written."""

    @property
    def ok(self) -> bool:
        return True


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The command changed nothing."""

    kind: Kind
    message: str = ""
    errors: tuple[FieldError, ...] = ()
    object: str = ""
    id: str = ""
    version: int | None = None
    """The version that stands now, for `stale` and `lost`."""
    state: str = ""
    """The current name of the state that stands now, for `lost`."""
    rule: str = ""
    """The name of the unique rule, for `duplicate`; of the transition, for `lost`."""
    changed: tuple[str, ...] = ()
    """Names of the fields whose definition changed, for `fence`."""

    @property
    def ok(self) -> bool:
        return False


Outcome = Written | Refused
