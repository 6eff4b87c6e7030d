"""Checking calls of decision tables and scores: the arguments fit the inputs, and the table's tree takes the place of the call."""

from __future__ import annotations

from engine.expressions.checker.checking import Base
from engine.expressions.checker.inline import MAX_TREE, Inline, TableCall, argument, grown, instance
from engine.expressions.errors import ExpressionError
from engine.expressions.scope import Scope
from engine.expressions.syntax import nodes as syntax
from engine.expressions.tree import Node
from engine.problems import Code, suggest

__all__ = ["call_table", "table_of"]


def table_of(scope: Scope, name: str) -> Inline | None:
    """The table of this name that the scope has; scopes without tables need not have the method `function`."""
    find = getattr(scope, "function", None)
    return find(name) if find is not None else None


def call_table(checker: Base, table: Inline, part: syntax.Invoke, output: tuple[int, str] | None = None) -> Node | None:
    """The tree of `table(…)`, or with `output` (its place and name) of `table(…).output`."""
    args = checker.nodes(part.args)
    if args is None or table.broken:
        return None
    if table.on and getattr(checker.scope, "object", None) != table.on:
        checker.problem(part.at, Code.TABLE_019, name=table.name, on=table.on)
        return None
    if len(args) != len(table.inputs):
        count = len(table.inputs)
        wanted = f"{count} argument{'' if count == 1 else 's'}"
        if count:
            wanted += f" ({', '.join(name for name, _ in table.inputs)})"
        checker.problem(part.at, Code.EXPR_004, name=part.name, wanted=wanted, found=len(args))
        return None
    name = _output(checker, table, part, output)
    given = _arguments(checker, table, args)
    if not name or given is None:
        return None
    return _made(checker, table, name, given, part.at)


def _output(checker: Base, table: Inline, part: syntax.Invoke, output: tuple[int, str] | None) -> str:
    if output is None:
        if not table.main:
            names = ", ".join(f"{table.name}(…).{name}" for name in table.outputs)
            checker.problem(part.at, Code.TABLE_018, name=table.name, outputs=names)
        return table.main
    at, name = output
    if name in table.outputs:
        return name
    checker.problem(at, Code.TABLE_003, name=name, owner=table.name, suggestion=suggest(name, table.outputs))
    return ""


def _arguments(checker: Base, table: Inline, args: list[Node]) -> list[Node] | None:
    found: list[Node] = []
    for (name, kind), arg in zip(table.inputs, args, strict=True):
        try:
            fitted = argument(arg, kind)
        except ExpressionError as error:
            checker.errors.append(error)
            continue
        if fitted is None:
            checker.problem(arg.at, Code.TABLE_017, input=name, name=table.name, wanted=kind.words, found=arg.type.words)
        else:
            found.append(fitted)
    return found if len(found) == len(args) else None


def _made(checker: Base, table: Inline, name: str, args: list[Node], at: int) -> Node | None:
    """The tree, as long as all tables of the expression together stay within the bounds."""
    checker.grown += grown(table.outputs[name], {key: arg for (key, _), arg in zip(table.inputs, args, strict=True)})
    try:
        if checker.grown > MAX_TREE:
            raise ExpressionError(at, Code.TABLE_020, {"name": table.name, "limit": f"{MAX_TREE} parts"})
        if not checker.variables:
            checker.calls.append(TableCall(at, table, tuple(args)))
        return instance(table, name, args, at)
    except ExpressionError as error:
        checker.errors.append(error)
        return None
