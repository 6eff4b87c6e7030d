"""What an expression may name in its place: the row's own fields, the reserved roots, and what lies behind links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Protocol

from engine.expressions.calendar import Calendar
from engine.expressions.types import Type

__all__ = ["BOUND_ROOTS", "RESERVED_ROOTS", "RESERVED_WORDS", "Scope", "setting"]

RESERVED_ROOTS = frozenset({"user", "subject", "anchor", "answers", "today", "now"})

# Roots whose values are known before the query runs: SQL gets them as bind parameters.
BOUND_ROOTS = frozenset({"user", "today", "now"})

# Reserved by the CEL specification ("Syntax", RESERVED) and its literals and operators.
RESERVED_WORDS = frozenset(
    "as break const continue else false for function if import in let loop namespace null package return true var void while".split()
)


# `zone`: the name of the time zone of the clinic's day; `calendar`: its working days.
SETTINGS: Mapping[str, object] = MappingProxyType({"zone": "UTC", "calendar": Calendar()})


class Scope(Protocol):
    """Names and their types. A path's value must be null when any link on the way is null.

    A name of child rows has the type `RowsOf`, bare or behind links. A scope may also have the attributes of SETTINGS,
    constants of the organisation that some functions take, and `function(name) -> Inline | None`, the decision tables and scores
    that may be called there.
    """

    def root(self, name: str) -> Type | None:
        """The type of a bare name: an own field, or a reserved root that exists in this place."""
        ...

    def member(self, owner: Type, name: str) -> Type | None:
        """The type of a name behind a link (`RecordOf`) or behind `user` (`UserOf`)."""
        ...

    def names(self, owner: Type | None) -> Iterable[str]:
        """All names behind `owner`, or all bare names, for suggestions."""
        ...


def setting(scope: Scope, name: str) -> object:
    """The constant that the scope has under the name, or what holds where it has none."""
    return getattr(scope, name, SETTINGS[name])
