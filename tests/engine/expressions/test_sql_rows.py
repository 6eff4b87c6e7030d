"""Child rows and lists in SQL statements: subqueries that find their rows by an index, and stand in a statement as any column does."""

from typing import Any

import pytest
import sqlalchemy as sa

from engine.expressions import Untranslatable, check, sql_problem, to_python, to_sql
from engine.expressions.tree import Node
from tests.engine.expressions.clinic import Clinic, Database, Source, Tasks, Values, opened, values
from tests.engine.expressions.test_sql import plan

DONE, OPEN, UNSAID = {"done": True, "minutes": 5}, {"done": False, "minutes": 7}, {"minutes": 9}
FAMILIES = [[], [DONE], [OPEN], [UNSAID], [DONE, OPEN], [OPEN, UNSAID], [DONE, UNSAID], [DONE, OPEN, UNSAID]]


def tree_of(text: str) -> Node:
    tree = check(text, Clinic()).tree
    assert tree is not None
    return tree


def where(database: Database, text: str) -> sa.Select[Any]:
    clause = to_sql(tree_of(text), Source(database, values({})), database.dialect, where=True)
    return sa.select(database.table.c.place).where(clause).order_by(database.table.c.place)


CONDITIONS = [
    "tasks.exists(t, t.done)",
    "tasks.all(t, t.done)",
    "!tasks.exists(t, t.done)",
    "!tasks.all(t, t.done)",
    "!(tasks.exists(t, t.done) && tasks.all(t, t.minutes < 8))",
    "!(tasks.exists(t, t.done) || flag)",
    "tasks.exists(t, !t.done) || tasks.count() == 0",
    "tasks.filter(t, t.minutes > 5).exists(t, t.done)",
    "tasks.filter(t, t.minutes > 5).all(t, !t.done)",
    "tasks.exists_one(t, t.done)",
    "tasks.exists(t, t.done) == null",
]


@pytest.mark.parametrize("text", CONDITIONS)
def test_where_keeps_the_rows_for_which_the_condition_is_true(text: str, expressions_url: str) -> None:
    """Neither false nor unknown, whatever the condition is made of."""
    rows = [values({"tasks": family, "flag": flag}) for family in FAMILIES for flag in (None, False)]
    run = to_python(tree_of(text))
    with opened(expressions_url) as database:
        database.insert(rows)
        found = database.connection.execute(where(database, text)).scalars().all()
    assert found == [place for place, row in enumerate(rows) if run(row) is True]


@pytest.mark.parametrize("text", ["tasks.exists(t, t.done)", "tasks.all(t, t.done)", "!tasks.exists(t, t.minutes > 3)"])
def test_conditions_over_rows_end_at_the_first_row(text: str, expressions_url: str) -> None:
    """In WHERE they are EXISTS, with nothing to count or to add up."""
    with opened(expressions_url) as database:
        statement = str(where(database, text).compile(database.connection))
    assert "EXISTS (SELECT 1" in statement and "max(" not in statement and "min(" not in statement


@pytest.mark.parametrize(
    "text",
    ["tasks.exists(t, t.done)", "tasks.all(t, t.done)", "tasks.count() > 1", "tasks.sum(t, t.minutes) > 5", "size(tasks.map(t, t.cost)) > 1"],
)
def test_the_index_of_the_link_serves(text: str, expressions_url: str) -> None:
    """The planner finds the children of a row by the index on their link."""
    with opened(expressions_url) as database:
        sa.Index("by_owner", database.tasks.c.owner).create(database.connection)
        assert "by_owner" in plan(database.connection, where(database, text))


class _ByTitle(Source):
    """Children that belong to the row of their title: a link is a text in the runtime."""

    def rows(self, path: tuple[str, ...]) -> Tasks:
        found = super().rows(path)
        found.condition = found.clause.c.title == self.database.columns["name",]
        return found


@pytest.mark.parametrize("first", ["by_title", "by_status"])
def test_sqlite_prefers_the_link_to_any_other_index(first: str) -> None:
    """Also where it has counted no rows and the condition names a column with an index of its own, whichever index was there first."""
    with opened("sqlite://") as database:
        tasks = database.tasks.c
        indexes = {"by_title": sa.Index("by_title", tasks.title), "by_status": sa.Index("by_status", tasks.status)}
        for name in sorted(indexes, key=lambda each: each != first):
            indexes[name].create(database.connection)
        condition = to_sql(tree_of("tasks.exists(t, t.status == 'due')"), _ByTitle(database, values({})), database.dialect, where=True)
        found = plan(database.connection, sa.select(database.table.c.place).where(condition))
        assert "by_title" in found and "by_status" not in found


def test_the_table_of_children_stays_within(expressions_url: str) -> None:
    """A statement over rows does not name the children's table beside the rows', and two mentions do not meet."""
    with opened(expressions_url) as database:
        database.insert([values({"tasks": [DONE, OPEN]}), values({"tasks": [UNSAID]})])
        clause = database.clause(tree_of("tasks.count() * 10 + tasks.filter(t, t.done).count()"), values({}))
        query = sa.select(database.table.c.place, clause.label("x"))
        assert [each.name for each in query.get_final_froms()] == ["rows"]
        inner = query.subquery()
        outer = sa.select(inner.c.x + 1).order_by(inner.c.place)
        assert database.connection.execute(outer).scalars().all() == [22, 11]


class _Ruled(Source):
    """Children that count by a rule of access, which is a SELECT about them."""

    def rows(self, path: tuple[str, ...]) -> Tasks:
        found = super().rows(path)
        staff = sa.select(sa.literal("a" * 32).label("id")).subquery()
        found.condition = sa.and_(found.condition, sa.exists(sa.select(staff.c.id).where(staff.c.id == found.clause.c.assignee)))
        return found


def test_rules_of_access_within_refer_to_the_child(expressions_url: str) -> None:
    """A SELECT in the condition of child rows means their row, and does not bring another copy of the table."""
    rows = [values({"tasks": [{"assignee": "a" * 32}, {"assignee": "b" * 32}]}), values({"tasks": [{"assignee": "b" * 32}]})]
    with opened(expressions_url) as database:
        database.insert(rows)
        clause = to_sql(tree_of("tasks.count()"), _Ruled(database, values({})), database.dialect)
        query = sa.select(clause).select_from(database.table).order_by(database.table.c.place)
        assert database.connection.execute(query).scalars().all() == [1, 0]


class _Childless:
    def __init__(self, source: Source) -> None:
        self.column, self.bind = source.column, source.bind


def test_a_source_without_children_refuses_them(expressions_url: str) -> None:
    """The construct is named, no statement is made."""
    with opened(expressions_url) as database, pytest.raises(Untranslatable) as refused:
        to_sql(tree_of("flag && tasks.count() > 1"), _Childless(Source(database, values({}))), database.dialect)
    assert refused.value.construct == "'tasks'"


def test_statements_of_one_form_share_their_compilation_not_their_values(expressions_url: str) -> None:
    """SQLAlchemy's cache knows the element by its text and takes the binds of each."""
    with opened(expressions_url) as database:
        database.insert([values({"n": 3, "tags": ["vip"]}), values({"n": 7, "tags": ["new"]})])
        found = [database.select([tree_of(text)], values({})) for text in ("n > 1", "n > 5", "n > 9", "tags[0] == 'vip'", "tags[0] == 'new'")]
        keys = {sa.select(database.clause(tree_of(text), values({})))._generate_cache_key().key for text in ("n > 1", "n > 5")}
    assert found == [[(True,), (True,)], [(False,), (True,)], [(False,), (False,)], [(True,), (False,)], [(False,), (False,)]]
    assert len(keys) == 1


LISTS: list[tuple[str, Values, Any]] = [
    ("[d, e, null]", values({"d": "0.10", "e": "2.5"}), "decimals"),
    ("[born, due]", values({"born": "2000-02-29"}), "dates"),
    ("[flag, other]", values({"flag": True, "other": False}), "booleans"),
    ("[n * 0.1e0, 2.5e0]", values({"n": 3}), "floats"),
    ("[seen]", values({"seen": "2026-11-22T02:30:00.000001+00:00"}), "instants"),
    ("[opens]", values({"opens": "12:30:00"}), "times"),
    ("[due - born, days(2)]", values({"due": "2026-11-22", "born": "2026-11-20"}), "durations"),
    ("[name, 'a\"b']", values({"name": "王\\芳"}), "texts"),
]


@pytest.mark.parametrize(("text", "row", "what"), LISTS, ids=[each[2] for each in LISTS])
def test_items_of_lists_keep_their_kind(text: str, row: Values, what: str, expressions_url: str) -> None:
    """A list that a statement gives has the items that Python computes, to the last digit."""
    tree = tree_of(text)
    with opened(expressions_url) as database:
        database.insert([row])
        [(found,)] = database.select([tree], row)
    wanted = to_python(tree)(row)
    assert found == wanted and [type(each) for each in found] == [type(each) for each in wanted], what


class _Formulas(Source):
    """A row whose name is a formula, as a source of the runtime gives it: a whole clause."""

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]:
        if path == ("note",):
            return to_sql(tree_of("name + name.trim()"), self, self.database.dialect)
        return super().column(path)


@pytest.mark.parametrize("text", ["note.startsWith('ab')", "note.contains('b')", "note < 'b'"])
def test_a_formula_stands_in_a_clause_once(text: str, expressions_url: str) -> None:
    """Formulas of formulas would double the statement at each step otherwise."""
    with opened(expressions_url) as database:
        database.insert([values({"name": "ab"}), values({"name": "b"}), values({})])
        clause = to_sql(tree_of(text), _Formulas(database, values({})), database.dialect)
        assert str(sa.select(clause).compile(database.connection)).count("trim(") == 1
        found = database.connection.execute(sa.select(clause).order_by(database.table.c.place)).scalars().all()
    assert found == [True, text.endswith("('b')"), None]


class _Bracketed(Source):
    """Children under a rule of access that is twenty brackets deep."""

    def rows(self, path: tuple[str, ...]) -> Tasks:
        found = super().rows(path)
        found.condition = sa.and_(found.condition, sa.literal_column("(" * 20 + "1 = 1" + ")" * 20))
        return found


@pytest.mark.parametrize("nest", ["({} + 1)", "(flag ? 1 : {})", "div({}, 2)", "(1 in [2, {}] ? 1 : 2)"])
def test_rules_of_access_fit_into_the_deepest_expression(nest: str, expressions_url: str) -> None:
    """What sql_problem lets through leaves SQLite's parser room for the rights within, and for a statement around."""
    for seed in ("tasks.sum(t, t.minutes)", "tasks.map(t, t.minutes).sum()", "tasks.filter(t, t.done).count()"):
        text = deepest = seed
        while (tree := check(text, Clinic()).tree) is not None and sql_problem(tree) is None:
            text, deepest = nest.format(text), text
        with opened(expressions_url) as database:
            database.insert([values({"flag": True, "tasks": [DONE]})])
            clause = to_sql(tree_of(deepest), _Bracketed(database, values({})), database.dialect)
            inner = sa.select(database.table.c.place).where(sa.or_(clause.is_(None), sa.and_(clause.is_not(None), clause > -5)))
            assert database.connection.execute(sa.select(sa.func.count()).where(sa.literal(0).in_(inner))).scalar_one() == 1


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("d in [n, e / 3]", False),
        ("d in [1000000000000000, 0.0000000001]", False),
        ("d in [n, e / 3, 1000000000000000.05]", True),
        ("n in [d, e / 3, 1000000000000000]", True),
        ("n in [2, 0.5]", False),
    ],
)
def test_numbers_of_many_places_are_compared_exactly(text: str, wanted: bool, expressions_url: str) -> None:
    """Also where all of them leave the 64 bits that SQLite holds, once they are brought to the places of the finest."""
    row = values({"d": "1000000000000000.05", "n": 1_000_000_000_000_000, "e": "1"})
    with opened(expressions_url) as database:
        database.insert([row])
        assert to_python(tree_of(text))(row) is wanted and database.select([tree_of(text)], row) == [(wanted,)]
