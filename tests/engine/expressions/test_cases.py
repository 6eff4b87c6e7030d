"""Every case of cases.yaml has the type and value written there, in Python, SQLite and PostgreSQL alike.

A case is {expr, row, user, now, type, value, rules, sql}; what is left out of `row` is null. `rules` names the rules of the dialect
that it shows (test_rules.py), `sql` the construct for which SQL refuses it.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.expressions import check, sql_problem, to_python
from engine.expressions.checker.macros import MACROS
from engine.expressions.functions import FUNCTIONS, Function
from engine.expressions.tree import Call, Macro, Node, walk
from tests.engine.expressions.clinic import Clinic, Values, opened, read, values

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text(encoding="utf-8"))


def tree_of(case: dict[str, Any]) -> Node:
    checked = check(case["expr"], Clinic())
    assert checked.tree is not None, (case["expr"], [str(error) for error in checked.errors])
    return checked.tree


def row_of(case: dict[str, Any]) -> Values:
    return values(case.get("row", {}), case.get("user"), case.get("now"))


def same(found: Any, wanted: Any) -> bool:
    """Equal, and true is not 1, also within lists and maps; a number may be spelled 2 or 2.00."""
    if isinstance(found, tuple) and isinstance(wanted, tuple):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(same(found[key], wanted[key]) for key in found)
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)


def test_there_are_1000_different_cases() -> None:
    """The file holds at least 1,000 cases, none twice."""
    distinct = {(case["expr"], str(case.get("row")), str(case.get("user")), case.get("now")) for case in CASES}
    assert len(distinct) == len(CASES) >= 1000


def test_python() -> None:
    """The closure gives each case's type and value."""
    wrong = []
    for case in CASES:
        tree = tree_of(case)
        found = to_python(tree)(row_of(case))
        if str(tree.type) != case["type"] or not same(found, read(case["value"], tree.type)):
            wrong.append((case, str(tree.type), found))
    assert wrong == []


def test_sql(database_url: str) -> None:
    """The clause gives each case's value on the database, read through its stored form; or the case says why there is none."""
    wrong: list[tuple[Any, Any]] = []
    with opened(database_url) as database:
        database.insert([row_of(case) for case in CASES])
        for place, case in enumerate(CASES):
            tree = tree_of(case)
            problem = sql_problem(tree)
            if problem is not None or "sql" in case:
                if problem is None or problem.construct != case.get("sql"):
                    wrong.append((case, problem))
                continue
            [(found,)] = database.select([tree], row_of(case), place)
            if not same(found, read(case["value"], tree.type)):
                wrong.append((case, found))
    assert wrong == []


def test_every_overload_has_cases() -> None:
    """No overload of a function and no macro goes without two cases, nor without one that a null reaches."""
    all_, null = Counter[str](), Counter[str]()
    for case in CASES:
        found = {_kind(node) for node in walk(tree_of(case)) if isinstance(node, Call | Macro)}
        all_.update(found)
        null.update(found if case["value"] is None or "null" in case["expr"] else ())
    overloads = {_overload(each) for every in FUNCTIONS.values() for each in every}
    wanted = overloads | {f"{kind} over {over}" for kind in MACROS for over in ("ListOf", "MapOf", "RowsOf")}
    assert {kind for kind in wanted if all_[kind] < 2} == set()
    never_null = {"size(map)", *(f"{kind} over MapOf" for kind in ("filter", "map", "count", "sum"))}
    assert {kind for kind in wanted - never_null if not null[kind]} == set()


def _kind(node: Node) -> str:
    if isinstance(node, Macro):
        return f"{node.kind} over {type(node.over.type).__name__}"
    return _overload(node.function) if isinstance(node, Call) else ""


def _overload(function: Function) -> str:
    return f"{function.name}({', '.join(param.words for param in function.takes)})"


@pytest.mark.parametrize("name", ["&&", "||", "!", "==", "<", "in", "??", "?", "+", "-", "*", "/", "%"])
def test_every_operator_has_cases(name: str) -> None:
    """No operator goes without a case."""
    assert sum(f" {name} " in case["expr"] or case["expr"].startswith(name) for case in CASES) >= 2
