"""Checking calls of functions: the overload that fits, its arguments converted, and what it reads besides."""

from __future__ import annotations

import dataclasses

from engine.expressions.checker.checking import hint
from engine.expressions.checker.convert import common, convert
from engine.expressions.checker.names import Names
from engine.expressions.checker.operators import Operators
from engine.expressions.checker.tables import call_table, table_of
from engine.expressions.errors import ExpressionError
from engine.expressions.functions import FUNCTIONS, NAMES, Function
from engine.expressions.limits import MAX_PATTERNS
from engine.expressions.scope import setting
from engine.expressions.syntax import nodes as syntax
from engine.expressions.tree import Call, Literal, Macro, Node, Ref
from engine.expressions.types import INT, NULL, RowsOf
from engine.problems import Code, suggest

__all__ = ["Calls"]


class Calls(Names, Operators):
    def invoke(self, part: syntax.Invoke) -> Node | None:
        table = None if part.method else table_of(self.scope, part.name)
        if table is not None:
            return call_table(self, table, part)
        overloads = FUNCTIONS.get(part.name, ()) if part.name.isidentifier() else ()
        if part.name == "has" and not part.method:
            if len(part.args) == 1:
                return self.has(part)
            self.counted(part, [1], len(part.args))
            return None
        if not overloads or (part.method and not any(each.method for each in overloads)):
            words = f" Write {part.name}(…)." if overloads else suggest(part.name, NAMES)
            self.problem(part.at, Code.EXPR_005, name=part.name, suggestion=words)
            self.nodes(part.args)
            return None
        if part.name == "size" and len(part.args) == 1:
            return self.size(part)
        args = self.nodes(part.args)
        if args is None:
            return None
        counts = sorted({each.fewest for each in overloads})
        variadic = any(each.variadic for each in overloads)
        if not (len(args) in counts or variadic and len(args) > counts[-1]):
            self.counted(part, counts, len(args), "or more" if variadic else "")
            return None
        return self.apply(part.at, part.name, args, f"'{part.name}'", Call)

    def counted(self, part: syntax.Invoke, counts: list[int], given: int, more: str = "") -> None:
        least = counts[0] - part.method
        wanted = f"{least} {more} argument{'' if least == 1 and not more else 's'}".replace("  ", " ")
        self.problem(part.at, Code.EXPR_004, name=part.name, wanted=wanted, found=given - part.method)

    def size(self, part: syntax.Invoke) -> Node | None:
        """The size of child rows is their count."""
        arg = self.rowed(part.args[0])
        if arg is None:
            return None
        if isinstance(arg.type, RowsOf):
            if any(variable.row for variable in self.variables):
                self.problem(part.at, Code.EXPR_018, name=part.name)
                return None
            return Macro(INT, part.at, "count", arg, None, None)
        return self.apply(part.at, "size", [arg], "'size'", Call)

    def apply(self, at: int, name: str, given: list[Node], what: str, build: type[Call]) -> Node | None:
        """The overload that fits, with its arguments converted; a null literal makes it null."""
        overloads = [each for each in FUNCTIONS[name] if each.counts(len(given))] or list(FUNCTIONS[name])
        known = [node.type for node in given if node.type != NULL]
        if len(known) < len(given):
            fits = next((each for each in overloads if all(any(p.fits(kind) for p in each.takes) for kind in known)), overloads[0])
            return Literal(fits.gives(known or [INT] * len(given)), at, None)
        function = next((each for each in overloads if each.accepts([node.type for node in given])), None)
        nodes = given if function is None or not function.promote else self.meeting(at, what, given)
        if nodes is None:
            return None
        if function is None:
            self.mismatch(at, what, *given, hint=hint(given) or _wants(overloads))
            return None
        return self.called(at, function, nodes, build)

    def patterned(self, at: int, function: Function) -> None:
        """Raises for one pattern too many: each has to be looked at and compiled."""
        self.patterns += function.name == "matches"
        if self.patterns > MAX_PATTERNS:
            raise ExpressionError(at, Code.EXPR_006, {"limit": MAX_PATTERNS, "what": "patterns"})

    def called(self, at: int, function: Function, nodes: list[Node], build: type[Call]) -> Node | None:
        if function.promote:
            kind = common(nodes)
            nodes = [convert(node, kind) for node in nodes]
        settings = (Literal(kind, at, setting(self.scope, name)) for name, kind in function.settings)
        args = (*nodes, *(Ref(kind, at, path) for path, kind in function.reads), *settings)
        try:
            self.patterned(at, function)
            args = function.prepare(args) if function.prepare else args
        except ExpressionError as error:
            self.errors.append(error)
            return None
        kind = function.gives([arg.type for arg in args])
        if function.prepare and len(args) == 1 and isinstance(args[0], Literal) and args[0].type == kind:
            return dataclasses.replace(args[0], at=at)
        return build(kind, at, function, args)


def _wants(overloads: list[Function]) -> str:
    forms = dict.fromkeys(" and ".join(param.words for param in each.takes) for each in overloads)
    return "give it " + ", or ".join(list(forms)[:4])
