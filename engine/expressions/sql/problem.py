"""What SQL cannot compute, found before any clause is made, and named as the author wrote it."""

from __future__ import annotations

from collections.abc import Callable

from engine.expressions import types as t
from engine.expressions.errors import Untranslatable
from engine.expressions.functions import FUNCTIONS
from engine.expressions.scope import BOUND_ROOTS
from engine.expressions.tree import (
    Call,
    Coalesce,
    Compare,
    Conditional,
    In,
    Index,
    ListLit,
    Literal,
    Macro,
    Node,
    Ref,
    Var,
)

__all__ = ["ONE_RECORD_ROOTS", "SQLITE_STACK", "bound", "names_item", "places", "sought", "sql_problem"]

Behind = Callable[[Node], int]

# How many places a construct takes around its parts; 4 for all others.
LEVELS: dict[type[Node], int] = {Conditional: 7, In: 7, Coalesce: 7, Macro: 16, Index: 10, ListLit: 7}

# More places around `exists_one`, which counts what is true and what is unknown.
COUNTED = 10

# More places around child rows: the rules by which a reader may read them stand within.
RIGHTS = 12

# Roots that exist while one record is worked on, never in a query over many.
ONE_RECORD_ROOTS = frozenset({"anchor", "answers"})


# SQLite's parser refuses statements that need more than 100 places (YYSTACKDEPTH); the statement around takes some.
SQLITE_STACK = 80
# Nor does SQLite take more arguments of a function (SQLITE_MAX_FUNCTION_ARG, 127 in releases before 3.48).
MAX_ARGUMENTS = 100


def bound(node: Node) -> bool:
    """Whether the node reads what is known before the query runs."""
    return isinstance(node, Ref) and node.path[0] in BOUND_ROOTS


def sql_problem(tree: Node) -> Untranslatable | None:
    """The first construct that SQL cannot compute, in the order of the text; None when there is none."""
    found: list[Untranslatable] = []
    if _look(tree, found) > SQLITE_STACK:
        found.append(Untranslatable("an expression nested this deep", tree.at))
    return min(found, key=lambda problem: problem.offset, default=None)


def places(tree: Node, behind: Behind | None = None) -> int:
    """How many places the clause takes at most on the stack of SQLite's parser; `behind` are those of what a path reads."""
    return _look(tree, [], behind=behind)


def _look(node: Node, found: list[Untranslatable], listed: bool = False, behind: Behind | None = None) -> int:
    """Adds what cannot be translated; gives how many places the clause takes. `listed` is whether the node stands where the list of
    an IN may stand."""
    kind = type(node)
    if kind is Literal:
        return 4
    own = LEVELS.get(kind, 4)
    words = ""
    over: Node | None = None
    if behind is not None and kind in (Ref, Var):
        own += behind(node)
    if kind is Ref:
        words = _unread(node, listed)
    elif kind is In:
        return own + max(_look(node.item, found, behind=behind), _look(node.items, found, True, behind))  # type: ignore[attr-defined]
    elif isinstance(node, Call):
        own = 3 * node.function.levels + 2
        if node.function.sqlite is None or node.function.postgresql is None:
            words = _refused(node)
        elif len(node.args) > MAX_ARGUMENTS and node.function.name in ("min", "max"):
            words = f"'{node.function.name}' of more than {MAX_ARGUMENTS} values"
    elif isinstance(node, Macro):
        if isinstance(node.over.type, t.RowsOf):
            own = 4 if node.kind == "filter" else own + RIGHTS
        if node.kind == "exists_one":
            own += COUNTED
        over = node.over if sought(node) is not None else None
        if node.kind in ("sum", "avg") and node.body is not None and node.body.type == t.FLOAT:
            words = f"'{node.kind}' of floats"
    if not words and isinstance(node.type, t.MapOf):
        words = "a map"
    elif not words and isinstance(node.type, t.ListOf) and isinstance(node.type.item, t.ListOf | t.MapOf):
        words = f"a {node.type.words}"
    if words:
        found.append(Untranslatable(words, node.at))
    most = 0
    for child in node.children:
        most = max(most, _look(child, found, child is over, behind))
    return own + most


def _refused(node: Call) -> str:
    """The function, with what it is given where it can be computed of other things."""
    if any(isinstance(arg.type, t.MapOf) for arg in node.args):
        return ""
    others = any(each.sqlite is not None and each.postgresql is not None for each in FUNCTIONS[node.function.name])
    return f"'{node.function.name}' of {node.args[0].type.words}" if others and node.args else f"'{node.function.name}'"


def _unread(node: Node, listed: bool) -> str:
    """What is wrong with reading a path here, '' when nothing is."""
    assert isinstance(node, Ref)
    if node.path[0] in ONE_RECORD_ROOTS:
        return f"'{'.'.join(node.path)}'"
    if not listed and node.path[0] in BOUND_ROOTS and isinstance(node.type, t.ListOf):
        return f"'{'.'.join(node.path)}' other than after 'in'"
    return ""


def sought(node: Macro) -> Node | None:
    """The value that `l.exists(x, x == value)` and `l.all(x, x != value)` look for; None for any other form."""
    body = node.body
    if not isinstance(body, Compare) or (node.kind, body.op) not in (("exists", "=="), ("all", "!=")):
        return None
    if not isinstance(node.over.type, t.ListOf) or isinstance(body.left.type, t.ListOf):
        return None
    for one, other in ((body.left, body.right), (body.right, body.left)):
        if isinstance(one, Var) and one.outwards == 0 and not names_item(other):
            return other
    return None


def names_item(node: Node, depth: int = 0) -> bool:
    """Whether the node names the variable of the macro that is `depth` macros around it."""
    if isinstance(node, Var):
        return node.outwards == depth
    if isinstance(node, Macro):
        parts = [part for part in (node.test, node.body) if part is not None]
        return names_item(node.over, depth) or any(names_item(part, depth + 1) for part in parts)
    return any(names_item(child, depth) for child in node.children)
