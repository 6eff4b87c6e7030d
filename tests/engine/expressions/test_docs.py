"""The language reference is true: every example line holds, and no function goes without one."""

import re
from pathlib import Path

import pytest

from engine.expressions import check, to_python
from engine.expressions.functions import FUNCTIONS, NAMES
from tests.engine.expressions.clinic import Clinic, values

PAGE = (Path(__file__).parents[3] / "docs" / "language" / "expressions.md").read_text(encoding="utf-8")
EXAMPLES = [
    tuple(part.strip() for part in line.split("=>"))
    for block in re.findall(r"```expressions\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]


def value_of(text: str) -> object:
    checked = check(text, Clinic())
    assert checked.tree is not None, [str(error) for error in checked.errors]
    return to_python(checked.tree)(values({}))


@pytest.mark.parametrize(("text", "value"), EXAMPLES)
def test_example_of_the_page(text: str, value: str) -> None:
    """The expression has the value written beside it."""
    assert value_of(text) == value_of(value)


@pytest.mark.parametrize("name", NAMES)
def test_function_is_on_the_page(name: str) -> None:
    """Every function stands in the table of functions and in an example."""
    assert re.search(rf"\| .*`[^`]*\b{name}\b", PAGE)
    assert name == "has" or any(re.search(rf"\b{name}\(", text) for text, _ in EXAMPLES)


@pytest.mark.parametrize(
    "function", [each for name in NAMES for each in FUNCTIONS.get(name, ())], ids=lambda each: each.name
)
def test_example_of_the_entry(function: object) -> None:
    """Every overload that has a name carries words and an example that holds."""
    words, example = function.words, function.example  # type: ignore[attr-defined]
    assert words and example
    assert value_of(example[0]) == value_of(example[1])
