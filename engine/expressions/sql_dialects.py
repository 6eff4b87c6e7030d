"""What each database does in its own way."""

from __future__ import annotations

from engine.expressions import types as t
from engine.expressions.functions import sqlite
from engine.expressions.functions.function import Sql
from engine.expressions.sql_emit import Emit
from engine.expressions.sql_problem import bound
from engine.expressions.sql_source import Dialect
from engine.expressions.sql_terms import NULL, Term, apply, call, cast, operand, write
from engine.expressions.sql_types import TEXT
from engine.expressions.storage import POSTGRESQL, SQLITE
from engine.expressions.tree import Call, Node, Ref

__all__ = ["EMITS"]


class Sqlite(Emit):
    """Decimals are whole numbers, so two of them meet at the places of the finer one."""

    storage = SQLITE

    def null(self, kind: t.Type) -> Term:
        return NULL

    def pair(self, left: Node, right: Node, ordered: bool) -> tuple[Term, Term]:
        one, two = self.term(left), self.term(right)
        if not isinstance(left.type, t.DecimalOf) and not isinstance(right.type, t.DecimalOf):
            return one, two
        wanted = max(t.places(left.type), t.places(right.type))
        return sqlite.aligned(left, one, wanted), sqlite.aligned(right, two, wanted)

    def in_list(self, item: Node, items: tuple[Node, ...]) -> Term:
        wanted = max(t.places(each.type) for each in (item, *items)) if items else 0
        if not wanted:
            return super().in_list(item, items)
        found = sqlite.aligned(item, self.term(item), wanted)
        return self.among(found, [sqlite.aligned(each, self.term(each), wanted) for each in items])

    def in_column(self, item: Term, items: Term) -> Term:
        return call("cw_list_has", items, item)

    def function(self, node: Call) -> Sql:
        assert node.function.sqlite is not None
        return node.function.sqlite


class Postgresql(Emit):
    """Texts that come from no column get the collation that the columns have."""

    storage = POSTGRESQL

    def null(self, kind: t.Type) -> Term:
        return cast(NULL, self.storage.name(kind))

    def pair(self, left: Node, right: Node, ordered: bool) -> tuple[Term, Term]:
        one, two = self.term(left), self.term(right)
        if ordered and self.storage.type(left.type) is TEXT:
            return self.by_code_point(left, one), self.by_code_point(right, two)
        return one, two

    def by_code_point(self, node: Node, term: Term) -> Term:
        column = isinstance(node, Ref) and not bound(node)
        return term if column else write(operand(term), ' COLLATE "C"')

    def in_column(self, item: Term, items: Term) -> Term:
        return apply(item, "=", call("any", items))

    def function(self, node: Call) -> Sql:
        assert node.function.postgresql is not None
        return node.function.postgresql


EMITS: dict[Dialect, type[Emit]] = {"sqlite": Sqlite, "postgresql": Postgresql}
