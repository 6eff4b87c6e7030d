"""How many effects one change has led to, over all that followed from it in its transaction: a bound against loops."""

from __future__ import annotations

from runtime.records.writing.following import DEPTH
from runtime.records.writing.work import Work

__all__ = ["MOST", "Chain"]

MOST = 100
"""So many effects one change of a record may lead to, all that they lead to included."""


class Chain:
    """The count of one attempt; all works of the attempt share it."""

    def __init__(self, work: Work) -> None:
        self._first = work.actor
        self._roots: dict[tuple[int, str, str], tuple[str, str]] = {}
        self._counts: dict[tuple[str, str], int] = {}

    @classmethod
    def of(cls, work: Work) -> Chain:
        """The chain of the attempt that a work is part of."""
        found: Chain | None = work.shared.get("effects.chain")
        if found is None:
            found = work.shared["effects.chain"] = cls(work)
        return found

    def root(self, work: Work, object_name: str, id: str) -> tuple[str, str]:
        """The record whose change began what led to this one."""
        return self._roots.get((work.depth, object_name, id), (object_name, id))

    def led(self, work: Work, cause: tuple[str, str], object_name: str, id: str) -> None:
        """Note that an effect for `cause`, a record of this work, wrote another one."""
        root = self.root(work, *cause)
        self._roots[work.depth + 1, object_name, id] = root
        self._counts[root] = self._counts.get(root, 0) + 1

    def ends(self, work: Work, object_name: str, id: str) -> bool:
        """Whether nothing more may follow from a change of the record."""
        return work.depth >= DEPTH or self._counts.get(self.root(work, object_name, id), 0) >= MOST
