"""SQLite's way: decimals are whole numbers, lists are JSON texts."""

from __future__ import annotations

from engine.expressions import types as t
from engine.expressions.functions import sqlite
from engine.expressions.functions.function import Sql
from engine.expressions.limits import MAX_PLACES
from engine.expressions.sql.emit import Emit
from engine.expressions.sql.frames import Frame
from engine.expressions.sql.macros import over_list
from engine.expressions.sql.storage import SQLITE
from engine.expressions.sql.terms import NULL, Term, apply, bind, call, listed, number, operand, write
from engine.expressions.sql.types import TEXT
from engine.expressions.tree import Call, Index, ListLit, Literal, Macro, Node, Ref, Var

__all__ = ["Sqlite"]

# A call of SQLite takes 127 arguments at most.
MAX_ARGUMENTS = 100


class Sqlite(Emit):
    """Two decimals meet at the places of the finer one."""

    storage = SQLITE

    def null(self, kind: t.Type) -> Term:
        return NULL

    def var(self, node: Var) -> Term:
        """Columns of child rows stand behind a plus: else SQLite, which counts no rows before it plans, may take the index of a state
        that half the table is in for that of the link."""
        found = super().var(node)
        return write("+", found, loose=True) if self.frames[-1 - node.outwards].rows is not None else found

    def pair(self, left: Node, right: Node, ordered: bool) -> tuple[Term, Term]:
        one, two = self.term(left), self.term(right)
        if isinstance(left.type, t.ListOf):
            return self.lists(left, one, right, two)
        if not isinstance(left.type, t.DecimalOf) and not isinstance(right.type, t.DecimalOf):
            return one, two
        wanted = max(t.places(left.type), t.places(right.type))
        return sqlite.aligned(left, one, wanted), sqlite.aligned(right, two, wanted)

    def lists(self, left: Node, one: Term, right: Node, two: Term) -> tuple[Term, Term]:
        """Lists are equal when their JSON is, written in SQLite's own way."""
        assert isinstance(left.type, t.ListOf) and isinstance(right.type, t.ListOf)
        wanted = max(t.places(left.type.item), t.places(right.type.item))
        return call("json", self.aligned_list(left, one, wanted)), call("json", self.aligned_list(right, two, wanted))

    def aligned_list(self, node: Node, term: Term, wanted: int) -> Term:
        assert isinstance(node.type, t.ListOf)
        item = node.type.item
        shift = wanted - t.places(item)
        if shift == 0 or item == t.NULL:
            return term
        shifted = lambda frame: self.collected(apply(frame.raw, "*", number(10**shift)), item, frame, [], True)  # noqa: E731
        return over_list(self, node, shifted)

    def in_list(self, item: Node, found: Term, items: tuple[Node, ...]) -> Term:
        wanted = max(t.places(each.type) for each in (item, *items)) if items else 0
        if not wanted:
            return super().in_list(item, found, items)
        terms = [self.term(each) for each in items]
        if sqlite.inexact(item, wanted) and any(sqlite.inexact(each, wanted) for each in items):
            one, shifted = sqlite.spelled(item, found), [sqlite.spelled(each, term) for each, term in zip(items, terms, strict=True)]
        else:
            one = sqlite.aligned(item, found, wanted)
            shifted = [sqlite.aligned(each, term, wanted) for each, term in zip(items, terms, strict=True)]
        return write(operand(one), " IN (", listed(shifted), ")", loose=True)

    def in_computed(self, item: Node, found: Term, items: Node) -> Term:
        """An option in a column stands there in quotation marks; anything else is looked for item by item."""
        assert isinstance(items.type, t.ListOf)
        if isinstance(items, Ref) and isinstance(items.type.item, t.OptionOf) and isinstance(item, Literal) and isinstance(item.value, str):
            return apply(call("instr", self.term(items), bind(f'"{item.value}"', TEXT)), ">", number(0))
        held = items.type.item
        wanted = max(t.places(item.type), t.places(held))

        def make(frame: Frame) -> Term:
            one = sqlite.aligned(Var(held, item.at, 0, ()), frame.item, wanted)
            equal = call("coalesce", apply(apply(one, "=", sqlite.aligned(item, found, wanted)), "*", number(2)), number(self.unknown_item))
            return write("(SELECT CASE coalesce(max(", equal, "), 0) WHEN 0 THEN FALSE WHEN 2 THEN TRUE END", frame.where(), ")")

        return over_list(self, items, make)

    def function(self, node: Call) -> Sql:
        assert node.function.sqlite is not None
        return node.function.sqlite

    # Lists

    def packed(self, term: Term, kind: t.Type) -> Term:
        """JSON keeps fifteen digits of a float, so it is a text there."""
        return call("cw_pack_float", term) if kind == t.FLOAT else term

    def unpacked(self, term: Term, kind: t.Type) -> Term:
        return call("cw_unpack_float", term) if kind == t.FLOAT else term

    def list_(self, node: ListLit) -> Term:
        assert isinstance(node.type, t.ListOf)
        item = node.type.item
        if all(isinstance(each, Literal) for each in node.items):
            found = self.storage.stored(tuple(each.value for each in node.items if isinstance(each, Literal)), node.type)
            return bind(found, TEXT)
        wanted = t.places(item)
        terms = [self.packed(sqlite.aligned(each, self.term(each), wanted), item) for each in node.items]
        parts = [call("json_array", *terms[at:at + MAX_ARGUMENTS]) for at in range(0, len(terms), MAX_ARGUMENTS)]
        whole = parts[0]
        for part in parts[1:]:
            whole = call("cw_join_lists", whole, part)
        return whole

    def items(self, found: Term, over: Node) -> Frame:
        assert isinstance(over.type, t.ListOf)
        name = self.alias()
        raw = Term(f"{name}.value")
        return Frame(write("json_each(", found, f") AS {name}"), self.unpacked(raw, over.type.item), raw, None)

    def index(self, node: Index) -> Term:
        assert isinstance(node.x.type, t.ListOf)
        frame = self.items(self.term(node.x), node.x)
        name = frame.raw.text.removesuffix(".value")
        return write("(SELECT ", frame.item, frame.where(apply(Term(f"{name}.key"), "=", self.term(node.key))), ")")

    def collected(self, value: Term, kind: t.Type, frame: Frame, tests: list[Term], named: bool) -> Term:
        if frame.place is None and named:
            return write("(SELECT ", call("json_group_array", value), frame.where(*tests), ")")
        name = self.alias()
        inside = write("SELECT ", value, " AS x", frame.where(*tests))
        if frame.place is not None:
            inside = write(inside, " ORDER BY ", frame.place)
        return write(f"(SELECT json_group_array({name}.x) FROM (", inside, f") AS {name})")

    # Numbers

    def halves(self, body: Term, frame: Frame) -> tuple[str, Term]:
        """The values in a subquery that computes each once, under a name; SQLite fails where a sum leaves 64 bits, so that the upper
        and the lower half of each number are added up by themselves."""
        name = self.alias()
        return name, write(" FROM (SELECT ", body, " AS x", frame.where(), f" LIMIT -1) AS {name})")

    def total(self, node: Macro, body: Term, frame: Frame) -> Term:
        name, values = self.halves(body, frame)
        whole = f"coalesce(sum({name}.x >> 32), 0) * 4294967296 + coalesce(sum({name}.x & 4294967295), 0)"
        return write("(SELECT ", sqlite.bounded_number(Term(whole), node.type), values)

    def average(self, node: Macro, body: Term, frame: Frame) -> Term:
        assert node.body is not None
        name, values = self.halves(body, frame)
        shift = MAX_PLACES - t.places(node.body.type)
        return write(f"(SELECT cw_average(sum({name}.x >> 32), sum({name}.x & 4294967295), count({name}.x), {shift})", values)
