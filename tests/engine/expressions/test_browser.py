"""The browser's interpreter, in Node: every case and random expressions have the values that Python gives.

1. Every case of cases.yaml has its value; all run in one process.
2. Random well-typed expressions over random rows with nulls agree with Python.
3. It has an entry for every node and every function. (test_rules.py switches its rules off, one at a time; a planted fault here shows that
   the comparison sees faults.)
4. Whatever a page gives, the value is null rather than an exception.
"""

from collections.abc import Callable
from typing import Any

import pytest

from engine.expressions import check, to_python
from engine.expressions.functions import FUNCTIONS
from engine.expressions.tree import Node
from engine.targets.browser import BUILD, to_browser
from tests.engine.expressions.agreement import same as alike
from tests.engine.expressions.browser.jobs import Answer, Batch
from tests.engine.expressions.clinic import Clinic, Values, read
from tests.engine.expressions.random_trees import generated
from tests.engine.expressions.test_cases import CASES, row_of, same, tree_of

RANDOM = 1_000
ROWS = 3


def failing(trees: list[Node], answer: Answer) -> list[tuple[str, Any]]:
    """Cases whose result is not the value that they state."""
    return [
        (case["expr"], result)
        for case, tree, result in zip(CASES, trees, answer.results, strict=True)
        if not same(result.value(tree.type), read(case["value"], tree.type))
    ]


def test_cases() -> None:
    """Every case has its value."""
    batch = Batch()
    trees = [tree_of(case) for case in CASES]
    for case, tree in zip(CASES, trees, strict=True):
        batch.job(batch.tree(tree), batch.env(row_of(case)))
    answer = batch.run()
    assert failing(trees, answer) == []
    assert [result.problem for result in answer.results if result.problem] == []


def test_a_fault_is_seen() -> None:
    """An interpreter that takes UTF-16 units for characters, and one that follows JavaScript's &&, fail cases."""
    for rule in ("code_points", "and_unknown"):
        batch = Batch()
        trees = [tree_of(case) for case in CASES]
        for case, tree in zip(CASES, trees, strict=True):
            batch.job(batch.tree(tree), batch.env(row_of(case)), {rule})
        assert failing(trees, batch.run()) != []


def test_random_expressions() -> None:
    """1,000 expressions, with lists, maps, macros, child rows and every function, on 3 rows each have Python's values."""
    batch = Batch()
    wanted: list[tuple[str, Node, Any]] = []
    given: list[Values] = []
    envs: list[int] = []
    for tree, text, rows in generated(20261122, RANDOM, rows=ROWS, maps=True):
        place, run = batch.tree(tree), to_python(tree)
        if rows is not given:
            given, envs = rows, [batch.env(row) for row in rows]
        for row, env in zip(rows, envs, strict=True):
            batch.job(place, env)
            wanted.append((text, tree, run(row)))
    results = batch.run().results
    wrong = [
        (text, value, result)
        for (text, tree, value), result in zip(wanted, results, strict=True)
        if not alike(result.value(tree.type), value) or result.problem
    ]
    assert wrong == []
    assert sum(value is not None for _, _, value in wanted) > len(wanted) / 2


def test_every_node_and_function_is_known() -> None:
    """What the compiler can write, the interpreter has; and no function is named as a node."""
    batch = Batch()
    batch.job(batch.json(True), batch.env({}))
    answer = batch.run()
    assert set(FUNCTIONS) <= set(answer.functions)
    assert not set(FUNCTIONS) & set(answer.nodes)
    assert {kind.__name__ for kind in BUILD} >= {"Literal", "Ref", "Var", "Macro", "MapLit", "Index", "Call"}


ODD: list[tuple[Any, Any]] = [
    (["ref", "i", "n"], {"n": 1.5}),
    (["ref", "i", "n"], {"n": 2**53}),
    (["ref", "d2", "n"], {"n": "1e5"}),
    (["ref", "d2", "n"], {"n": "9" * 100}),
    (["ref", "t", "n"], {"n": ["a"]}),
    (["ref", "date", "n"], {"n": "2026-02-30"}),
    (["ref", "instant", "n"], {"n": "2026-11-22"}),
    (["ref", "time", "n"], {"n": "24:00"}),
    (["ref", ["list", "t"], "n"], {"n": "a"}),
    (["ref", "t", "constructor"], {}),
    (["ref", "t", "__proto__"], {}),
    (["macro", "min", "i", ["ref", "rows", "n"], [], ["var", 0, "i", "a"]], {"n": {"length": 10**9}}),
    (["macro", "min", "i", ["ref", "rows", "n"], [], ["var", 0, "i", "a"]], {"n": [None, 1, "a", []]}),
    (["ref", "t", "n"], None),
    (["ref", "t", "n"], "text"),
    (["constructor", "t", "a"], {}),
    (["__proto__", "t"], {}),
    (["unheard", "t", 1], {}),
    (["+", "d2", "a", True], {}),
    (["var", 3], {}),
    (["lit", "__proto__", "a"], {}),
    (["matches", "b", "a", "("], {}),
    ([], {}),
    ({}, {}),
    ([["and"], 1], {}),
]


@pytest.fixture(scope="module")
def odd() -> list[Any]:
    """The JSON values of the above."""
    batch = Batch()
    for tree, env in ODD:
        batch.envs.append(env)
        batch.job(batch.json(tree), len(batch.envs) - 1)
    return [result.json for result in batch.run().results]


@pytest.mark.parametrize("at", range(len(ODD)), ids=[str(tree)[:40] for tree, _ in ODD])
def test_whatever_is_given_the_value_is_null(at: int, odd: list[Any]) -> None:
    """Values of a wrong type, names of prototypes, broken trees: null, never an exception."""
    assert odd[at] is None


SHAPES: list[tuple[str, Any]] = [
    ("flag && n > 1", ["and", ["ref", "b", "flag"], [">", ["ref", "i", "n"], 1]]),
    ("d == 0.50", ["==", ["ref", "d2", "d"], ["lit", "d2", "0.5"]]),
    ("status != 'finished'", ["!=", ["ref", "t", "status"], "done"]),
    ("has(patient.name)", ["has", ["ref", "t", "patient.name"]]),
    ("seen > timestamp('2026-11-22T00:00:00Z')", [">", ["ref", "instant", "seen"], ["lit", "instant", "2026-11-22T00:00:00Z"]]),
    ("d + n", ["+", "d2", ["ref", "d2", "d"], ["ref", "i", "n"]]),
    ("age(born)", ["age", "i", ["ref", "date", "born"], ["ref", "date", "today"]]),
    ("assignee == user", ["==", ["ref", "id", "assignee"], ["ref", "id", "user.id"]]),
]


@pytest.mark.parametrize(("text", "json"), SHAPES, ids=[text for text, _ in SHAPES])
def test_shape(text: str, json: Any, tree: Callable[[str], Node]) -> None:
    """Trees are compact arrays; constants that JSON has stand for themselves."""
    assert to_browser(tree(text)) == json


@pytest.fixture
def tree() -> Callable[[str], Node]:
    def checked(text: str) -> Node:
        found = check(text, Clinic()).tree
        assert found is not None
        return found

    return checked
