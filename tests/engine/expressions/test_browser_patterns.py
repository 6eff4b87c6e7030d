"""The browser's own pattern machine finds what re2 finds, and what RegExp finds, in time proportional to the text.

RegExp would need ages for some patterns that re2 takes with ease, so the interpreter does not use it.
"""

from random import Random

import pytest

from engine.expressions.patterns import PatternError, portable
from engine.expressions.sql.sqlite_functions import pattern
from tests.engine.expressions.browser.jobs import Batch

ALPHABET = "aab王😀-\n1 ]"
TEXTS = ["", "a", "b", "ab", "aab", "王", "😀", "a王b", "ab\n", "\nab", "1-2", "]", "aaaaab", "b😀a", " "]
ATOMS = ["a", "b", "王", "😀", ".", "[ab]", "[^a]", "[a-z1]", r"\d", r"\W", r"[\w-]", "^", "$", r"\.", r"[\]\-]", r"\n", r"\s"]


def random_pattern(random: Random, depth: int = 2) -> str:
    parts = []
    for _ in range(random.randint(1, 3)):
        if depth and random.random() < 0.3:
            atom = f"({'' if random.random() < 0.5 else '?:'}{random_pattern(random, depth - 1)})"
        else:
            atom = random.choice(ATOMS)
        parts.append(atom + random.choice(["", "", "", "?", "*", "+", "{2}", "{1,}", "{0,2}"]))
    return "".join(parts) + (f"|{random_pattern(random, depth - 1)}" if depth and random.random() < 0.3 else "")


def patterns(count: int) -> list[str]:
    """Random patterns in the form that all engines share; those outside the subset are left out."""
    random = Random(7)
    found: list[str] = []
    while len(found) < count:
        try:
            found.append(portable(random_pattern(random)))
        except PatternError:
            continue
    return found


def texts(random: Random) -> list[str]:
    return [*TEXTS, *("".join(random.choices(ALPHABET, k=random.randint(1, 8))) for _ in range(10))]


def test_agrees_with_re2() -> None:
    """500 random patterns on 25 texts each."""
    batch, random = Batch(), Random(8)
    wanted = []
    for text in patterns(500):
        search = pattern(text).search
        tree = batch.json(["matches", "b", ["ref", "t", "x"], text])
        for value in texts(random):
            batch.job(tree, batch.env({"x": value}))
            wanted.append((text, value, search(value) is not None))
    answer = batch.run()
    wrong = [case for case, result in zip(wanted, answer.results, strict=True) if result.json is not case[2]]
    assert wrong == []
    assert 0.2 < sum(found for _, _, found in wanted) / len(wanted) < 0.9


HARD = [
    "(?:a?){1}" * 10 + "a{10}",
    "a?" * 60 + "a" * 60,
    ".*.*.*.*.*=.*",
    "[ab]*a[ab]{90}c",
    "^[a-z]{1,100}[0-9]{1,100}$",
    "(?:a|b|ab)*c",
    "(?:a|aa|aaa){15}$",
]


@pytest.mark.parametrize("text", HARD)
def test_hard_patterns_take_steps_in_proportion(text: str) -> None:
    """Four times the text takes at most about four times the steps, and texts of forms fit the budget."""
    batch = Batch()
    tree = batch.json(["matches", "b", ["ref", "t", "x"], portable(text)])
    for length in (250, 1_000):
        batch.job(tree, batch.env({"x": "ab" * length}))
    answer = batch.run()
    short, long = answer.results
    found = pattern(portable(text)).search("ab" * 1_000) is not None
    assert (short.problem, long.problem, long.json) == (None, None, found)
    assert long.steps <= 6 * short.steps and long.steps < answer.budget
