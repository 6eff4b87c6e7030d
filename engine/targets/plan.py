"""The release plan: what a publish will do, what is in its way, and the layout it leads to."""

from __future__ import annotations

import dataclasses

from engine.problems import Problem
from engine.targets.doubts import Doubt
from engine.targets.layout import Layout
from engine.targets.operations import AccessChange, Operation, Risk

__all__ = ["ReleasePlan"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePlan:
    """`operations` gravest first. `doubts` are questions to the rows; the store turns their answers into problems."""

    hash: str
    """The release the plan leads to."""
    base: str
    """The release it was made against, '' for none."""
    operations: tuple[Operation, ...]
    layout: Layout
    problems: tuple[Problem, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def nothing_to_do(self) -> bool:
        """Whether the release is live already."""
        return self.hash == self.base

    @property
    def needs_grant(self) -> bool:
        """Whether publishing it takes the right to grant besides the right to design."""
        return any(isinstance(operation, AccessChange) for operation in self.operations)

    @property
    def gravest(self) -> Risk:
        """The gravest risk in it."""
        return min((operation.risk for operation in self.operations), default=Risk.SAFE)

    def describe(self, language: str) -> tuple[str, ...]:
        """Its operations in sentences, gravest first."""
        return tuple(operation.describe(language) for operation in self.operations)
