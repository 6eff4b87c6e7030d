"""Checked rules over a few names, for tests that need one."""

from collections.abc import Iterable

from engine.expressions import Position, check
from engine.expressions.types import BOOL, DATE, INT, TEXT, RecordOf, Type
from engine.model import Rule
from tests.engine.samples import PLACE


class Names:
    """A scope with a handful of fields and a link."""

    ROOTS: dict[str, Type] = {
        "pain": INT, "note": TEXT, "done": BOOL, "due": DATE, "today": DATE, "patient": RecordOf("patient"),
    }

    def root(self, name: str) -> Type | None:
        return self.ROOTS.get(name)

    def member(self, owner: Type, name: str) -> Type | None:
        return TEXT if name == "name" else None

    def names(self, owner: Type | None) -> Iterable[str]:
        return self.ROOTS


def rule(text: str, position: Position = Position.FORMULA) -> Rule:
    checked = check(text, Names())
    assert checked.tree is not None, checked.errors
    return Rule(text, checked.tree, position, PLACE)
