"""SQL clauses: what cannot be translated is said beforehand, simple rules keep their indexes, authors' values are binds."""

from typing import Any

import pytest
import sqlalchemy as sa

from engine.expressions import Position, Untranslatable, check, sql_problem
from engine.expressions.tree import Node
from tests.engine.expressions.clinic import Clinic, opened, values


def tree_of(text: str) -> Node:
    tree = check(text, Clinic()).tree
    assert tree is not None
    return tree


@pytest.mark.parametrize(
    ("text", "construct", "offset"),
    [
        ("due == anchor", "'anchor'", 7),
        ("n > 1 && size(user.teams) > 0", "'user.teams' other than after 'in'", 14),
        ("user.roles.exists(r, r != name)", "'user.roles' other than after 'in'", 0),
        ('{"a": n}.a > 1', "a map", 0),
        ("n in {1: 2}", "a map", 5),
        ("[[n]] == [[1]]", "a list of list of integer", 0),
        ("size({1: n}) > 1", "a map", 5),
        ("string(n * 1e0) == name", "'string' of float", 0),
        ("timestamp(name) < now", "'timestamp' of text", 0),
        ("[1e0, 2e0].sum() > 1", "'sum' of floats", 11),
        ("n > 1 && [n * 1e0].avg() > 1", "'avg' of floats", 19),
    ],
)
def test_untranslatable_is_named(text: str, construct: str, offset: int, expressions_url: str) -> None:
    """sql_problem names the construct and its place, and to_sql raises the same."""
    tree = tree_of(text)
    problem = sql_problem(tree)
    assert problem is not None and (problem.construct, problem.offset, problem.code.code) == (
        construct,
        offset,
        "EXPR-011",
    )
    with opened(expressions_url) as database, pytest.raises(Untranslatable, match="EXPR-011|cannot be computed"):
        database.clause(tree, values({}))


INDEXED = [
    ("n == 5", "n"),
    ("d >= 18", "d"),
    ("d in [0.5, 2]", "d"),
    ("due < today", "due"),
    ("due <= today - months(6)", "due"),
    ("assignee == user.id", "assignee"),
    ("clinic_id in user.clinics", "clinic_id"),
    ("name.startsWith('张')", "name"),
    ("status in ['planned', 'finished'] && flag", "status"),
    ("seen > now - hours(24)", "seen"),
]


@pytest.mark.parametrize(("text", "column"), INDEXED)
def test_simple_rules_use_an_index(text: str, column: str, expressions_url: str) -> None:
    """The plan of a rule that compares one bare column searches that column's index."""
    with opened(expressions_url) as database:
        place = database.columns[column,]
        sa.Index("by_column", place).create(database.connection)
        query = sa.select(database.table.c.place).where(
            Position.ROW_RULE.where_sql(database.clause(tree_of(text), values({})))
        )
        assert "by_column" in plan(database.connection, query)


def plan(connection: sa.Connection, query: sa.Select[Any]) -> str:
    on_sqlite = connection.dialect.name == "sqlite"
    if not on_sqlite:
        connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
    compiled = query.compile(connection, compile_kwargs={"render_postcompile": True})
    prefix = "EXPLAIN QUERY PLAN " if on_sqlite else "EXPLAIN "
    positional = (
        tuple(compiled.params[name] for name in compiled.positiontup) if compiled.positional else dict(compiled.params)
    )
    return "\n".join(str(row) for row in connection.exec_driver_sql(prefix + str(compiled), positional))


@pytest.mark.parametrize(
    "text",
    [
        "name == '''x' OR 1=1 --'''",
        'name.contains("\'); DROP TABLE rows")',
        "n == 424242",
        "status == 'finished'",
        "name.matches('x{2}y')",
    ],
)
def test_values_of_authors_are_bind_parameters(text: str, expressions_url: str) -> None:
    """No literal of an expression stands in the text of the statement."""
    with opened(expressions_url) as database:
        statement = str(sa.select(database.clause(tree_of(text), values({}))).compile(database.connection))
    assert not any(part in statement for part in ("OR 1=1", "DROP", "424242", "'done'", "x{2}"))


@pytest.mark.parametrize("position", list(Position))
def test_positions_settle_unknown_alike(position: Position, expressions_url: str) -> None:
    """Unknown means in SQL what it means in Python, and a settled condition is never null but for a formula."""
    with opened(expressions_url) as database:
        database.insert([values({}), values({"n": 1}), values({"n": 9})])
        clause = position.settle_sql(database.clause(tree_of("n > 5"), values({})))
        found = [value for (value,) in database.connection.execute(sa.select(clause).order_by(database.table.c.place))]
    assert found == [position.settle(None), False, True] and found[0] is position.unknown


@pytest.mark.parametrize(
    ("position", "unknown"),
    [
        (Position.GRANT, False),
        (Position.FILTER, False),
        (Position.GUARD, False),
        (Position.DENIAL, True),
        (Position.MASK, True),
        (Position.HIDE, True),
        (Position.VALIDATION, True),
        (Position.READ_ONLY, True),
        (Position.FORMULA, None),
    ],
)
def test_unknown_is_on_the_safe_side(position: Position, unknown: bool | None) -> None:
    """The table of the language reference."""
    assert position.settle(None) is unknown and position.settle(True) is True and position.settle(False) is False


NESTS = [
    "({} + d)",
    "(d + {})",
    "(d / {})",
    "max({}, 1)",
    "max(1, {})",
    "(-{})",
    "(flag ? {} : 1)",
    "(flag ? 1 : {})",
    "({} ?? 1)",
    "(1 ?? {})",
    "({} > 1 ? 1 : 2)",
    "abs({} * e)",
    "size(string({}))",
    "div(size(string({})), 2)",
    "age(due + days(size(string({}))))",
    "({} in [1, 2] ? 1 : 2)",
    "(1 in [2, {}] ? 1 : 2)",
    "(!({} == null) ? 1 : 2)",
    "(flag && other && {} > 1 ? 1 : 2)",
    "days_between(today, due + months(size(string({}))))",
    "[{}, d].sum()",
    "[d].map(x, {}).sum()",
    "[{}, e].max()",
    "[{}].avg()",
    "[1, 2][size(string({}))]",
    "[d, {}].filter(x, x > 1).count()",
    "[d].filter(x, x > {}).count()",
    "([{}] == [d] ? 1 : 2)",
    "size([{}] + [d])",
    "([d].exists(x, x > {}) ? 1 : 2)",
    "([d].all(x, x > {}) ? 1 : 2)",
    "([d].exists_one(x, x > {}) ? 1 : 2)",
    "(flag ? [{}] : [d]).min()",
    "({} in [d].map(x, x) ? 1 : 2)",
    "(d in [{}].map(x, x) ? 1 : 2)",
    "(tags.exists(t, {} > 1) ? 1 : 2)",
    "[d].map(x, [x].map(y, {}).sum()).sum()",
    "((flag ? [d, 2] : [d]).exists(x, {} > 1) ? 1 : 2)",
    "((flag ? [d, 2] : [d]).all(x, {} > 1) ? 1 : 2)",
    "((flag ? [d, 2] : [d]).exists_one(x, {} > 1) ? 1 : 2)",
    "([d, e].exists_one(x, [d].exists_one(y, {} > x)) ? 1 : 2)",
    "(flag ? [d, 2] : [d]).count(x, {} > 1)",
    "(flag ? [d, 2] : [d]).max(x, {})",
    "(flag ? [d, 2] : [d]).filter(x, {} > 1).avg()",
    "(([d, 2] + [d]).exists_one(x, {} > 1) ? 1 : 2)",
]


@pytest.mark.parametrize("nest", NESTS)
def test_depth_that_is_translated_runs(nest: str, expressions_url: str) -> None:
    """The deepest expression of each form that sql_problem lets through runs, also within a statement of some depth;
    the statement grows in step with the text, because every operand is named once."""
    text, deepest = "d", "d"
    while (tree := check(text, Clinic()).tree) is not None and sql_problem(tree) is None:
        text, deepest = nest.format(text), text
    with opened(expressions_url) as database:
        database.insert([values({"d": 1, "flag": True})])
        clause = database.clause(tree_of(deepest), values({}))
        inner = sa.select(database.table.c.place).where(
            sa.or_(sa.and_(database.table.c.place > 5, clause.is_(None)), clause.is_not(None))
        )
        statement = sa.select(sa.func.count()).where(sa.literal(0).in_(inner.union_all(inner)))
        assert len(str(statement.compile(database.connection))) < 1_000 + 8 * 60 * len(deepest)
        assert database.connection.execute(statement).scalar_one() in (0, 1)
        assert len(database.select([tree_of(deepest)], values({}))) == 1


def test_sum_of_ten_fields_is_translated() -> None:
    """A score adds up many fields: that is not deep."""
    assert sql_problem(tree_of(" + ".join(["n", "m"] * 5) + " >= 10")) is None
