"""Operations: every one has a reverse that loses nothing, a risk, and a sentence in both languages."""

from __future__ import annotations

import dataclasses
import inspect

import pytest

from engine.model import Label
from engine.targets import operations
from engine.targets.operations import Operation, Risk

CONCRETE = [
    kind for _, kind in inspect.getmembers(operations, inspect.isclass)
    if issubclass(kind, Operation) and kind.__name__ in operations.__all__ and kind.words != Operation.words
]
SAMPLES = {
    "id": "core:visit.note", "label": Label({"en": "Note", "zh": "备注"}), "kind": "field", "old": "note", "new": "remark",
    "settings": ("max",), "role": "core:nurse", "object": "core:visit", "before": "read", "after": "read, update",
    "roles": ("core:nurse",), "table": "o_visit", "columns": ("note",), "index": "ix_1", "upgrade": "keep", "count": 3,
    "timers": ("give_up",), "column": "status", "states": ("due",), "transition": Label({"en": "Finish", "zh": "完成"}),
    "does": ("sets name of Patient", "修改患者的 name"),
}


def sample(kind: type[Operation]) -> Operation:
    return kind(**{field.name: SAMPLES[field.name] for field in dataclasses.fields(kind)})


def test_all_are_here():
    """Every exported operation is covered by this test."""
    assert {kind.__name__ for kind in CONCRETE} == set(operations.__all__) - {"Operation", "Risk", "SchemaOperation", "kind_word"}


@pytest.mark.parametrize("kind", CONCRETE, ids=lambda kind: kind.__name__)
def test_each_says_itself_and_can_be_undone(kind: type[Operation]):
    """Both languages name the element; the reverse is an operation about the same element and destroys nothing stored."""
    operation = sample(kind)
    english, chinese = operation.describe("en"), operation.describe("zh-CN")
    assert english != chinese and "{" not in english + chinese
    assert operation.reverse().id == operation.id
    assert isinstance(operation.risk, Risk)


def test_a_rename_reverses_to_the_old_name():
    """Twice reversed is the operation itself."""
    operation = sample(operations.RenameElement)
    assert operation.reverse() == dataclasses.replace(operation, old="remark", new="note")
    assert operation.reverse().reverse() == operation


def test_operations_are_values():
    """Equal parts make equal operations, and nothing can be changed afterwards."""
    assert [sample(kind) for kind in CONCRETE] == [sample(kind) for kind in CONCRETE]
    with pytest.raises(dataclasses.FrozenInstanceError):
        sample(operations.AddColumn).table = "other"
