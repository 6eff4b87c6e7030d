"""Where the Python back end applies the rules of the dialect, and what stands there when one is switched off.

A rule that is off puts another closure in the place of some nodes while the closure is built, for tests that show what each rule is
for; a closure with all rules on has nothing of this in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.expressions.python import naive_null, naive_values
from engine.expressions.tree import Node

if TYPE_CHECKING:
    from engine.expressions.python.build import Builder

__all__ = ["RULES_HERE", "Rule"]

# The closure that takes the place of the node's own, or None to leave it.
Naive = Callable[[Node, "Builder"], Callable[[Any], Any] | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """`ruled` names the place that applies the rule; `naive` is what stands there without it."""

    ruled: str
    naive: Naive


RULES_HERE: Mapping[str, Rule] = MappingProxyType({
    "and_unknown": Rule("logic.and_", naive_null.and_),
    "or_unknown": Rule("logic.or_", naive_null.or_),
    "not_unknown": Rule("logic.not_", naive_null.not_),
    "compare_unknown": Rule("nodes._compare", naive_null.compare),
    "in_unknown": Rule("nodes._in", naive_null.in_),
    "conditional_unknown": Rule("logic.conditional", naive_null.conditional),
    "strict_functions": Rule("nodes.strict", naive_null.lenient),
    "macro_unknown": Rule("macros._all, _exists, _exists_one", naive_null.macro_unknown),
    "empty_aggregate": Rule("macros._sum, _avg, _least", naive_null.empty_aggregate),
    "aggregate_skips_null": Rule("macros.known", naive_null.aggregate_null),
    "integer_bounds": Rule("functions.numbers._integers", naive_values.integers),
    "exact_decimals": Rule("functions.numbers._decimals, _multiply, _divide", naive_values.as_floats),
    "half_even": Rule("values.rescale", naive_values.half_up),
    "division_by_zero": Rule("functions.numbers._divide, _truncate, _remainder", naive_values.divided),
    "truncating_division": Rule("functions.numbers._truncate, _remainder", naive_values.floored),
    "float_bounds": Rule("values.as_float", naive_values.floats),
    "month_end": Rule("values.add_months", naive_values.month_end),
    "leap_birthday": Rule("values.age", naive_values.early_birthday),
    "date_bounds": Rule("values.bounded_days, add_months", naive_values.unbounded_days),
    "real_dates": Rule("values.parse_date", naive_values.any_day),
    "code_points": Rule("nodes._compare, functions.text size", naive_values.utf_16),
    "ascii_case": Rule("values.lower, upper", naive_values.any_case),
    "index_bounds": Rule("nodes._index", naive_values.from_the_end),
})
