"""PostgreSQL's way: numerics and arrays; texts that come from no column get the collation that the columns have."""

from __future__ import annotations

from engine.expressions import types as t
from engine.expressions.functions import postgresql
from engine.expressions.functions.function import Sql
from engine.expressions.limits import MAX_PLACES
from engine.expressions.sql.emit import Emit
from engine.expressions.sql.frames import Frame, bare
from engine.expressions.sql.macros import folded
from engine.expressions.sql.problem import bound
from engine.expressions.sql.storage import POSTGRESQL
from engine.expressions.sql.terms import NULL, Term, apply, call, cast, listed, number, operand, write
from engine.expressions.sql.types import TEXT
from engine.expressions.tree import Call, Index, ListLit, Macro, Node, Ref, Var

__all__ = ["Postgresql"]


class Postgresql(Emit):
    """PostgreSQL compares numbers of all kinds by value, and arrays item by item with null equal to null."""

    storage = POSTGRESQL

    def null(self, kind: t.Type) -> Term:
        return cast(NULL, self.storage.name(kind))

    def pair(self, left: Node, right: Node, ordered: bool) -> tuple[Term, Term]:
        one, two = self.term(left), self.term(right)
        if ordered:
            return self.ordered(left, one), self.ordered(right, two)
        if isinstance(left.type, t.ListOf):
            return self.lists(left, one, right, two)
        return one, two

    def lists(self, left: Node, one: Term, right: Node, two: Term) -> tuple[Term, Term]:
        """Arrays are compared when their items have one type."""
        names = self.storage.name(left.type), self.storage.name(right.type)
        wanted = "numeric[]" if "numeric[]" in names else names[1] if left.type == t.ListOf(t.NULL) else names[0]
        sides = [term if name == wanted else cast(term, wanted) for term, name in zip((one, two), names, strict=True)]
        return sides[0], sides[1]

    def ordered(self, node: Node, term: Term) -> Term:
        if self.storage.type(node.type) is not TEXT:
            return term
        column = isinstance(node, Ref) and not bound(node) or isinstance(node, Var) and bool(node.path)
        return term if column else write(operand(term), ' COLLATE "C"')

    def in_computed(self, item: Node, found: Term, items: Node) -> Term:
        """A subquery in the brackets of ANY would be one of rows, unless it is cast."""
        whole = self.term(items)
        return apply(found, "=", call("ANY", whole if bare(items) else cast(whole, self.storage.name(items.type))))

    def function(self, node: Call) -> Sql:
        assert node.function.postgresql is not None
        return node.function.postgresql

    # Lists

    def list_(self, node: ListLit) -> Term:
        return write("CAST(ARRAY[", listed([self.term(each) for each in node.items]), f"] AS {self.storage.name(node.type)})")

    def items(self, found: Term, over: Node) -> Frame:
        name = self.alias()
        item = Term(f"{name}.x")
        return Frame(write("unnest(", found, f") WITH ORDINALITY AS {name}(x, i)"), item, item, Term(f"{name}.i"))

    def index(self, node: Index) -> Term:
        """LEAST and GREATEST skip a null, which leads to a place that is not there; so does -1."""
        place = cast(call("greatest", call("least", self.term(node.key), number(2**31 - 2)), number(-1)), "integer")
        return write("(", self.term(node.x), ")[", place, " + 1]")

    def collected(self, value: Term, kind: t.Type, frame: Frame, tests: list[Term], named: bool) -> Term:
        assert frame.place is not None
        name = self.storage.name(kind)
        listed_values = write("array_agg(", cast(value, name), " ORDER BY ", frame.place, ")")
        where = frame.where(*tests)
        return write("(SELECT coalesce(", listed_values, f", CAST(ARRAY[] AS {name}[]))", where, ")")

    # Numbers

    def total(self, node: Macro, body: Term, frame: Frame) -> Term:
        return folded(
            self, node.body, body, frame, [], lambda x: postgresql.bounded_number(call("coalesce", call("sum", x), number(0)), node.type),
        )

    def average(self, node: Macro, body: Term, frame: Frame) -> Term:
        values, name = self.alias(), self.alias()
        found = postgresql.bounded_number(postgresql.half_even(Term(f"{name}.a"), Term(f"{name}.n"), MAX_PLACES), node.type)
        sums = f"SELECT sum({values}.x) AS a, nullif(count({values}.x), 0) AS n FROM (SELECT "
        return write("(SELECT ", found, f" FROM ({sums}", body, " AS x", frame.where(), f") AS {values}) AS {name})")
