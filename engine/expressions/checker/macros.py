"""Checking macros over lists, keys of maps and child rows: all, exists, exists_one, filter, map, count, sum, min, max, avg."""

from __future__ import annotations

import dataclasses

from engine.expressions.checker.calls import Calls
from engine.expressions.checker.checking import Variable
from engine.expressions.checker.convert import convert
from engine.expressions.functions import FUNCTIONS
from engine.expressions.limits import MAX_PLACES
from engine.expressions.scope import RESERVED_ROOTS
from engine.expressions.syntax import nodes as syntax
from engine.expressions.tree import Macro, Node, Var
from engine.expressions.types import BOOL, FLOAT, INT, NULL, DecimalOf, ListOf, MapOf, RecordOf, RowsOf, Type, is_number
from engine.problems import Code

__all__ = ["MACROS", "Macros"]

# For each macro how many arguments it may have: the variable counts as one.
MACROS = {
    "all": (2,), "exists": (2,), "exists_one": (2,), "filter": (2,), "map": (2, 3),
    "count": (0, 2), "sum": (0, 2), "min": (0, 2), "max": (0, 2), "avg": (0, 2),
}
LOGIC = ("all", "exists", "exists_one")


class Macros(Calls):
    def invoke(self, part: syntax.Invoke) -> Node | None:
        if part.name not in MACROS or not part.method and part.name in FUNCTIONS:
            return super().invoke(part)
        if part.method:
            return self.macro(part)
        self.problem(part.at, Code.EXPR_005, name=part.name, suggestion=f" Write list.{part.name}(x, …).")
        return None

    def macro(self, part: syntax.Invoke) -> Node | None:
        target, *args = part.args
        if len(args) not in MACROS[part.name]:
            self.counted(part, [MACROS[part.name][-1] + 1], len(part.args))
            return None
        over = self.over(part, self.rowed(target))
        if over is None:
            return None
        if args and not self.free(part, args[0]):
            return None
        name = args[0].name if args and isinstance(args[0], syntax.Name) else ""
        self.variables.append(_variable(name, over.type))
        found = self.inside(part, over, args[1:])
        self.variables.pop()
        return found

    def over(self, part: syntax.Invoke, over: Node | None) -> Node | None:
        """What the macro runs over, if it can."""
        if over is None:
            return None
        if over.type == NULL:
            return dataclasses.replace(over, type=ListOf(NULL))
        if not isinstance(over.type, ListOf | MapOf | RowsOf):
            self.mismatch(part.at, f"'{part.name}'", over, hint="write it behind a list, a map or child rows")
            return None
        if isinstance(over.type, RowsOf) and any(variable.row for variable in self.variables):
            self.problem(part.at, Code.EXPR_018, name=part.name)
            return None
        return over

    def free(self, part: syntax.Invoke, name: syntax.Syntax) -> bool:
        """Whether the first argument is a name that may be a variable."""
        if isinstance(name, syntax.Name) and name.name not in RESERVED_ROOTS:
            return True
        words = f"'{name.name}'" if isinstance(name, syntax.Name) else "this"
        self.problem(name.at, Code.EXPR_019, what=words, macro=part.name)
        return False

    def inside(self, part: syntax.Invoke, over: Node, args: list[syntax.Syntax]) -> Node | None:
        what = f"'{part.name}'"
        if part.name in ("filter", "count"):
            test = self.boolean(self.node(args[0]), what) if args else None
            kind = INT if part.name == "count" else over.type if isinstance(over.type, RowsOf) else ListOf(_item(over.type))
            return None if args and test is None else Macro(kind, part.at, part.name, over, test, None)
        if part.name in LOGIC:
            body = self.boolean(self.node(args[0]), what)
            return body and Macro(BOOL, part.at, part.name, over, None, body)
        if part.name == "map":
            test = self.boolean(self.node(args[0]), what) if len(args) == 2 else None
            body = self.node(args[-1])
            missing = body is None or len(args) == 2 and test is None
            return None if missing or body is None else Macro(ListOf(body.type), part.at, "map", over, test, body)
        return self.aggregate(part, over, self.node(args[0]) if args else self.item(part, over))

    def item(self, part: syntax.Invoke, over: Node) -> Node | None:
        """What an aggregate without arguments takes of each item: the item itself."""
        if isinstance(over.type, RowsOf):
            self.mismatch(part.at, f"'{part.name}'", over, hint=f"say of what: {part.name}(x, x.…)")
            return None
        return Var(_item(over.type), part.at, 0, ())

    def aggregate(self, part: syntax.Invoke, over: Node, body: Node | None) -> Node | None:
        if body is None:
            return None
        ordered = part.name in ("min", "max")
        if body.type == NULL and not ordered:
            body = convert(body, INT)
        fits = body.type in (NULL,) or body.type.ordered and body.type != BOOL if ordered else is_number(body.type)
        if not fits:
            hint = "give it numbers, texts, dates, instants or times" if ordered else "give it numbers"
            self.mismatch(part.at, f"'{part.name}'", body, hint=hint)
            return None
        exact = part.name == "avg" and body.type != FLOAT
        return Macro(DecimalOf(MAX_PLACES) if exact else body.type, part.at, part.name, over, None, body)


def _item(kind: Type) -> Type:
    return kind.item if isinstance(kind, ListOf) else kind.key if isinstance(kind, MapOf) else NULL


def _variable(name: str, kind: Type) -> Variable:
    return Variable(name, RecordOf(kind.object), True) if isinstance(kind, RowsOf) else Variable(name, _item(kind), False)
