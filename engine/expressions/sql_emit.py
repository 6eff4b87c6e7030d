"""Writes clauses bottom up; a subclass knows one database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import type_coerce

from engine.expressions import types as t
from engine.expressions.errors import Untranslatable
from engine.expressions.functions.function import Sql, SqlCall
from engine.expressions.sql_problem import bound
from engine.expressions.sql_source import SqlSource
from engine.expressions.sql_terms import FALSE, TRUE, Term, apply, call, choose, hole, listed, operand, write
from engine.expressions.sql_terms import bind as bind_term
from engine.expressions.storage import Storage
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
    Ref,
)

__all__ = ["Emit"]


class Emit:
    """One clause in the making."""

    storage: Storage

    def __init__(self, source: SqlSource) -> None:
        self.source = source

    def term(self, node: Node) -> Term:
        return STEPS[type(node)](self, node)

    def literal(self, node: Literal) -> Term:
        value = node.value
        if value is None:
            return self.null(node.type)
        if value is True:
            return TRUE
        if value is False:
            return FALSE
        return bind_term(self.storage.stored(value, node.type), self.storage.type(node.type))

    def null(self, kind: t.Type) -> Term:
        raise NotImplementedError

    def ref(self, node: Ref) -> Term:
        if not bound(node):
            return hole(self.source.column(node.path))
        found = self.source.bind(node.path)
        return hole(found if isinstance(node.type, t.ListOf) else type_coerce(found, self.storage.type(node.type)))

    def not_(self, node: Not) -> Term:
        return write("NOT ", operand(self.term(node.x)), loose=True)

    def and_(self, node: And) -> Term:
        return listed([operand(self.term(item)) for item in node.items], " AND ")._replace(loose=True)

    def or_(self, node: Or) -> Term:
        return listed([operand(self.term(item)) for item in node.items], " OR ")._replace(loose=True)

    def is_null(self, node: IsNull) -> Term:
        return write(operand(self.term(node.x)), " IS NOT NULL" if node.negated else " IS NULL", loose=True)

    def compare(self, node: Compare) -> Term:
        left, right = self.pair(node.left, node.right, node.op not in ("==", "!="))
        return apply(left, SIGNS.get(node.op, node.op), right)

    def pair(self, left: Node, right: Node, ordered: bool) -> tuple[Term, Term]:
        """Both sides in one shape."""
        raise NotImplementedError

    def in_(self, node: In) -> Term:
        if isinstance(node.items, ListLit):
            return self.in_list(node.item, node.items.items)
        if bound(node.items):
            return apply(self.term(node.item), "IN", self.term(node.items))
        return self.in_column(self.term(node.item), self.term(node.items))

    def in_list(self, item: Node, items: tuple[Node, ...]) -> Term:
        if not items:
            return FALSE
        return self.among(self.term(item), [self.term(each) for each in items])

    def among(self, item: Term, items: list[Term]) -> Term:
        return write(operand(item), " IN (", listed(items), ")", loose=True)

    def in_column(self, item: Term, items: Term) -> Term:
        raise NotImplementedError

    def coalesce(self, node: Coalesce) -> Term:
        return call("coalesce", *map(self.term, node.items))

    def conditional(self, node: Conditional) -> Term:
        return choose(*map(self.term, node.children))

    def call(self, node: Call) -> Term:
        return self.function(node)(SqlCall(node.args, tuple(map(self.term, node.args)), node.type))

    def function(self, node: Call) -> Sql:
        raise NotImplementedError

    def list_(self, node: ListLit) -> Term:
        raise Untranslatable("a list", node.at)


SIGNS = {"==": "=", "!=": "<>"}
STEPS: dict[type[Node], Callable[[Emit, Any], Term]] = {
    Literal: Emit.literal, Ref: lambda emit, node: emit.ref(node), Not: Emit.not_, And: Emit.and_, Or: Emit.or_, IsNull: Emit.is_null,
    Compare: lambda emit, node: emit.compare(node), In: Emit.in_, Coalesce: Emit.coalesce, Conditional: Emit.conditional,
    Call: Emit.call, Arith: Emit.call, Negate: Emit.call, ListLit: Emit.list_,
}
