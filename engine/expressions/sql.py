"""The back end for SQL: a tree becomes one SQLAlchemy clause that agrees with Python on every row and never fails a query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable
from typing import Literal as OneOf

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from engine.expressions import types as t
from engine.expressions.errors import Untranslatable
from engine.expressions.functions import sqlite
from engine.expressions.functions.function import SqlCall
from engine.expressions.scope import BOUND_ROOTS
from engine.expressions.sql_terms import BOOLEAN, TEXT, call, choose, compare, grouped
from engine.expressions.storage import POSTGRESQL, SQLITE
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
    walk,
)

__all__ = ["Dialect", "RowsSource", "RowsSql", "SqlSource", "sql_problem", "to_sql"]

Term = ColumnElement[Any]
Dialect = OneOf["sqlite", "postgresql"]

# Roots that exist while one record is worked on, never in a query over many.
ONE_RECORD_ROOTS = frozenset({"anchor", "answers"})


# SQLite's parser refuses statements that need more than 100 places (YYSTACKDEPTH); the statement around takes some.
SQLITE_STACK = 80


class SqlSource(Protocol):
    """Where a query finds values."""

    def column(self, path: Path) -> ColumnElement[Any]:
        """The column of an own field, or of a field behind links (joined, null where a link is null)."""
        ...

    def bind(self, path: Path) -> ColumnElement[Any]:
        """The value of a path below `user`, `today` or `now`, as the database stores such values.

        For a list (`user.clinics`) an expanding bind parameter, so that it stands after IN.
        """
        ...


class RowsSql(Protocol):
    """Child rows in a query, one for each mention of a path of type `RowsOf`, with table aliases of its own.

    They become a correlated subquery: `SELECT … FROM clause WHERE condition AND …`, read in this order: `source` is asked for
    columns first, `clause` last, because it holds the joins that they needed.
    """

    @property
    def source(self) -> SqlSource:
        """Values of one child row: its paths start at the child. Fields that the reader may not read are null."""
        ...

    @property
    def clause(self) -> FromClause:
        """The child's table and the joins that `source` has needed so far; every alias in it is unique in the statement."""
        ...

    @property
    def condition(self) -> ColumnElement[bool]:
        """Which rows belong to the record and count: `child.via = owner's id`, not deleted, readable. It is plain SQL with the
        link bare on one side, so that an index on the link serves."""
        ...

    @property
    def owner(self) -> ColumnElement[Any] | None:
        """The id of the record whose rows these are, null where a link on the way is null or may not be read: a macro over the rows
        is null then. None where it never is null, as for the row's own children."""
        ...

    @property
    def order(self) -> ColumnElement[Any]:
        """By what the rows are ordered where a list is made of them: the child's id. Python reads them in the same order."""
        ...


@runtime_checkable
class RowsSource(Protocol):
    """A source whose rows have child rows; one that lacks this refuses macros over them (Untranslatable)."""

    def rows(self, path: Path) -> RowsSql:
        """The rows that a path of type `RowsOf` names, `("tasks",)` or `("patient", "tasks")`, under the reader's rights."""
        ...


def to_sql(tree: Node, source: SqlSource, dialect: Dialect) -> Term:
    """The clause of the tree; its values are stored as the dialect stores the tree's type. Raises Untranslatable."""
    problem = sql_problem(tree)
    if problem:
        raise problem
    return (_Sqlite if dialect == "sqlite" else _Postgresql)(source).term(tree)


def sql_problem(tree: Node) -> Untranslatable | None:
    """The first construct that SQL cannot compute, in the order of the text; None when there is none."""
    listed = {id(node.items) for node in walk(tree) if isinstance(node, In)}
    found: list[Untranslatable] = []
    for node in walk(tree):
        if isinstance(node, Ref) and node.path[0] in ONE_RECORD_ROOTS:
            found.append(Untranslatable(f"'{'.'.join(node.path)}'", node.at))
        elif isinstance(node.type, t.ListOf) and id(node) not in listed and (isinstance(node, ListLit) or _bound(node)):
            words = f"'{'.'.join(node.path)}'" if isinstance(node, Ref) else "a list"
            found.append(Untranslatable(f"{words} other than after 'in'", node.at))
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


def _bound(node: Node) -> bool:
    return isinstance(node, Ref) and node.path[0] in BOUND_ROOTS


class _Emit:
    """Writes clauses bottom up; a subclass knows one database."""

    storage = SQLITE

    def __init__(self, source: SqlSource) -> None:
        self.source = source

    def term(self, node: Node) -> Term:
        return STEPS[type(node)](self, node)

    def literal(self, node: Literal) -> Term:
        if node.value is None:
            return sa.cast(sa.null(), self.storage.type(node.type))
        if isinstance(node.value, bool):
            return sa.true() if node.value else sa.false()
        return sa.literal(self.storage.stored(node.value, node.type), self.storage.type(node.type))

    def ref(self, node: Ref) -> Term:
        found = self.source.bind(node.path) if _bound(node) else self.source.column(node.path)
        if isinstance(node.type, t.ListOf) and _bound(node):
            return found
        return sa.type_coerce(found, self.storage.type(node.type))

    def not_(self, node: Not) -> Term:
        return sa.not_(grouped(self.term(node.x)))

    def and_(self, node: And) -> Term:
        return sa.and_(*map(self.term, node.items))

    def or_(self, node: Or) -> Term:
        return sa.or_(*map(self.term, node.items))

    def is_null(self, node: IsNull) -> Term:
        x = grouped(self.term(node.x))
        return x.is_not(sa.null()) if node.negated else x.is_(sa.null())

    def compare(self, node: Compare) -> Term:
        left, right = self.pair(node.left, node.right, node.op not in ("==", "!="))
        return compare(left, SIGNS.get(node.op, node.op), right)

    def pair(self, left: Node, right: Node, ordered: bool) -> tuple[Term, Term]:
        """Both sides in one shape."""
        raise NotImplementedError

    def in_(self, node: In) -> Term:
        if isinstance(node.items, ListLit):
            return self.in_list(node.item, node.items.items)
        if _bound(node.items):
            return grouped(self.term(node.item)).in_(self.term(node.items))
        return self.in_column(self.term(node.item), self.term(node.items))

    def in_list(self, item: Node, items: tuple[Node, ...]) -> Term:
        if not items:
            return sa.false()
        return grouped(self.term(item)).in_([self.term(each) for each in items])

    def in_column(self, item: Term, items: Term) -> Term:
        raise NotImplementedError

    def coalesce(self, node: Coalesce) -> Term:
        return call("coalesce", *map(self.term, node.items), kind=self.storage.type(node.type))

    def conditional(self, node: Conditional) -> Term:
        test, then, otherwise = map(self.term, node.children)
        return choose(test, then, otherwise, self.storage.type(node.type))

    def call(self, node: Call) -> Term:
        return self.function(node)(SqlCall(node.args, tuple(map(self.term, node.args)), node.type))

    def function(self, node: Call) -> Callable[[SqlCall], Term]:
        raise NotImplementedError

    def list_(self, node: ListLit) -> Term:
        raise Untranslatable("a list", node.at)


SIGNS = {"==": "=", "!=": "<>"}
STEPS: dict[type[Node], Callable[[_Emit, Any], Term]] = {
    Literal: _Emit.literal, Ref: _Emit.ref, Not: _Emit.not_, And: _Emit.and_, Or: _Emit.or_, IsNull: _Emit.is_null,
    Compare: lambda emit, node: emit.compare(node), In: _Emit.in_, Coalesce: _Emit.coalesce, Conditional: _Emit.conditional,
    Call: _Emit.call, Arith: _Emit.call, Negate: _Emit.call, ListLit: _Emit.list_,
}


class _Sqlite(_Emit):
    """Decimals are whole numbers, so two of them meet at the places of the finer one."""

    def pair(self, left: Node, right: Node, ordered: bool) -> tuple[Term, Term]:
        wanted = max(t.places(left.type), t.places(right.type))
        return sqlite.aligned(left, self.term(left), wanted), sqlite.aligned(right, self.term(right), wanted)

    def in_list(self, item: Node, items: tuple[Node, ...]) -> Term:
        wanted = max(t.places(each.type) for each in (item, *items))
        if not wanted:
            return super().in_list(item, items)
        found = sqlite.aligned(item, self.term(item), wanted)
        return grouped(found).in_([sqlite.aligned(each, self.term(each), wanted) for each in items])

    def in_column(self, item: Term, items: Term) -> Term:
        return call("cw_list_has", items, item, kind=BOOLEAN)

    def function(self, node: Call) -> Callable[[SqlCall], Term]:
        assert node.function.sqlite is not None
        return node.function.sqlite


class _Postgresql(_Emit):
    """Texts that come from no column get the collation that the columns have."""

    storage = POSTGRESQL

    def pair(self, left: Node, right: Node, ordered: bool) -> tuple[Term, Term]:
        one, two = self.term(left), self.term(right)
        if ordered and self.storage.type(left.type).python_type is str:
            return self.by_code_point(left, one), self.by_code_point(right, two)
        return one, two

    def by_code_point(self, node: Node, term: Term) -> Term:
        column = isinstance(node, Ref) and not _bound(node)
        return term if column else sa.type_coerce(term.collate("C"), TEXT)

    def in_column(self, item: Term, items: Term) -> Term:
        return compare(item, "=", call("any", items, kind=TEXT))

    def function(self, node: Call) -> Callable[[SqlCall], Term]:
        assert node.function.postgresql is not None
        return node.function.postgresql
