"""Each rule of the dialect is seen: with it switched off, a case that shows it fails, in every back end.

A back end is a function of the cases and of the rules that are off, which gives the cases' values in their order. A case names the
rules that it shows under `rules`.
"""

from collections.abc import Callable
from typing import Any

import pytest

from engine.expressions import to_python
from engine.expressions.python_rules import RULES_HERE
from engine.expressions.rules import RULES
from tests.engine.expressions.clinic import read
from tests.engine.expressions.test_cases import CASES, row_of, same, tree_of

Case = dict[str, Any]
BackEnd = Callable[[list[Case], frozenset[str]], list[Any]]


def python(cases: list[Case], off: frozenset[str]) -> list[Any]:
    return [to_python(tree_of(case), off=off)(row_of(case)) for case in cases]


BACK_ENDS: dict[str, BackEnd] = {"python": python}
TABLES = {"python": RULES_HERE}


def showing(rule: str) -> list[Case]:
    return [case for case in CASES if rule in case.get("rules", ())]


def failing(cases: list[Case], found: list[Any]) -> list[str]:
    """The cases whose value is another than the one written there."""
    pairs = zip(cases, found, strict=True)
    return [case["expr"] for case, value in pairs if not same(value, read(case["value"], tree_of(case).type))]


@pytest.mark.parametrize("name", TABLES)
def test_every_rule_has_an_entry(name: str) -> None:
    """The table of a back end has an entry for each rule of the dialect and no other."""
    assert set(TABLES[name]) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", BACK_ENDS)
def test_a_case_fails_without_the_rule(name: str, rule: str) -> None:
    """Switched off, the rule is missed by a case that shows it; switched on, no case is wrong."""
    cases = [case for case in showing(rule) if "sql" not in case or name in ("python", "browser")]
    run = BACK_ENDS[name]
    assert cases and failing(cases, run(cases, frozenset())) == []
    assert failing(cases, run(cases, frozenset({rule}))) != []


@pytest.mark.parametrize("rule", RULES)
def test_a_case_shows_the_rules_that_it_names(rule: str) -> None:
    """In Python every case that names a rule fails without it, so that the names mean something."""
    cases = showing(rule)
    assert failing(cases, python(cases, frozenset({rule}))) == [case["expr"] for case in cases]


def test_rules_are_known() -> None:
    """No case names a rule that there is not."""
    assert {rule for case in CASES for rule in case.get("rules", ())} <= set(RULES)
