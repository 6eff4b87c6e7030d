"""The SQL of texts."""

from __future__ import annotations

from engine.expressions.functions.function import Sql, SqlCall
from engine.expressions.sql.terms import Term, apply, bind, call, cast, choose, let, named, number, operand, write
from engine.expressions.sql.types import TEXT
from engine.expressions.tree import Literal, Node
from engine.expressions.types import INT, places

__all__ = [
    "boolean_text", "concat", "in_c", "one", "postgresql_contains", "postgresql_date_text", "postgresql_ends", "postgresql_matches",
    "postgresql_number_text", "same", "sqlite_contains", "sqlite_ends", "sqlite_matches", "sqlite_number_text", "postgresql_starts",
    "sqlite_starts",
]


def same(c: SqlCall) -> Term:
    return c.args[0]


def one(name: str) -> Sql:
    return lambda c: call(name, c.args[0])


def in_c(name: str) -> Sql:
    """lower() and upper() of the collation "C" change ASCII letters only."""
    return lambda c: write(f"{name}(", operand(c.args[0]), ' COLLATE "C")')


def concat(c: SqlCall) -> Term:
    return apply(c.args[0], "||", c.args[1])


# Searching

def _literal_text(node: Node) -> str | None:
    return node.value if isinstance(node, Literal) and isinstance(node.value, str) else None


def _after(prefix: str) -> str | None:
    """The least text greater than every text with this prefix; None when there is none."""
    for place in range(len(prefix) - 1, -1, -1):
        code = ord(prefix[place]) + 1
        if code <= 0x10FFFF:
            return prefix[:place] + chr(0xE000 if 0xD800 <= code <= 0xDFFF else code)
    return None


def _starts(otherwise: Sql) -> Sql:
    """A range where a column meets a literal, so that an index on the column serves; else the database's own test."""

    def build(c: SqlCall) -> Term:
        prefix = _literal_text(c.nodes[1])
        end = _after(prefix) if prefix else None
        if end is None or not named(c.args[0]):
            return otherwise(c)
        column = operand(c.args[0])
        return write(column, " >= ", bind(prefix, TEXT), " AND ", column, " < ", bind(end, TEXT), loose=True)

    return build


sqlite_starts = _starts(lambda c: apply(call("instr", *c.args), "=", number(1)))
postgresql_starts = _starts(lambda c: call("starts_with", *c.args))


def sqlite_ends(c: SqlCall) -> Term:
    return call("cw_ends_with", *c.args)


def postgresql_ends(c: SqlCall) -> Term:
    return let(c.args, lambda text, end: apply(call("right", text, call("char_length", end)), "=", end))


def sqlite_contains(c: SqlCall) -> Term:
    return apply(call("instr", *c.args), ">", number(0))


def postgresql_contains(c: SqlCall) -> Term:
    return apply(call("strpos", *c.args), ">", number(0))


def sqlite_matches(c: SqlCall) -> Term:
    return call("cw_matches", *c.args)


def postgresql_matches(c: SqlCall) -> Term:
    return apply(c.args[0], "~", c.args[1])


# Texts of values

def sqlite_number_text(c: SqlCall) -> Term:
    kind = c.nodes[0].type
    return cast(c.args[0], "text") if kind == INT else call("cw_decimal_text", c.args[0], number(places(kind)))


def postgresql_number_text(c: SqlCall) -> Term:
    return cast(c.args[0] if c.nodes[0].type == INT else call("trim_scale", c.args[0]), "text")


def boolean_text(c: SqlCall) -> Term:
    return choose(c.args[0], Term("'true'"), Term("'false'"))


def postgresql_date_text(c: SqlCall) -> Term:
    return write("to_char(", c.args[0], ", 'YYYY-MM-DD')")
