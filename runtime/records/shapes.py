"""Filters with their literals taken out, so that one statement serves every value that people filter by."""

from __future__ import annotations

import dataclasses
from typing import Any

from engine.expressions import Node
from engine.expressions.sql.storage import POSTGRESQL, SQLITE
from engine.expressions.sql.translate import Dialect
from engine.expressions.tree import Compare, In, ListLit, Literal, Ref
from engine.expressions.types import DATE, INSTANT, INT, TEXT, OptionOf, RecordOf, Type
from runtime.records.binds import bind_name

__all__ = ["Lifted", "lift"]

_LIFTED = (TEXT, INT, DATE, INSTANT)


@dataclasses.dataclass(frozen=True, slots=True)
class Lifted:
    """A filter's shape, equal for filters that differ only in lifted literals, and the literals with their types."""

    shape: Node
    literals: tuple[tuple[Any, Type], ...]

    def binds(self, dialect: Dialect) -> dict[str, Any]:
        """The values of the parameters that stand for the literals."""
        stored = (SQLITE if dialect == "sqlite" else POSTGRESQL).stored
        return {bind_name(_path(place)): stored(value, kind) for place, (value, kind) in enumerate(self.literals)}


def lift(tree: Node) -> Lifted:
    """Take out literals that are compared with something; those inside functions may be needed while the SQL is made."""
    literals: list[tuple[Any, Type]] = []
    return Lifted(_shape(tree, False, literals), tuple(literals))


def _path(place: int) -> tuple[str, ...]:
    # No field has a number for a name, so this meets no value of the user's own record.
    return ("user", str(place))


def _shape(node: Node, compared: bool, literals: list[tuple[Any, Type]]) -> Node:
    if isinstance(node, Literal):
        if compared and node.value is not None and (node.type in _LIFTED or isinstance(node.type, OptionOf | RecordOf)):
            literals.append((node.value, node.type))
            return Ref(node.type, 0, _path(len(literals) - 1))
        return dataclasses.replace(node, at=0)
    below = isinstance(node, Compare | In) or (compared and isinstance(node, ListLit))
    changes: dict[str, Any] = {"at": 0}
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Node):
            changes[field.name] = _shape(value, below, literals)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            changes[field.name] = tuple(_shape(item, below, literals) for item in value)
    return dataclasses.replace(node, **changes)
