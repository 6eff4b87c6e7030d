"""What SQL cannot compute, found before any clause is made, and named as the author wrote it."""

from __future__ import annotations

from engine.expressions import types as t
from engine.expressions.errors import Untranslatable
from engine.expressions.scope import BOUND_ROOTS
from engine.expressions.tree import (
    Call,
    Coalesce,
    Compare,
    Conditional,
    In,
    Index,
    ListLit,
    Macro,
    MapLit,
    Node,
    Ref,
    walk,
)

__all__ = ["ONE_RECORD_ROOTS", "bound", "sql_problem"]

# Roots that exist while one record is worked on, never in a query over many.
ONE_RECORD_ROOTS = frozenset({"anchor", "answers"})


# SQLite's parser refuses statements that need more than 100 places (YYSTACKDEPTH); the statement around takes some.
SQLITE_STACK = 80


def bound(node: Node) -> bool:
    """Whether the node reads what is known before the query runs."""
    return isinstance(node, Ref) and node.path[0] in BOUND_ROOTS


def sql_problem(tree: Node) -> Untranslatable | None:
    """The first construct that SQL cannot compute, in the order of the text; None when there is none."""
    listed = {id(node.items) for node in walk(tree) if isinstance(node, In)}
    found: list[Untranslatable] = []
    for node in walk(tree):
        if isinstance(node, Ref) and node.path[0] in ONE_RECORD_ROOTS:
            found.append(Untranslatable(f"'{'.'.join(node.path)}'", node.at))
        elif isinstance(node.type, t.ListOf) and id(node) not in listed and (isinstance(node, ListLit) or bound(node)):
            words = f"'{'.'.join(node.path)}'" if isinstance(node, Ref) else "a list"
            found.append(Untranslatable(f"{words} other than after 'in'", node.at))
        elif isinstance(node, Macro | Index | MapLit):
            words = f"'{node.kind}'" if isinstance(node, Macro) else "'[ ]'" if isinstance(node, Index) else "a map"
            found.append(Untranslatable(words, node.at))
        elif isinstance(node, Compare) and isinstance(node.left.type, t.ListOf | t.MapOf):
            found.append(Untranslatable("comparing lists", node.at))
        elif isinstance(node, In) and not isinstance(node.items, ListLit | Ref):
            found.append(Untranslatable("'in' a computed list", node.at))
        elif isinstance(node, Call) and (node.function.sqlite is None or node.function.postgresql is None):
            found.append(Untranslatable(f"'{node.function.name}'", node.at))
    if _stack(tree) > SQLITE_STACK:
        found.append(Untranslatable("an expression nested this deep", tree.at))
    return min(found, key=lambda problem: problem.offset, default=None)


def _stack(node: Node) -> int:
    """At most so many places does the clause take on the stack of SQLite's parser."""
    own = 3 * node.function.levels + 2 if isinstance(node, Call) else 7 if isinstance(node, Conditional | In | Coalesce) else 4
    return own + max(map(_stack, node.children), default=0)
