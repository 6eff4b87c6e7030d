"""Expressions of definitions: checked in their scope, their problems placed in the file."""

from __future__ import annotations

import re

from engine.expressions import ExpressionError, Node, Position, check, sql_problem
from engine.expressions.types import BOOL, RecordOf, Type
from engine.model import Rule
from engine.model.formulas import WrittenOut
from engine.problems import Code, Place
from engine.text.compile.context import Context
from engine.text.compile.scope import DraftScope, Scopes
from engine.text.compile.settings import settings
from engine.text.nodes import ScalarNode
from engine.text.places import place_within

__all__ = ["Rules", "report"]

_IN_SQL = frozenset({Position.ROW_RULE, Position.DENIAL, Position.FILTER, Position.FORMULA})
"""Where the database computes the expression."""


class Rules:
    """Checks expressions. One that names a field with a problem of its own stays silent."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.scopes = Scopes(context.drafts, settings(context.namespace), context.tables)
        self.written_out: WrittenOut | None = None
        """There once the formulas of all objects are."""

    def rule(self, object_name: str, node: object, position: Position, want: Type = BOOL, scope: DraftScope | None = None) -> Rule | None:
        """The rule of a scalar; None when there is none or it has a problem."""
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
            return None
        tree = self.tree(object_name, node, node.value, 0, want, scope)
        problem: ExpressionError | None = None
        if tree is not None and position in _IN_SQL:
            problem = sql_problem(tree) or (self.written_out.problem(object_name, tree) if self.written_out else None)
        if problem is not None:
            self._context.problems.add(problem.at(place_within(node, problem.offset)))
        return None if tree is None else Rule(node.value, tree, position, node.place)

    def tree(
        self, object_name: str, node: ScalarNode, text: str, shift: int, want: Type | None, scope: DraftScope | None = None,
    ) -> Node | None:
        """The tree of a text that begins `shift` characters into the scalar; in the object's own scope unless another is given."""
        if object_name not in self._context.drafts:
            return None
        scope = scope or self.scopes.of(object_name)
        found = check(text, scope, want=want)
        for error in found.errors:
            report(self._context, object_name, scope, error, text, place_within(node, shift + error.offset))
        return found.tree


def report(context: Context, object_name: str, scope: DraftScope | None, error: ExpressionError, text: str, place: Place) -> None:
    """Report an error of an expression over an object; a name that was renamed or retired, or is broken, is told as such."""
    name = str(error.words.get("name", ""))
    if error.code is Code.EXPR_002 and scope is not None:
        draft = context.drafts.get(_owner(scope, text[: error.offset]) or object_name)
        if draft is not None and (name in draft.broken or name in draft.gone or name in draft.former):
            context.report(draft.unknown(name, place))
            return
    if error.code is Code.EXPR_005:
        gone = next((names for kind in ("decision", "score") if name in (names := context.namespace[kind]).gone or name in names.former), None)
        if gone is not None:
            context.report(gone.unknown(name, place))
            return
    context.problems.add(error.at(place))


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
