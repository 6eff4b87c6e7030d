"""Yes and no, in JSON strictly, typed in both languages."""

import pytest

from engine.fields.boolean import Boolean
from tests.engine.fields.refusals import ENGLISH, SHANGHAI, read, typed


@pytest.mark.parametrize("value", [0, 1, "true", "yes", [], 1.0])
def test_only_true_and_false_are_booleans_in_json(value: object) -> None:
    """A number or a text is not a truth value."""
    assert read(Boolean(), value) == "not_boolean"
    assert read(Boolean(), True) is True and read(Boolean(), False) is False


@pytest.mark.parametrize(("text", "found"), [
    ("yes", True), ("No", False), ("是", True), ("否", False), ("TRUE", True), ("false", False), ("1", True), ("0", False),
    ("2", "invalid_boolean"), ("maybe", "invalid_boolean"), ("１", "invalid_boolean"),
])
def test_typed_answers(text: str, found: object) -> None:
    """People and CSV files write yes and no in several ways."""
    assert typed(Boolean(), text) == found


def test_texts() -> None:
    """False has a text too."""
    assert Boolean().text(False, SHANGHAI) == "否" and Boolean().text(True, ENGLISH) == "Yes"
