"""All functions of the language, by name; operators are functions whose name is their sign."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.expressions.functions import clock, conversions, dates, lists, numbers, phrases, text, totals, workdays
from engine.expressions.functions.function import Function

__all__ = ["FUNCTIONS", "NAMES", "Function"]


def _by_name() -> Mapping[str, tuple[Function, ...]]:
    found: dict[str, tuple[Function, ...]] = {}
    for module in (numbers, totals, text, phrases, lists, dates, clock, workdays, conversions):
        for function in module.FUNCTIONS:
            found[function.name] = (*found.get(function.name, ()), function)
    return MappingProxyType(found)


FUNCTIONS = _by_name()
NAMES = tuple(name for name in FUNCTIONS if name.isidentifier()) + ("has",)
