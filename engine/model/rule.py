"""A checked expression of the definitions together with where it stands and what unknown means there."""

from __future__ import annotations

import dataclasses

from engine.expressions.positions import Position
from engine.expressions.tree import Node
from engine.problems import Place

__all__ = ["Rule"]


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """`text` as written, `tree` as checked against the Model, `position` decides what unknown means."""

    text: str
    tree: Node
    position: Position
    place: Place
