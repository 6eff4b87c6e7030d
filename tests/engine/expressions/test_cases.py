"""Every case of cases.yaml has the type and value written there, in Python, SQLite and PostgreSQL alike.

A case is {expr, row, user, now, type, value}; what is left out of `row` is null.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.expressions import check, to_python
from engine.expressions.tree import Node
from tests.engine.expressions.clinic import Clinic, Values, opened, read, values

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text(encoding="utf-8"))


def tree_of(case: dict[str, Any]) -> Node:
    checked = check(case["expr"], Clinic())
    assert checked.tree is not None, (case["expr"], [str(error) for error in checked.errors])
    return checked.tree


def row_of(case: dict[str, Any]) -> Values:
    return values(case.get("row", {}), case.get("user"), case.get("now"))


def same(found: Any, wanted: Any) -> bool:
    """Equal, and true is not 1; a number may be spelled 2 or 2.00."""
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)


def test_there_are_250_different_cases() -> None:
    """The file holds at least 250 cases, none twice."""
    distinct = {(case["expr"], str(case.get("row")), str(case.get("user")), case.get("now")) for case in CASES}
    assert len(distinct) == len(CASES) >= 250


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
    """The clause gives each case's value on the database, read through its stored form."""
    wrong = []
    with opened(database_url) as database:
        database.insert([row_of(case) for case in CASES])
        for place, case in enumerate(CASES):
            tree = tree_of(case)
            [(found,)] = database.select([tree], row_of(case), place)
            if not same(found, read(case["value"], tree.type)):
                wrong.append((case, found))
    assert wrong == []


@pytest.mark.parametrize("name", ["&&", "||", "!", "==", "<", "in", "??", "?", "+", "-", "*", "/", "%"])
def test_every_operator_has_cases(name: str) -> None:
    """No operator goes without a case."""
    assert sum(f" {name} " in case["expr"] or case["expr"].startswith(name) for case in CASES) >= 2
