"""Each rule of the dialect switched off in SQL by itself: some value changes on both databases, and nothing else about the clause does."""

import contextlib
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from engine.expressions import check, to_python, to_sql
from engine.expressions.rules import RULES
from engine.expressions.sql.naive import NAIVE
from engine.expressions.tree import Node
from tests.engine.expressions.clinic import Clinic, Database, Source, Values, opened, values

SHOWN: dict[str, tuple[str, dict[str, Any]]] = {
    "and_unknown": ("flag && other", {"flag": True}),
    "or_unknown": ("flag || other", {"flag": False}),
    "not_unknown": ("!flag", {}),
    "compare_unknown": ("n == m", {}),
    "in_unknown": ("n in [1, 2]", {}),
    "conditional_unknown": ("flag ? 1 : 2", {}),
    "strict_functions": ("name + note", {"name": "a"}),
    "macro_unknown": ("[n, m].exists(x, x > 3)", {"n": 1}),
    "empty_aggregate": ("tasks.sum(t, t.minutes)", {}),
    "aggregate_skips_null": ("[n, m].min()", {"n": 3}),
    "integer_bounds": ("n + 1", {"n": 9007199254740991}),
    "exact_decimals": ("d + 0.01", {"d": "9999999999999999.97"}),
    "half_even": ("n / m", {"n": 1, "m": 20_000_000_000}),
    "division_by_zero": ("n / m", {"n": 1, "m": 0}),
    "truncating_division": ("div(n, m)", {"n": -7, "m": 2}),
    "float_bounds": ("1e100 * 1e100", {}),
    "month_end": ("due + months(1)", {"due": "2026-01-31"}),
    "leap_birthday": ("age(born)", {"born": "2000-02-29"}),
    "date_bounds": ("due + days(1)", {"due": "9999-12-31"}),
    "real_dates": ("date(name)", {"name": "2026-02-30"}),
    "code_points": ("name < note", {"name": "a", "note": "B"}),
    "ascii_case": ("lower(name)", {"name": "ÄA"}),
    "index_bounds": ("[1, 2][n]", {"n": 7}),
}


def test_the_table_has_every_rule() -> None:
    """An entry for each rule of the dialect, and none besides."""
    assert set(NAIVE) == set(RULES) == set(SHOWN)


class Row:
    """Values of expressions over the one row of a database."""

    def __init__(self, database: Database, row: Values) -> None:
        self.database, self.row = database, row

    def value(self, tree: Node, off: frozenset[str] = frozenset()) -> Any:
        clause = to_sql(tree, Source(self.database, self.row), self.database.dialect, off)
        query = sa.select(sa.type_coerce(clause, self.database.storage.type(tree.type))).select_from(self.database.table)
        with self.database.connection.begin_nested():
            found = self.database.connection.execute(query).scalar_one()
        return self.database.storage.loaded(found, tree.type)


def test_a_rule_switched_off_changes_a_value(expressions_url: str) -> None:
    """With all rules the database agrees with Python; with any one of them off it does not, or fails the query."""
    wrong = []
    with opened(expressions_url) as database:
        for rule, (text, given) in SHOWN.items():
            row = values(given, now="2026-02-28T02:30:00+00:00")
            database.connection.execute(database.tasks.delete())
            database.connection.execute(database.table.delete())
            database.insert([row])
            tree = check(text, Clinic()).tree
            assert tree is not None
            wanted = to_python(tree)(row)
            if Row(database, row).value(tree) != wanted:
                wrong.append((rule, "on"))
            with contextlib.suppress(DBAPIError):  # a database that fails the query instead of giving null breaks the rule too
                if Row(database, row).value(tree, frozenset({rule})) == wanted:
                    wrong.append((rule, "off"))
    assert wrong == []


def test_a_rule_switched_off_leaves_other_nodes_alone(expressions_url: str) -> None:
    """What a rule is not about is written to the letter as ever: only one of them is about comparing a column with a value."""
    tree = check("n > 5", Clinic()).tree
    assert tree is not None
    with opened(expressions_url) as database:
        source = Source(database, values({}))
        ruled = str(to_sql(tree, source, database.dialect))
        changed = {rule for rule in RULES if str(to_sql(tree, source, database.dialect, frozenset({rule}))) != ruled}
    assert changed == {"compare_unknown"}
