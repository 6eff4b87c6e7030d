"""Checking a text against a scope: every name gets its meaning, every part its type, and every problem is reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.expressions import syntax
from engine.expressions.convert import convert, fit
from engine.expressions.errors import ExpressionError
from engine.expressions.functions import FUNCTIONS, NAMES, Function
from engine.expressions.limits import MAX_HOPS
from engine.expressions.parse import parse
from engine.expressions.scope import Scope
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
    Negate,
    Node,
    Not,
    Or,
    Path,
    Ref,
)
from engine.expressions.types import (
    BOOL,
    FLOAT,
    INT,
    NULL,
    TEXT,
    DurationOf,
    ListOf,
    RecordOf,
    Type,
    UserOf,
    is_exact,
    meet,
)
from engine.problems import Code, suggest

__all__ = ["Checked", "check"]


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome: a tree when there are no errors, else the errors in the order of the text."""

    text: str
    tree: Node | None
    errors: tuple[ExpressionError, ...]


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
    errors = tuple(sorted(checker.errors, key=lambda error: error.offset))
    return Checked(text, None if errors else tree, errors)


class _Checker:
    """Walks the syntax once; a part with an error gives None, and what stands above it stays silent about it."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.errors: list[ExpressionError] = []

    def node(self, part: syntax.Syntax) -> Node | None:
        return STEPS[type(part)](self, part)

    def problem(self, at: int, code: Code, **words: object) -> None:
        self.errors.append(ExpressionError(at, code, words))

    def mismatch(self, at: int, what: str, *found: Node, hint: str = "") -> None:
        words = " and ".join(node.type.words for node in found)
        hint = hint or next((_hint(found, other) for other in found if _hint(found, other)), "use values of types that go together")
        self.problem(at, Code.EXPR_003, what=what, found=words, hint=hint)

    def nodes(self, parts: tuple[syntax.Syntax, ...]) -> list[Node] | None:
        found = [self.node(part) for part in parts]
        whole = [node for node in found if node is not None]
        return whole if len(whole) == len(found) else None

    # Names

    def constant(self, part: syntax.Constant) -> Node:
        return Literal(part.type, part.at, part.value)

    def name(self, part: syntax.Name) -> Node | None:
        kind = self.scope.root(part.name)
        if kind is None:
            self.unknown(part.at, part.name, None)
            return None
        return self.ref(kind, part.at, (part.name,))

    def ref(self, kind: Type, at: int, path: Path) -> Node:
        """A path; `user` as a value is the user's id, and the id behind a link is the link itself."""
        if path == ("user",):
            return Ref(RecordOf(kind.object) if isinstance(kind, RecordOf) else kind, at, ("user", "id"))
        if path[-1] == "id" and len(path) > 1 and path != ("user", "id"):
            return Ref(kind, at, path[:-1])
        return Ref(kind, at, path)

    def select(self, part: syntax.Select) -> Node | None:
        names: list[tuple[int, str]] = []
        start: syntax.Syntax = part
        while isinstance(start, syntax.Select):
            names.append((start.at, start.name))
            start = start.target
        if not isinstance(start, syntax.Name):
            self.problem(part.at, Code.EXPR_003, what=f"'.{part.name}'", found="a computed value", hint="read names behind links only")
            return None
        return self.path(start, names[::-1])

    def path(self, start: syntax.Name, names: list[tuple[int, str]]) -> Node | None:
        owner = self.scope.root(start.name)
        if owner is None:
            self.unknown(start.at, start.name, None)
            return None
        path: Path = (start.name,)
        if len(names) > MAX_HOPS:
            self.problem(start.at, Code.EXPR_012, path=".".join((start.name, *(name for _, name in names))), limit=MAX_HOPS)
            return None
        for at, name in names:
            if not isinstance(owner, RecordOf):
                words = f"'{'.'.join(path)}'"
                self.problem(at, Code.EXPR_003, what=f"'.{name}'", found=f"{words}, a {owner.words}", hint="read names behind links only")
                return None
            kind = self.scope.member(owner, name)
            if kind is None:
                self.unknown(at, name, owner)
                return None
            path, owner = (*path, name), kind
        return self.ref(owner, start.at, path)

    def unknown(self, at: int, name: str, owner: Type | None) -> None:
        words = "this place" if owner is None else "the user" if isinstance(owner, UserOf) else f"'{getattr(owner, 'object', owner.words)}'"
        self.problem(at, Code.EXPR_002, name=name, owner=words, suggestion=suggest(name, self.scope.names(owner)))

    # Operators

    def unary(self, part: syntax.Unary) -> Node | None:
        if part.op == "-" and isinstance(part.x, syntax.Constant) and part.x.type in (INT, FLOAT) or _decimal_constant(part):
            return Literal(part.x.type, part.at, -part.x.value)  # type: ignore[attr-defined]
        x = self.node(part.x)
        if x is None:
            return None
        if part.op == "-":
            return self.apply(part.at, "-x", [x], "'-'", Negate)
        return Not(BOOL, part.at, found) if (found := self.boolean(x, "'!'")) else None

    def boolean(self, node: Node | None, what: str) -> Node | None:
        """The node as a boolean; null is unknown."""
        if node is None or node.type == BOOL:
            return node
        if node.type == NULL:
            return Literal(BOOL, node.at, None)
        self.mismatch(node.at, what, node, hint="compare it with a value, or test it with has(…)")
        return None

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
            other = left if right.type == NULL else right
            return IsNull(BOOL, at, other, op == "!=") if op in ("==", "!=") else Literal(BOOL, at, None)
        pair = self.meeting(at, f"'{op}'", [left, right])
        if pair is None:
            return None
        kind = pair[0].type
        if isinstance(kind, ListOf) or (op not in ("==", "!=") and not kind.ordered):
            self.mismatch(at, f"'{op}'", left, right, hint="test lists with 'in'" if isinstance(kind, ListOf) else "compare with == or !=")
            return None
        return Compare(BOOL, at, op, pair[0], pair[1])

    def meeting(self, at: int, what: str, given: list[Node]) -> list[Node] | None:
        """The nodes with literals read as the others' type and floats and durations converted; exact numbers stay."""
        try:
            nodes = _fitted(given)
        except ExpressionError as error:
            self.errors.append(error)
            return None
        kind: Type | None = nodes[0].type
        for node in nodes[1:]:
            kind = kind and meet(kind, node.type)
        if kind is None:
            self.mismatch(at, what, *given)
            return None
        converts = kind == FLOAT or isinstance(kind, DurationOf)
        return [convert(node, kind) if converts or node.type == NULL else node for node in nodes]

    def membership(self, at: int, item: Node, items: Node) -> Node | None:
        if items.type == NULL or item.type == NULL and isinstance(items.type, ListOf):
            return Literal(BOOL, at, None)
        if not isinstance(items.type, ListOf):
            self.mismatch(at, "'in'", item, items, hint="write a list, or x.contains(y) for a part of a text")
            return None
        if isinstance(items, ListLit):
            pair = self.meeting(at, "'in'", [item, *items.items])
            return In(BOOL, at, pair[0], ListLit(_list_type(pair[1:]), items.at, tuple(pair[1:]))) if pair else None
        try:
            fitted = fit(item, items.type.item)
        except ExpressionError as error:
            self.errors.append(error)
            return None
        if meet(fitted.type, items.type.item) is None:
            self.mismatch(at, "'in'", item, items)
            return None
        return In(BOOL, at, fitted, items)

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

    def alternatives(self, at: int, what: str, given: list[Node], build: Callable[[Type, list[Node]], Node]) -> Node | None:
        """A choice between nodes, all converted to the type in which they meet."""
        nodes = self.meeting(at, what, given)
        if nodes is None:
            return None
        kind = _list_type(nodes).item
        return build(kind, [convert(node, kind) for node in nodes])

    def items(self, part: syntax.Items) -> Node | None:
        given = self.nodes(part.items)
        nodes = given and self.meeting(part.at, "a list", given)
        if nodes:
            return ListLit(_list_type(nodes), part.at, tuple(nodes))
        return ListLit(ListOf(NULL), part.at, ()) if given == [] else None

    # Functions

    def invoke(self, part: syntax.Invoke) -> Node | None:
        if part.name == "has":
            return self.has(part)
        overloads = FUNCTIONS.get(part.name, ()) if part.name.isidentifier() else ()
        if not overloads or (part.method and not any(each.method for each in overloads)):
            hint = f" Write {part.name}(…)." if overloads else suggest(part.name, NAMES)
            self.problem(part.at, Code.EXPR_005, name=part.name, suggestion=hint)
            self.nodes(part.args)
            return None
        args = self.nodes(part.args)
        if args is None:
            return None
        counts = sorted({each.fewest for each in overloads})
        variadic = any(each.variadic for each in overloads)
        if not (len(args) in counts or variadic and len(args) > counts[-1]):
            self.counted(part, counts, "or more" if variadic else "", len(args))
            return None
        return self.apply(part.at, part.name, args, f"'{part.name}'", Call)

    def counted(self, part: syntax.Invoke, counts: list[int], more: str, given: int) -> None:
        least = counts[0] - part.method
        wanted = f"{least} {more} argument{'' if least == 1 and not more else 's'}".replace("  ", " ")
        self.problem(part.at, Code.EXPR_004, name=part.name, wanted=wanted, found=given - part.method)

    def has(self, part: syntax.Invoke) -> Node | None:
        if len(part.args) != 1 or part.method:
            self.counted(part, [1], "", len(part.args))
            return None
        if not isinstance(part.args[0], syntax.Name | syntax.Select):
            self.problem(part.args[0].at, Code.EXPR_003, what="'has'", found="a computed value", hint="write x != null")
            return None
        x = self.node(part.args[0])
        return x and IsNull(BOOL, part.at, x, True)

    def apply(self, at: int, name: str, given: list[Node], what: str, build: type[Call]) -> Node | None:
        """The overload that fits, with its arguments converted; a null literal makes it null."""
        overloads = FUNCTIONS[name]
        known = [node.type for node in given if node.type != NULL]
        if len(known) < len(given):
            fits = next((each for each in overloads if all(any(p.fits(kind) for p in each.takes) for kind in known)), overloads[0])
            return Literal(fits.gives(known or [INT] * len(given)), at, None)
        function = next((each for each in overloads if each.accepts([node.type for node in given])), None)
        nodes = given if function is None or not function.promote else self.meeting(at, what, given)
        if nodes is None:
            return None
        if function is None:
            hint = _hint(given, given[-1]) or _wants(overloads)
            self.mismatch(at, what, *given, hint=hint)
            return None
        return self.called(at, function, nodes, build)

    def called(self, at: int, function: Function, nodes: list[Node], build: type[Call]) -> Node | None:
        if function.promote:
            nodes = [convert(node, _list_type(nodes).item) for node in nodes]
        args = (*nodes, *(Ref(kind, at, path) for path, kind in function.reads))
        try:
            args = function.prepare(args) if function.prepare else args
        except ExpressionError as error:
            self.errors.append(error)
            return None
        return build(function.gives([arg.type for arg in args]), at, function, args)

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


ARITHMETIC = frozenset("+-*/%")
STEPS: dict[type[syntax.Syntax], Callable[[_Checker, Any], Node | None]] = {
    syntax.Constant: _Checker.constant,
    syntax.Name: _Checker.name,
    syntax.Select: _Checker.select,
    syntax.Invoke: _Checker.invoke,
    syntax.Unary: _Checker.unary,
    syntax.Binary: _Checker.binary,
    syntax.Logic: _Checker.logic,
    syntax.Default: _Checker.default,
    syntax.Choose: _Checker.choose,
    syntax.Items: _Checker.items,
}


def _decimal_constant(part: syntax.Unary) -> bool:
    return part.op == "-" and isinstance(part.x, syntax.Constant) and is_exact(part.x.type)


def _fitted(nodes: list[Node]) -> list[Node]:
    """The nodes with text literals read as options or records where another node is one."""
    special = next((node.type for node in nodes if node.type not in (TEXT, NULL)), None)
    return nodes if special is None else [fit(node, special) for node in nodes]


def _list_type(nodes: list[Node]) -> ListOf:
    kind: Type = NULL
    for node in nodes:
        kind = meet(kind, node.type) or kind
    return ListOf(kind)


def _wants(overloads: tuple[Function, ...]) -> str:
    forms = dict.fromkeys(" and ".join(param.words for param in each.takes) for each in overloads)
    return "give it " + ", or ".join(list(forms)[:4])


def _hint(nodes: tuple[Node, ...] | list[Node], other: Node) -> str:
    """What to write instead, where a text literal stands beside a value of the calendar, or a date beside an instant."""
    kinds = {node.type.words for node in nodes}
    forms = {"date": 'date("2026-11-22")', "instant": 'timestamp("2026-11-22T08:00:00Z")', "time": 'time("12:30")'}
    if other.type == TEXT:
        return next((f"write {form}" for word, form in forms.items() if word in kinds), "")
    if {"date", "instant"} <= kinds:
        return "compare a date with today and an instant with now"
    return ""
