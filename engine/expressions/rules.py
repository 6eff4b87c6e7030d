"""The rules in which the dialect differs from what a host language would do by itself, by name.

Each back end has a table with an entry for every one of them; tests switch them off one at a time to show that the cases see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["ALL_ON", "RULES"]

RULES: Mapping[str, str] = MappingProxyType({
    "and_unknown": "false && unknown is false, true && unknown is unknown",
    "or_unknown": "true || unknown is true, false || unknown is unknown",
    "not_unknown": "!unknown is unknown",
    "compare_unknown": "a comparison with null is unknown, == and != with the literal excepted",
    "in_unknown": "x in a list is unknown when x is null, or when it is not found and the list holds a null",
    "conditional_unknown": "unknown ? a : b is null",
    "strict_functions": "a function of null is null",
    "macro_unknown": "all, exists and exists_one follow && and ||: an unknown item makes unknown what no other item decides",
    "empty_aggregate": "count and sum of nothing are 0; min, max and avg of nothing are null",
    "aggregate_skips_null": "sum, min, max and avg leave out items that are null",
    "integer_bounds": "an integer beyond ±(2^53 - 1) is null",
    "exact_decimals": "decimals are exact, not floats",
    "half_even": "a decimal quotient is rounded half-even to 10 places",
    "division_by_zero": "division by zero is null",
    "truncating_division": "div and % cut towards zero",
    "float_bounds": "a float beyond 1e150 is null, below 1e-150 it is 0",
    "month_end": "a month added to the 31st ends on the last day of a shorter month",
    "leap_birthday": "who was born on 29 February has the birthday on 1 March in other years",
    "date_bounds": "a day outside the years 1 to 9999 is null",
    "real_dates": "date() of a text that is no day of the calendar is null",
    "code_points": "texts compare by code point, and size counts characters",
    "ascii_case": "lower and upper change A-Z alone",
    "index_bounds": "a place or key that is not there is null",
})

ALL_ON: frozenset[str] = frozenset()
"""What `off` is when no rule is switched off."""
