"""The browser as a back end of the switch-off test: values of cases with rules off, all computed in one process of Node."""

from __future__ import annotations

import functools
from typing import Any

from engine.expressions.rules import RULES
from tests.engine.expressions.browser.jobs import Batch
from tests.engine.expressions.test_cases import CASES, row_of, tree_of

__all__ = ["browser", "rules_of_browser"]

Case = dict[str, Any]
OFF = (frozenset[str](), *(frozenset({rule}) for rule in RULES))


@functools.cache
def _all() -> tuple[dict[tuple[int, frozenset[str]], Any], list[str]]:
    """The value of every case with all rules on, and with each one off; and the names in the interpreter's own table."""
    batch = Batch()
    trees = [tree_of(case) for case in CASES]
    places = [(batch.tree(tree), batch.env(row_of(case))) for case, tree in zip(CASES, trees, strict=True)]
    for off in OFF:
        for tree, env in places:
            batch.job(tree, env, off)
    answer = batch.run()
    keys = [(id(case), off, tree) for off in OFF for case, tree in zip(CASES, trees, strict=True)]
    found = {(case, off): result.value(tree.type) for (case, off, tree), result in zip(keys, answer.results, strict=True)}
    return found, answer.rules


def browser(cases: list[Case], off: frozenset[str]) -> list[Any]:
    """The values of cases of cases.yaml, in their order; `off` names at most one rule."""
    found, _ = _all()
    return [found[id(case), off] for case in cases]


def rules_of_browser() -> list[str]:
    """The names in the table of rules that the interpreter has."""
    return _all()[1]
