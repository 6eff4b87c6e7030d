"""What a transaction did to records, for those who follow: timers, effects, plans, the search index."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from engine.model import Transition

if TYPE_CHECKING:
    from runtime.records.writing.work import Work
    from runtime.store.compiled import Release

__all__ = ["Follower", "Happening"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One record that was written. Values are in memory form, by field name or name of a runtime column."""

    object: str
    """The object's name."""
    id: str
    action: str
    """`create`, `update`, `delete`, `restore` or the name of a transition."""
    version: int
    transition: Transition | None = None
    old: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """The row before: empty for a new row, a restored one, and one whose link a delete cleared."""
    row: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """The row as it stands: empty for a deleted row and for one whose link a delete cleared (load it by its id)."""

    @property
    def changed(self) -> frozenset[str]:
        """Names whose values differ; every name of a new or restored row."""
        return frozenset(name for name, value in self.row.items() if name not in self.old or self.old[name] != value)


class Follower(Protocol):
    """Does something in the transaction of every change, after the changes were written and before they are committed."""

    def watched(self, release: Release) -> frozenset[str]:
        """Names of the objects whose changes it wants; asked once per release."""
        ...

    def follow(self, work: Work, happened: Sequence[Happening]) -> None:
        """Write what follows with `work.connection`; other records only by `within(work, commands)`.

        What that changes comes in a later call. Must not raise for values of the fields' types.
        """
        ...
