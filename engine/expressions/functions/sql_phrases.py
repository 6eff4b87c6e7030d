"""The SQL of parts of texts, and of numbers with a fixed count of places."""

from __future__ import annotations

from engine.expressions import spelling
from engine.expressions.functions import postgresql
from engine.expressions.functions.function import Sql, SqlCall
from engine.expressions.sql.terms import Term, apply, bind, call, cast, let, number, write
from engine.expressions.sql.types import TEXT
from engine.expressions.tree import Literal
from engine.expressions.types import places

__all__ = ["index_of", "join", "postgresql_fixed", "postgresql_substring", "replace", "sqlite_fixed", "sqlite_substring", "trim"]


def trim(name: str) -> Sql:
    return lambda c: call(name, c.args[0], bind(spelling.SPACES, TEXT))


def index_of(name: str) -> Sql:
    return lambda c: apply(call(name, *c.args), "-", number(1))


def replace(c: SqlCall) -> Term:
    return call("replace", *c.args)


def join(name: str) -> Sql:
    return lambda c: call(name, c.args[0], c.args[1] if len(c.args) > 1 else Term("''"))


def sqlite_substring(c: SqlCall) -> Term:
    return call("cw_substring" if len(c.args) > 2 else "cw_substring_from", *c.args)


def postgresql_substring(c: SqlCall) -> Term:
    def body(text: Term, start: Term, *rest: Term) -> Term:
        size = f"char_length({text.text})"
        last = rest[0].text if rest else size
        found = f"substr({text.text}, CAST({start.text} AS integer) + 1, CAST({last} - {start.text} AS integer))"
        return write(f"CASE WHEN {start.text} >= 0 AND {start.text} <= {last} AND {last} <= {size} THEN {found} END")

    return let(c.args, body)


def _wanted(c: SqlCall) -> int:
    node = c.nodes[1]
    assert isinstance(node, Literal) and isinstance(node.value, int)
    return node.value


def sqlite_fixed(c: SqlCall) -> Term:
    return call("cw_fixed", c.args[0], number(places(c.nodes[0].type)), number(_wanted(c)))


def postgresql_fixed(c: SqlCall) -> Term:
    wanted = _wanted(c)
    exact = cast(c.args[0], "numeric")
    if places(c.nodes[0].type) > wanted:
        exact = postgresql.half_even(exact, number(1), wanted)
    return cast(call("round", exact, number(wanted)), "text")
