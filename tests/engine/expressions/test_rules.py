"""Each rule of the dialect is seen: with it switched off, a case that shows it fails, in every back end.

A back end is a function of the cases and of the rules that are off, which gives the cases' values in their order. A case names the
rules that it shows under `rules`.
"""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from engine.expressions import to_python, to_sql
from engine.expressions.python.rules import RULES_HERE
from engine.expressions.rules import RULES
from engine.expressions.sql.naive import NAIVE
from tests.engine.expressions.browser.back_end import browser, rules_of_browser
from tests.engine.expressions.clinic import Database, Source, opened, read
from tests.engine.expressions.test_cases import CASES, row_of, same, tree_of

Case = dict[str, Any]
BackEnd = Callable[[list[Case], frozenset[str]], list[Any]]


def python(cases: list[Case], off: frozenset[str]) -> list[Any]:
    return [to_python(tree_of(case), off=off)(row_of(case)) for case in cases]


BACK_ENDS: dict[str, BackEnd] = {"python": python, "browser": browser}
RAISED = object()
"""What stands for a value where a database raises without the rule."""


def sql(database: Database) -> BackEnd:
    """The back end of a database: each case is the one row of the table."""

    def value(case: Case, off: frozenset[str]) -> Any:
        tree, row = tree_of(case), row_of(case)
        database.connection.execute(sa.delete(database.tasks))
        database.connection.execute(sa.delete(database.table))
        database.insert([row])
        kind = database.storage.type(tree.type)
        clause = sa.type_coerce(to_sql(tree, Source(database, row), database.dialect, off), kind)
        try:
            with database.connection.begin_nested():
                found = database.connection.execute(sa.select(clause).select_from(database.table)).scalar_one()
        except DBAPIError:
            return RAISED
        return database.storage.loaded(found, tree.type)

    return lambda cases, off: [value(case, off) for case in cases]


def showing(rule: str) -> list[Case]:
    return [case for case in CASES if rule in case.get("rules", ())]


def failing(cases: list[Case], found: list[Any]) -> list[str]:
    """The cases whose value is another than the one written there."""
    pairs = zip(cases, found, strict=True)
    return [case["expr"] for case, value in pairs if value is RAISED or not same(value, read(case["value"], tree_of(case).type))]


def test_every_rule_has_an_entry() -> None:
    """The table of each back end has an entry for each rule of the dialect and no other."""
    assert set(RULES_HERE) == set(NAIVE) == set(rules_of_browser()) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", BACK_ENDS)
def test_a_case_fails_without_the_rule(name: str, rule: str) -> None:
    """Switched off, the rule is missed by a case that shows it; switched on, no case is wrong."""
    cases, run = showing(rule), BACK_ENDS[name]
    assert cases and failing(cases, run(cases, frozenset())) == []
    assert failing(cases, run(cases, frozenset({rule}))) != []


def test_a_case_fails_without_the_rule_in_sql(database_url: str) -> None:
    """The same on both databases, for as many cases as it takes to see one fail: those that name the rule come first."""
    unseen = set()
    with opened(database_url) as database:
        run = sql(database)
        for rule in RULES:
            named = sorted(CASES, key=lambda case: rule not in case.get("rules", ()))
            cases = [case for case in named if "sql" not in case]
            seen = any(failing([case], run([case], frozenset({rule}))) and not failing([case], run([case], frozenset())) for case in cases)
            unseen |= set() if seen else {rule}
    assert unseen == set()


@pytest.mark.parametrize("rule", RULES)
def test_a_case_shows_the_rules_that_it_names(rule: str) -> None:
    """In Python every case that names a rule fails without it, so that the names mean something."""
    cases = showing(rule)
    assert failing(cases, python(cases, frozenset({rule}))) == [case["expr"] for case in cases]


def test_rules_are_known() -> None:
    """No case names a rule that there is not."""
    assert {rule for case in CASES for rule in case.get("rules", ())} <= set(RULES)
