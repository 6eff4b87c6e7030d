"""Hostile trees and values in the browser's interpreter: each stops within its budget of steps, and the page lives on.

What a step costs is bounded: the whole budget took under 50 ms of CPU when it was chosen. Steps are counted here, not time.
"""

import json
from typing import Any

import pytest

from engine.expressions import check
from engine.expressions.checker.steps import steps
from engine.targets.browser import to_browser
from tests.engine.expressions.browser.jobs import Answer, Batch
from tests.engine.expressions.clinic import Clinic, Values, values
from tests.engine.expressions.test_hostile import HARMLESS

MANY = list(range(2_000))
ITEM: list[Any] = ["var", 0]


def nested(depth: int) -> list[Any]:
    """Macros within macros over a list of 2,000 items."""
    body: list[Any] = ["==", "i", ITEM]
    for _ in range(depth):
        body = ["macro", "all", "b", ["ref", ["list", "i"], "many"], [], ["has", body]]
    return body


def doubling(times: int) -> list[Any]:
    """A text that is twice as long with each macro."""
    texts: list[Any] = ["list", "aaaaaaaa"]
    for _ in range(times):
        texts = ["macro", "map", ["list", "t"], texts, [], ["+", "t", ITEM, ITEM]]
    return texts


ENV: dict[Any, Any] = {"many": MANY, "tasks": [Values({("status",): "due"})] * 50_000, "long": "a" * 1_000_000}
FENCED: dict[str, list[Any]] = {
    "nested macros": nested(4),
    "doubling": doubling(60),
    "comparing": ["macro", "all", "b", ["ref", ["list", "i"], "many"], [], ["==", *[["ref", ["list", "i"], "many"]] * 2]],
    "comparing texts": ["macro", "all", "b", ["ref", ["list", "i"], "many"], [], ["<=", ["ref", "t", "long"], ["ref", "t", "long"]]],
    "joining": ["macro", "map", ["list", ["list", "i"]], ["ref", ["list", "i"], "many"], [],
                ["+", ["list", "i"], *[["ref", ["list", "i"], "many"]] * 2]],
    "membership": ["macro", "all", "b", ["ref", ["list", "i"], "many"], [], ["has", ["in", -1, ["ref", ["list", "i"], "many"]]]],
    "long texts": ["macro", "map", ["list", "i"], ["ref", ["list", "i"], "many"], [], ["size", "i", ["lower", "t", ["ref", "t", "long"]]]],
    "patterns": ["macro", "map", ["list", "b"], ["ref", ["list", "i"], "many"], [],
                 ["matches", "b", ["ref", "t", "long"], "a{100}b|[ab]*a[ab]{90}c"]],
}
DEEP = {
    "arrays": "[" * 100_000 + "]" * 100_000,
    "not": '["not",' * 50_000 + "true" + "]" * 50_000,
    "sums": '["+","i",' * 50_000 + "1" + ",1]" * 50_000,
    "lists": '["list",' * 50_000 + "1" + "]" * 50_000,
}


@pytest.fixture(scope="module")
def answer() -> Answer:
    """All of the above, what is harmless, and one plain expression after them."""
    batch = Batch()
    env = batch.env(ENV)
    for tree in FENCED.values():
        batch.job(batch.json(tree), env)
    for text in DEEP.values():
        batch.job(batch.text(text), env)
    batch.job(batch.json(["macro", "count", "i", ["ref", "rows", "tasks"], ["==", ["var", 0, "t", "status"], "due"], []]), env)
    batch.job(batch.json(["size", "i", "随访"]), env)
    return batch.run()


@pytest.mark.parametrize("name", FENCED)
def test_fenced(name: str, answer: Answer) -> None:
    """Growth stops at the budget: null."""
    found = answer.results[list(FENCED).index(name)]
    assert found.json is None and found.problem is not None and "steps" in found.problem
    assert found.steps <= answer.budget


@pytest.mark.parametrize("name", DEEP)
def test_deep_trees(name: str, answer: Answer) -> None:
    """A tree far deeper than the checker lets pass is null, and the page does not fall over."""
    assert answer.results[len(FENCED) + list(DEEP).index(name)].json is None


def test_many_rows_are_no_attack(answer: Answer) -> None:
    """Fifty thousand child rows are counted; and after all that a plain expression still has its value."""
    many, plain = answer.results[-2:]
    assert (many.json, plain.json) == (50_000, 2)
    assert many.steps <= answer.budget


def test_harmless_expressions_stay_far_from_the_budget() -> None:
    """What the checker lets pass on long texts and lists takes a fraction of the budget."""
    batch = Batch()
    env = batch.env({"n": 9007199254740991, "name": "a" * 20_000, "flag": False})
    for text in HARMLESS:
        tree = check(text, Clinic()).tree
        assert tree is not None
        batch.job(batch.tree(tree), env)
    answer = batch.run()
    assert max(result.steps for result in answer.results) < answer.budget / 4
    assert [result.problem for result in answer.results] == [None] * len(HARMLESS)


AT_THE_BOUND = [
    'user.roles.all(a, user.roles.all(b, a != b || a + b != "x" && has(name)))',
    'user.roles.all(a, user.roles.all(b, size(a) + size(b) > 0 && size(a + b) > 0))',
    'user.roles.all(a, user.roles.all(b, b.matches("^[a-z]+[0-9]*$") && a.matches("x?")))',
    "[1,2,3,4,5,6,7,8].all(a, [1,2,3,4,5,6,7,8].all(b, [1,2,3,4,5,6,7,8].all(c, [1,2,3,4,5,6,7,8].all(d, a * b * c * d > 0))))",
    "user.roles.filter(a, user.roles.exists_one(b, a == b)) == user.roles",
]


def test_the_checkers_bound_is_within_the_budget() -> None:
    """Macros that the checker just lets pass have their value with lists of the 64 items that it reckons with."""
    batch = Batch()
    env = batch.env(values({"name": "x" * 500}, {"roles": [f"role{place}" for place in range(64)]}))
    for text in AT_THE_BOUND:
        tree = check(text, Clinic()).tree
        assert tree is not None and steps(tree) > 15_000
        batch.job(batch.tree(tree), env)
    answer = batch.run()
    assert [result.json for result in answer.results] == [True] * len(AT_THE_BOUND)
    assert max(result.steps for result in answer.results) < answer.budget / 2


def test_trees_of_hostile_texts_are_plain_json() -> None:
    """A tree holds data only: it goes into a page as JSON, and its texts are never code."""
    tree = check("name == '</script><script>alert(1)</script>'", Clinic()).tree
    assert tree is not None
    assert json.loads(json.dumps(to_browser(tree))) == ["==", ["ref", "t", "name"], "</script><script>alert(1)</script>"]
