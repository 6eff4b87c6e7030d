"""What macros do with the items of a list, the keys of a map or child rows, in Python.

Each maker takes the node and the closures of its test and body, which are called with (environment, item), and gives a
function of the environment and the items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from engine.expressions import values
from engine.expressions.limits import MAX_PLACES, decimal_bound
from engine.expressions.tree import Macro
from engine.expressions.types import FLOAT, INT, DecimalOf

__all__ = ["MACROS", "picked", "total"]

Eval = Callable[[Any], Any]
Run = Callable[[Any, Any], Any]


def _all(node: Macro, test: Eval | None, body: Eval | None) -> Run:
    """False as soon as one is false, unknown when none is false and one unknown."""
    assert body is not None
    holds = body

    def run(env: Any, items: Iterable[Any]) -> bool | None:
        found: bool | None = True
        for item in items:
            value = holds((env, item))
            if value is False:
                return False
            if value is None:
                found = None
        return found

    return run


def _exists(node: Macro, test: Eval | None, body: Eval | None) -> Run:
    """True as soon as one is true, unknown when none is true and one unknown."""
    assert body is not None
    holds = body

    def run(env: Any, items: Iterable[Any]) -> bool | None:
        found: bool | None = False
        for item in items:
            value = holds((env, item))
            if value:
                return True
            if value is None:
                found = None
        return found

    return run


def _exists_one(node: Macro, test: Eval | None, body: Eval | None) -> Run:
    """False as soon as two are true, whatever the others are; else unknown when one is unknown."""
    assert body is not None
    holds = body

    def run(env: Any, items: Iterable[Any]) -> bool | None:
        true, unknown = 0, False
        for item in items:
            value = holds((env, item))
            if value:
                true += 1
                if true == 2:
                    return False
            elif value is None:
                unknown = True
        return None if unknown else true == 1

    return run


def _filter(node: Macro, test: Eval | None, body: Eval | None) -> Run:
    return lambda env, items: tuple(picked(test, env, items))


def _map(node: Macro, test: Eval | None, body: Eval | None) -> Run:
    assert body is not None
    value = body
    return lambda env, items: tuple([value((env, item)) for item in picked(test, env, items)])


def _count(node: Macro, test: Eval | None, body: Eval | None) -> Run:
    return lambda env, items: len(picked(test, env, items))


def picked(test: Eval | None, env: Any, items: Any) -> Any:
    """The items for which the test is true; all where there is none."""
    return items if test is None else [item for item in items if test((env, item))]


def known(body: Eval | None) -> Callable[[Any, Iterable[Any]], list[Any]]:
    """The values of the items that are not null."""
    assert body is not None
    read = body
    return lambda env, items: [value for item in items if (value := read((env, item))) is not None]


def total(node: Macro) -> Callable[[list[Any]], Any]:
    """The sum of values, exact numbers added up exactly before the bounds are looked at; floats from first to last."""
    if node.type == FLOAT:
        return lambda found: values.as_float(sum(found, 0.0))
    if node.type == INT:
        return lambda found: values.in_range(sum(found))
    assert isinstance(node.type, DecimalOf)
    bound = decimal_bound(node.type.places)

    def exact(found: list[Any]) -> Decimal | None:
        value = _exactly(found)
        return value if -bound < value < bound else None

    return exact


def _exactly(found: list[Any]) -> Decimal:
    value = Decimal(0)
    for each in found:
        value = values.EXACT.add(value, each)
    return value


def _sum(node: Macro, test: Eval | None, body: Eval | None) -> Run:
    read, add = known(body), total(node)
    return lambda env, items: add(read(env, items))


def _avg(node: Macro, test: Eval | None, body: Eval | None) -> Run:
    read = known(body)
    if node.type == FLOAT:
        return lambda env, items: values.as_float(sum(found, 0.0) / len(found)) if (found := read(env, items)) else None
    bound = decimal_bound(MAX_PLACES)

    def run(env: Any, items: Iterable[Any]) -> Decimal | None:
        found = read(env, items)
        if not found:
            return None
        value = values.rescale(values.EXACT.divide(_exactly(found), len(found)), MAX_PLACES)
        return value if -bound < value < bound else None

    return run


def _least(pick: Callable[[list[Any]], Any]) -> Callable[[Macro, Eval | None, Eval | None], Run]:
    def make(node: Macro, test: Eval | None, body: Eval | None) -> Run:
        read = known(body)
        return lambda env, items: pick(found) if (found := read(env, items)) else None

    return make


MACROS: Mapping[str, Callable[[Macro, Eval | None, Eval | None], Run]] = {
    "all": _all, "exists": _exists, "exists_one": _exists_one, "filter": _filter, "map": _map, "count": _count, "sum": _sum,
    "avg": _avg, "min": _least(min), "max": _least(max),
}
