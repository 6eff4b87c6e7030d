"""How large expressions become once the virtual formulas that they read are written out in their places, as every statement does.

A formula may read another twice, and that one another: without a bound twenty short formulas would be a statement of a million parts.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions.checker.inline import MAX_TREE
from engine.expressions.errors import ExpressionError
from engine.expressions.sql.problem import SQLITE_STACK, places
from engine.expressions.tree import Node, Ref, Var, walk
from engine.model.object import Object
from engine.model.reads import follow, reads
from engine.problems import Code

__all__ = ["WrittenOut"]

FAR_TOO_MANY = 10**9
# Each formula takes at least four places of the parser's stack, so that a longer chain has too many of them.
LONGEST_CHAIN = SQLITE_STACK // 4


class WrittenOut:
    """The bounds of expressions over these objects; what was found of a formula is kept."""

    def __init__(self, objects: Mapping[str, Object]) -> None:
        self._objects = objects
        self._known: dict[tuple[str, str], tuple[int, int]] = {}

    def problem(self, object_name: str, tree: Node) -> ExpressionError | None:
        """What is wrong with a tree over the object's rows where the database computes it."""
        parts, stack = self._sizes(object_name, tree, 0)
        if parts > MAX_TREE:
            return ExpressionError(tree.at, Code.EXPR_020, {"limit": f"than {MAX_TREE} parts"})
        if stack > SQLITE_STACK:
            return ExpressionError(tree.at, Code.EXPR_020, {"limit": "levels than a database can read"})
        return None

    def _sizes(self, object_name: str, tree: Node, chain: int) -> tuple[int, int]:
        """Parts, and places on the stack of SQLite's parser."""
        read = [(each.object, each.name) for each in reads(self._objects, object_name, tree, through=False)]
        found = {each: self._formula(*each, chain) for each in read}
        parts = sum(1 for _ in walk(tree)) + sum(found[each][0] for each in read)
        return parts, places(tree, lambda node: self._behind(object_name, node, found))

    def _behind(self, object_name: str, node: Node, found: Mapping[tuple[str, str], tuple[int, int]]) -> int:
        """The places that a formula takes where it is read. Which rows a variable stands for is not looked up: the most of that name."""
        path = node.path if isinstance(node, Ref | Var) else ()
        if not path:
            return 0
        if isinstance(node, Ref):
            try:
                _, object_name = follow(self._objects, object_name, path[:-1])
            except KeyError:
                return 0
            return found.get((object_name, path[-1]), (0, 0))[1]
        return max((stack for (_, name), (_, stack) in found.items() if name == path[-1]), default=0)

    def _formula(self, object_name: str, name: str, chain: int) -> tuple[int, int]:
        """The sizes of a field's formula: 0 for what is stored."""
        owner = self._objects.get(object_name)
        field = owner.fields.get(name) if owner else None
        if field is None or field.virtual is None:
            return 0, 0
        if (object_name, name) not in self._known:
            if chain >= LONGEST_CHAIN:
                return FAR_TOO_MANY, FAR_TOO_MANY
            self._known[object_name, name] = 0, 0  # for formulas that need each other, which is a problem of its own
            self._known[object_name, name] = self._sizes(object_name, field.virtual.tree, chain + 1)
        return self._known[object_name, name]
