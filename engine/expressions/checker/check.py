"""Checking a text against a scope: every name gets its meaning, every part its type, and every problem is reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.expressions.checker.convert import convert, fit
from engine.expressions.checker.inline import TableCall
from engine.expressions.checker.macros import Macros
from engine.expressions.checker.steps import steps
from engine.expressions.errors import ExpressionError
from engine.expressions.limits import MAX_STEPS
from engine.expressions.scope import Scope
from engine.expressions.syntax import nodes as syntax
from engine.expressions.syntax.parse import parse
from engine.expressions.tree import Literal, Node
from engine.expressions.types import INT, NULL, Type, is_exact, meet
from engine.problems import Code

__all__ = ["Checked", "check"]


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome: a tree when there are no errors, else the errors in the order of the text."""

    text: str
    tree: Node | None
    errors: tuple[ExpressionError, ...]
    calls: tuple[TableCall, ...] = ()
    """The decision tables and scores that it calls, for a trace."""


def check(text: str, scope: Scope, *, want: Type | None = None) -> Checked:
    """The typed tree of the text, converted to the type `want` where one is given. Never raises for any text."""
    try:
        found = parse(text)
    except ExpressionError as error:
        return Checked(text, None, (error,))
    checker = _Checker(scope)
    tree = checker.node(found)
    if tree is not None and want is not None:
        tree = checker.wanted(tree, want)
    if tree is not None and steps(tree) > MAX_STEPS:
        checker.problem(tree.at, Code.EXPR_017, limit=f"{MAX_STEPS:,}")
    errors = tuple(sorted(checker.errors, key=lambda error: error.offset))
    return Checked(text, None if errors else tree, errors, tuple(checker.calls))


class _Checker(Macros):
    """All kinds of parts together."""

    def rowed(self, part: syntax.Syntax) -> Node | None:
        return STEPS[type(part)](self, part)

    def wanted(self, tree: Node, want: Type) -> Node | None:
        """The tree as a value of the type that its place needs."""
        try:
            tree = fit(tree, want)
        except ExpressionError as error:
            self.errors.append(error)
            return None
        if tree.type == want or tree.type == NULL:
            return tree if tree.type == want else Literal(want, tree.at, None)
        if is_exact(tree.type) and want != INT and is_exact(want) or meet(tree.type, want) == want:
            return convert(tree, want)
        self.problem(0, Code.EXPR_016, found=tree.type.words, wanted=want.words)
        return None


STEPS: dict[type[syntax.Syntax], Callable[[_Checker, Any], Node | None]] = {
    syntax.Constant: _Checker.constant,
    syntax.Name: _Checker.name,
    syntax.Select: _Checker.select,
    syntax.Index: _Checker.index,
    syntax.Invoke: _Checker.invoke,
    syntax.Unary: _Checker.unary,
    syntax.Binary: _Checker.binary,
    syntax.Logic: _Checker.logic,
    syntax.Default: _Checker.default,
    syntax.Choose: _Checker.choose,
    syntax.Items: _Checker.items,
    syntax.Mapping: _Checker.mapping,
}
