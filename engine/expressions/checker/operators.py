"""Checking operators, choices, and literals of lists and maps."""

from __future__ import annotations

from engine.expressions.checker.checking import Base
from engine.expressions.checker.convert import common, convert, fit, unconverted
from engine.expressions.errors import ExpressionError
from engine.expressions.syntax import nodes as syntax
from engine.expressions.tree import (
    And,
    Arith,
    Call,
    Coalesce,
    Compare,
    Conditional,
    In,
    IsNull,
    ListLit,
    Literal,
    MapLit,
    Negate,
    Node,
    Not,
    Or,
)
from engine.expressions.types import BOOL, FLOAT, INT, NULL, TEXT, ListOf, MapOf, is_exact, meet
from engine.problems import Code

__all__ = ["Operators"]

ARITHMETIC = frozenset("+-*/%")


class Operators(Base):
    def apply(self, at: int, name: str, given: list[Node], what: str, build: type[Call]) -> Node | None:
        """The overload of a function or sign that fits."""
        raise NotImplementedError

    def constant(self, part: syntax.Constant) -> Node:
        return Literal(part.type, part.at, part.value)

    def unary(self, part: syntax.Unary) -> Node | None:
        if part.op == "-" and isinstance(part.x, syntax.Constant) and part.x.type in (INT, FLOAT) or _decimal_constant(part):
            return Literal(part.x.type, part.at, -part.x.value)  # type: ignore[attr-defined]
        x = self.node(part.x)
        if x is None:
            return None
        if part.op == "-":
            return self.apply(part.at, "-x", [x], "'-'", Negate)
        return Not(BOOL, part.at, found) if (found := self.boolean(x, "'!'")) else None

    def logic(self, part: syntax.Logic) -> Node | None:
        items = [self.boolean(self.node(item), f"'{part.op}'") for item in part.items]
        whole = tuple(item for item in items if item is not None)
        if len(whole) < len(items):
            return None
        return And(BOOL, part.at, whole) if part.op == "&&" else Or(BOOL, part.at, whole)

    def binary(self, part: syntax.Binary) -> Node | None:
        pair = self.nodes((part.left, part.right))
        if pair is None:
            return None
        left, right = pair
        if part.op == "in":
            return self.membership(part.at, left, right)
        if part.op in ARITHMETIC:
            return self.apply(part.at, part.op, [left, right], f"'{part.op}'", Arith)
        return self.compare(part.at, part.op, left, right)

    def compare(self, at: int, op: str, left: Node, right: Node) -> Node | None:
        if NULL in (left.type, right.type):
            word = next((node for node in (right, left) if isinstance(node, Literal) and node.type == NULL), None)
            tests = word is not None and op in ("==", "!=")
            return IsNull(BOOL, at, left if word is right else right, op == "!=") if tests else Literal(BOOL, at, None)
        pair = self.meeting(at, f"'{op}'", [left, right])
        if pair is None:
            return None
        kind = common(pair)
        if op not in ("==", "!=") and not kind.ordered:
            hint = "compare their sizes, or test with 'in'" if isinstance(kind, ListOf | MapOf) else "compare with == or !="
            self.mismatch(at, f"'{op}'", left, right, hint=hint)
            return None
        return Compare(BOOL, at, op, pair[0], pair[1])

    def membership(self, at: int, item: Node, items: Node) -> Node | None:
        if items.type == NULL or item.type == NULL and isinstance(items.type, ListOf | MapOf):
            return Literal(BOOL, at, None)
        if isinstance(items, ListLit):
            pair = self.meeting(at, "'in'", [item, *map(unconverted, items.items)])
            return In(BOOL, at, pair[0], ListLit(ListOf(common(pair[1:])), items.at, tuple(pair[1:]))) if pair else None
        if not isinstance(items.type, ListOf | MapOf):
            self.mismatch(at, "'in'", item, items, hint="write a list, or x.contains(y) for a part of a text")
            return None
        try:
            if isinstance(items, MapLit):
                items = fit(items, MapOf(item.type, NULL))
            assert isinstance(items.type, ListOf | MapOf)
            held = items.type.item if isinstance(items.type, ListOf) else items.type.key
            item = fit(item, held)
        except ExpressionError as error:
            self.errors.append(error)
            return None
        kind = meet(item.type, held)
        if kind is None:
            self.mismatch(at, "'in'", item, items)
            return None
        if isinstance(items.type, ListOf) and (kind == FLOAT or isinstance(kind, ListOf | MapOf)):
            item, items = convert(item, kind), convert(items, ListOf(kind))
        return In(BOOL, at, item, items)

    def default(self, part: syntax.Default) -> Node | None:
        pair = self.nodes((part.left, part.right))
        if pair is None:
            return None
        return self.alternatives(part.at, "'??'", pair, lambda kind, nodes: Coalesce(kind, part.at, tuple(nodes)))

    def choose(self, part: syntax.Choose) -> Node | None:
        test = self.boolean(self.node(part.test), "'?'")
        pair = self.nodes((part.then, part.otherwise))
        if test is None or pair is None:
            return None
        return self.alternatives(part.at, "'? :'", pair, lambda kind, nodes: Conditional(kind, part.at, test, *nodes))

    def items(self, part: syntax.Items) -> Node | None:
        given = self.nodes(part.items)
        nodes = given and self.meeting(part.at, "a list", given)
        if nodes:
            kind = common(nodes)
            return ListLit(ListOf(kind), part.at, tuple(convert(node, kind) for node in nodes))
        return ListLit(ListOf(NULL), part.at, ()) if given == [] else None

    def mapping(self, part: syntax.Mapping) -> Node | None:
        """Keys are constants of one type, none twice, so that the entries are known before anything runs."""
        keys, values = self.nodes(tuple(key for key, _ in part.entries)), self.nodes(tuple(value for _, value in part.entries))
        if keys is None or values is None:
            return None
        if not keys:
            return MapLit(MapOf(NULL, NULL), part.at, ())
        known: set[object] = set()
        for key in keys:
            if not isinstance(key, Literal) or key.type not in (TEXT, INT, BOOL):
                self.problem(key.at, Code.EXPR_003, what="a key", found=key.type.words, hint="write a text, an integer, true or false")
                return None
            if key.type != keys[0].type:
                self.mismatch(key.at, "a map", keys[0], key, hint="give all keys one type")
                return None
            if key.value in known:
                words = {"text": key.value, "what": "a new key", "hint": "write each key once"}
                self.problem(key.at, Code.EXPR_015, **words)
                return None
            known.add(key.value)
        nodes = self.meeting(part.at, "a map", values)
        return nodes and MapLit(MapOf(keys[0].type, common(nodes)), part.at, tuple(zip(keys, nodes, strict=True)))  # type: ignore[return-value]


def _decimal_constant(part: syntax.Unary) -> bool:
    return part.op == "-" and isinstance(part.x, syntax.Constant) and is_exact(part.x.type)
