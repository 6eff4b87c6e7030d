"""Random well-typed expressions over random rows give the same values in Python, SQLite and PostgreSQL."""

from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies

from engine.expressions import check, sql_problem, to_python
from engine.expressions.tree import Node
from tests.engine.expressions.clinic import Clinic, Database, opened
from tests.engine.expressions.random_trees import random_row, random_text

ROWS = 24
AT_ONCE = 12


def trees(random: Random, count: int) -> list[tuple[str, Node]]:
    """Expressions that check and translate; one that grew too large, or spells a date that there is not, is left out."""
    found: list[tuple[str, Node]] = []
    while len(found) < count:
        text = random_text(random)
        tree = check(text, Clinic()).tree
        if tree is not None and sql_problem(tree) is None:
            found.append((text, tree))
    return found


def agree(database: Database, seed: int) -> list[tuple[str, Any, Any]]:
    """Expressions with the values of Python and of the database where the two differ."""
    random = Random(seed)
    rows = [random_row(random) for _ in range(ROWS)]
    database.connection.execute(database.table.delete())
    database.insert(rows)
    chosen = trees(random, AT_ONCE)
    computed = database.select([tree for _, tree in chosen], rows[0])
    wrong = []
    for at, (text, tree) in enumerate(chosen):
        run = to_python(tree)
        wanted = [run(row) for row in rows]
        found = [values[at] for values in computed]
        wrong += [(text, one, two) for one, two in zip(wanted, found, strict=True) if repr_of(one) != repr_of(two)]
    return wrong


def repr_of(value: Any) -> Any:
    """Equality that tells true from 1 and leaves 2 and 2.00 alike."""
    return (isinstance(value, bool), value)


def test_python_and_sql_agree(database_url: str) -> None:
    """480 expressions on 24 rows each per database; a failing seed is printed by hypothesis and shrunk to the least one."""
    with opened(database_url) as database:

        @settings(
            max_examples=40, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )
        @given(strategies.integers(0, 2**32))
        def run(seed: int) -> None:
            assert agree(database, seed) == []

        run()


def test_generator_writes_only_well_typed_expressions() -> None:
    """Nearly all random texts check, so that the agreement above covers what it seems to."""
    random = Random(1)
    checked = [check(random_text(random), Clinic()) for _ in range(300)]
    refused = {error.code.code for each in checked for error in each.errors}
    assert refused <= {"EXPR-006", "EXPR-007", "EXPR-015"}
    assert sum(each.tree is not None and sql_problem(each.tree) is None for each in checked) >= 285
