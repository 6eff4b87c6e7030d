"""Decision tables and scores: what clinic people read and change, and the tree that a call of one becomes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from engine.expressions.checker.inline import Inline
from engine.fields.base import FieldType
from engine.model.element import Element

__all__ = ["DecisionTable", "Score", "ScoreBand", "ScoreItem", "TableInput", "TableOutput", "TableRule"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TableInput(Element):
    """An input. Of a table over an object it is an expression over the record (`value`), elsewhere an argument of its `type`."""

    type: FieldType | None
    value: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TableOutput(Element):
    """An output; `order` are its values by priority, the most important first."""

    type: FieldType
    order: tuple[object, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TableRule(Element):
    """A rule as it is written: cells by input, the condition besides them, values by output (`{"value": …}` for a computed one)."""

    when: Mapping[str, object]
    condition: str
    then: Mapping[str, object]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTable(Element):
    """A decision table. `inputs` without those that a table over an object reads from fields of their name."""

    on: str
    """The object whose records it reads, '' when it takes arguments."""
    hit: str
    """unique, any, first, priority, or collect and sum, min, max or count."""
    inputs: Mapping[str, TableInput]
    outputs: Mapping[str, TableOutput]
    rules: Mapping[str, TableRule]
    default: Mapping[str, object]
    inline: Inline


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ScoreItem(Element):
    """An item: points for a condition (`points` a number), or points by the answer to `input` (by test of the answer)."""

    input: str
    condition: str
    points: int | Mapping[str, int]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ScoreBand(Element):
    """What a sum of `least` to `most` points means; None where it is open."""

    least: int | None
    most: int | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Score(Element):
    """A sum of points and the bands it falls into."""

    on: str
    inputs: Mapping[str, TableInput]
    items: Mapping[str, ScoreItem]
    missing: str | int
    """`unknown`, `zero`, or how many answers are needed at least."""
    bands: Mapping[str, ScoreBand]
    choices: str
    """The choice set whose options the bands are, '' when a band is a text."""
    bounds: tuple[int, int]
    """The least and the most that the sum can be."""
    inline: Inline
