"""Trees that tables are made of, flat where they can be: SQLite's parser bounds how deep a clause may nest."""

from __future__ import annotations

from collections.abc import Sequence

from engine.expressions.functions import FUNCTIONS
from engine.expressions.tree import Arith, Call, Coalesce, Compare, Conditional, Literal, Node, Or
from engine.expressions.types import BOOL, INT, DecimalOf, Type, places

__all__ = ["TRUE", "at_most", "certain", "first_match", "first_of", "literal", "never_null", "some", "total", "when"]

WIDEST = 50
"""Arguments of one COALESCE; SQLite takes at most 127."""

TRUE = Literal(BOOL, 0, True)


def literal(kind: Type, value: object) -> Literal:
    return Literal(kind, 0, value)


def never_null(node: Node) -> bool:
    """Whether it is a constant other than null."""
    return isinstance(node, Literal) and node.value is not None


def when(test: Node, value: Node) -> Node:
    """The value where the test is true, else null."""
    if test == TRUE:
        return value
    return Conditional(value.type, 0, test, value, literal(value.type, None))


def certain(test: Node) -> Node:
    """The test with unknown as false."""
    return test if test == TRUE else Coalesce(BOOL, 0, (test, literal(BOOL, False)))


def some(tests: Sequence[Node]) -> Node:
    """Whether one of the tests is true."""
    if TRUE in tests:
        return TRUE
    return tests[0] if len(tests) == 1 else Or(BOOL, 0, tuple(tests))


def first_of(kind: Type, nodes: Sequence[Node]) -> Node:
    """The first that is not null."""
    while len(nodes) > WIDEST:
        nodes = [first_of(kind, nodes[start:start + WIDEST]) for start in range(0, len(nodes), WIDEST)]
    return nodes[0] if len(nodes) == 1 else Coalesce(kind, 0, tuple(nodes))


def first_match(kind: Type, rules: Sequence[tuple[Node, Node]], otherwise: Node) -> Node:
    """The value of the first rule whose test is true. Values that cannot be null make it flat, others nest by halves."""
    for place, (test, _) in enumerate(rules):
        if test == TRUE:
            rules, otherwise = rules[:place], rules[place][1]
            break
    if not rules:
        return otherwise
    if all(never_null(value) for _, value in rules):
        ends = [] if isinstance(otherwise, Literal) and otherwise.value is None else [otherwise]
        return first_of(kind, [*(when(test, value) for test, value in rules), *ends])
    return _halves(kind, rules, otherwise)


def _halves(kind: Type, rules: Sequence[tuple[Node, Node]], otherwise: Node) -> Node:
    if len(rules) == 1:
        return Conditional(kind, 0, certain(rules[0][0]), rules[0][1], otherwise)
    middle = len(rules) // 2
    here = certain(some([test for test, _ in rules[:middle]]))
    # Where one of the first half holds, the last of them needs no test: none of those before it held.
    inner = _halves(kind, rules[:middle - 1], rules[middle - 1][1]) if middle > 1 else rules[0][1]
    return Conditional(kind, 0, here, inner, _halves(kind, rules[middle:], otherwise))


def total(nodes: Sequence[Node]) -> Node:
    """The sum; null when one is null. Of whole numbers in one step, of decimals by halves."""
    kind = nodes[0].type
    if len(nodes) == 1:
        return nodes[0]
    if kind == INT:
        return Call(INT, 0, FUNCTIONS["sum"][0], tuple(nodes))
    middle = len(nodes) // 2
    left, right = total(nodes[:middle]), total(nodes[middle:])
    plus = next(each for each in FUNCTIONS["+"] if each.accepts([left.type, right.type]))
    return Arith(DecimalOf(max(places(left.type), places(right.type))), 0, plus, (left, right))


def at_most(node: Node, bound: int) -> Node:
    return Compare(BOOL, 0, "<=", node, literal(INT, bound))
