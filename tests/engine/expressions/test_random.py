"""Random well-typed expressions over random rows give the same values in Python, SQLite and PostgreSQL.

`make proof-expressions` runs many more of them: tests/proofs/test_expressions.py.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from engine.expressions import check, sql_problem
from engine.expressions.functions import NAMES
from tests.engine.expressions.agreement import Batch, Difference, batches, differences
from tests.engine.expressions.clinic import Clinic, opened, values
from tests.engine.expressions.random_trees import generated, random_text
from tests.engine.expressions.random_writer import Writer
from tests.engine.expressions.shrinking import least
from tests.fixtures.databases import PostgresBackend

SEED = 20261122
EXPRESSIONS = 5_000
# Functions that are others by another name, or that SQL computes of constants alone.
UNWRITTEN = {"lowerAscii", "upperAscii", "timestamp", "duration", "time", "hours", "days"}


def repr_of(value: Any) -> Any:
    """Equality that tells true from 1 and leaves 2 and 2.00 alike."""
    return (isinstance(value, bool), value)


@pytest.fixture(scope="module")
def postgres_url(postgres_server: PostgresBackend) -> Iterator[str]:
    url = postgres_server.fresh()
    yield url
    postgres_server.drop(url)


def test_python_sqlite_and_postgresql_agree(postgres_url: str) -> None:
    """5,000 expressions on 6 rows each; the seed is fixed."""
    count = 0
    with opened("sqlite://") as sqlite, opened(postgres_url) as postgresql:
        for batch in batches(SEED, EXPRESSIONS, rows=6):
            count += len(batch.trees)
            for database in (sqlite, postgresql):
                assert [str(each) for each in differences(database, batch)[:3]] == [], database.dialect
    assert count >= EXPRESSIONS


@pytest.fixture(scope="module")
def few() -> list[Batch]:
    return list(batches(SEED, 160, rows=6))


@pytest.mark.parametrize("rule", ["compare_unknown", "macro_unknown", "strict_functions", "index_bounds"])
def test_a_fault_is_found(rule: str, few: list[Batch], expressions_url: str) -> None:
    """With a rule of the dialect switched off in SQL, 160 expressions tell."""
    with opened(expressions_url) as database:
        assert any(differences(database, batch, frozenset({rule})) for batch in few)


def test_the_least_expression_that_differs_is_shown(expressions_url: str) -> None:
    """Of a long expression only the part is shown in which the fault lies."""
    row = values({"n": 7, "flag": True, "name": "a"})
    found = Difference("(flag && ((([1, 2][n] ?? 5) + n) * 2 > 12 || has(name))) == (lower(name) == 'b')", row, None, None)
    with opened(expressions_url) as database:
        database.insert([row])
        assert least(database, found, frozenset({"index_bounds"})).text == "[1, 2][n]"
        assert least(database, found).text == found.text


def test_equal_seeds_give_equal_expressions() -> None:
    """A seed that is printed repeats its run."""
    one, two = ([(text, rows) for _, text, rows in generated(7, 50)] for _ in range(2))
    assert one == two


def test_generator_writes_only_well_typed_expressions() -> None:
    """Nearly all random texts check and translate, so that the agreement above covers what it seems to."""
    random = Random(1)
    checked = [check(random_text(random), Clinic()) for _ in range(400)]
    refused = {error.code.code for each in checked for error in each.errors}
    assert refused <= {"EXPR-006", "EXPR-007", "EXPR-015", "EXPR-017"}
    assert sum(each.tree is not None and sql_problem(each.tree) is None for each in checked) >= 380


def test_generator_writes_every_function_and_macro() -> None:
    """No function and no macro of the language is left out."""
    random = Random(2)
    texts = " ".join(random_text(random) for _ in range(3_000))
    macros = {"all", "exists", "exists_one", "filter", "map", "count", "sum", "min", "max", "avg"}
    assert {name for name in macros if f".{name}(" not in texts} == set()
    assert {name for name in NAMES if f"{name}(" not in texts} <= UNWRITTEN


def test_maps_are_written_where_they_are_asked_for() -> None:
    """For Python and the browser; SQL refuses them by name."""
    random = Random(3)
    trees = [tree for _ in range(200) if (tree := check(Writer(random, maps=True).of("integer", 3), Clinic()).tree)]
    refused = [problem.construct for tree in trees if (problem := sql_problem(tree))]
    assert refused.count("a map") >= 10
