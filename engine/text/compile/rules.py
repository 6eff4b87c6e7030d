"""Expressions of definitions: checked in their scope, their problems placed in the file."""

from __future__ import annotations

import re

from engine.expressions import Node, Position, check, sql_problem
from engine.expressions.types import BOOL, RecordOf, Type
from engine.model import Rule
from engine.problems import Code
from engine.text.compile.context import Context
from engine.text.compile.scope import DraftScope, Scopes
from engine.text.nodes import ScalarNode
from engine.text.places import place_within

__all__ = ["Rules"]

_IN_SQL = frozenset({Position.ROW_RULE, Position.DENIAL, Position.FILTER, Position.FORMULA})
"""Where the database computes the expression."""


class Rules:
    """Checks expressions. One that names a field with a problem of its own stays silent."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.scopes = Scopes(context.drafts)

    def rule(self, object_name: str, node: object, position: Position, want: Type = BOOL) -> Rule | None:
        """The rule of a scalar; None when there is none or it has a problem."""
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
            return None
        tree = self.tree(object_name, node, node.value, 0, want)
        problem = sql_problem(tree) if tree is not None and position in _IN_SQL else None
        if problem is not None:
            self._context.problems.add(problem.at(place_within(node, problem.offset)))
        return None if tree is None else Rule(node.value, tree, position, node.place)

    def tree(self, object_name: str, node: ScalarNode, text: str, shift: int, want: Type | None) -> Node | None:
        """The tree of a text that begins `shift` characters into the scalar."""
        if object_name not in self._context.drafts:
            return None
        scope = self.scopes.of(object_name)
        found = check(text, scope, want=want)
        for error in found.errors:
            place = place_within(node, shift + error.offset)
            name, there = str(error.words.get("name", "")), object_name
            if error.code is Code.EXPR_002:
                there = _owner(scope, text[: error.offset]) or there
                draft = self._context.drafts.get(there)
                if draft is not None and (name in draft.broken or name in draft.gone or name in draft.former):
                    self._context.report(draft.unknown(name, place))
                    continue
            self._context.problems.add(error.at(place))
        return found.tree


def _owner(scope: DraftScope, before: str) -> str:
    """The object whose field stands behind `a.b.` at the end of a text, '' for a bare name."""
    found = re.search(r"([a-z][a-z0-9_]*(?:\s*\.\s*[a-z][a-z0-9_]*)*)\s*\.\s*\Z", before)
    if not found:
        return ""
    names = [part.strip() for part in found[1].split(".")]
    kind = scope.root(names[0])
    for name in names[1:]:
        kind = scope.member(kind, name) if kind is not None else None
    return kind.object if isinstance(kind, RecordOf) else ""
