"""Lists of readers whose grants are joined by OR: the same rows in the same order as any other list, each once, from the rules' indexes.

1. All pages, forwards and backwards, hold the rows that some grant reaches and no denial takes away.
2. Every branch is read from an index of its own, not by a walk along the whole order.
3. Filters, links and counts narrow all branches alike.
"""

import dataclasses
import itertools

import sqlalchemy as sa

from runtime.identity.actor import Actor
from runtime.records.query import ListQuery
from tests.runtime.records.test_lists import expected, steps, tasks
from tests.runtime.records.world import NORTH, World, person

__all__ = ["tasks"]


def both() -> Actor:
    """A reader with three rules: her own tasks (s1, s3, s5), those of rank 1 (s0, s5, s6), and s2; s6 is denied."""
    return person(("caller", NORTH), ("ranker", NORTH))


HERS = {"s0", "s1", "s2", "s3", "s5"}


def test_pages_hold_what_some_grant_reaches(tasks: World) -> None:
    """Requirement 1, for orders with ties and gaps and every size of page."""
    for sort, limit in itertools.product(("", "due", "-due", "rank,-due", "-rank,due"), (1, 2, 3, 50)):
        wanted = [step for step in expected(sort) if step in HERS]
        assert steps(tasks, limit, sort, both()) == (wanted, wanted), (sort, limit)


def test_every_branch_has_its_index(tasks: World) -> None:
    """Requirement 2."""
    with tasks.store.read() as connection:
        dialect = connection.dialect.name
        text, binds = _statement(tasks, connection)
        if dialect == "postgresql":
            for kind in ("seqscan", "bitmapscan"):
                connection.exec_driver_sql(f"SET LOCAL enable_{kind} = off")
        explain = "EXPLAIN QUERY PLAN " if dialect == "sqlite" else "EXPLAIN "
        seen = [str(row) for row in connection.exec_driver_sql(explain + text, binds).all()]
    table = tasks.release.tables.object("task")
    for column in ("assignee", "rank"):
        index = next(name for name, spec in table.indexes.items() if [c.name for c in spec.columns] == [table.column(column).name, "id"])
        assert any(index in line for line in seen), (index, seen)


def _statement(world: World, connection: sa.Connection) -> tuple[str, object]:
    """What the list asks, as it leaves for the driver."""
    caught: list[tuple[str, object]] = []

    def take(conn: object, cursor: object, statement: str, parameters: object, context: object, many: bool) -> None:
        caught.append((statement, parameters))

    engine = connection.engine
    sa.event.listen(engine, "before_cursor_execute", take)
    try:
        world.records.list(ListQuery(object="task", fields=("step",), limit=2), both())
    finally:
        sa.event.remove(engine, "before_cursor_execute", take)
    return next(one for one in caught if "UNION ALL" in one[0])


def test_filters_links_and_counts(tasks: World) -> None:
    """Requirement 3."""
    query = ListQuery(object="task", fields=("step",), sort="due", count=True)

    def found(**more: object) -> tuple[set[str], int | None]:
        page = tasks.records.list(dataclasses.replace(query, **more), both())  # type: ignore[arg-type]
        return {str(row.values[0]) for row in page.rows}, page.count

    assert found() == (HERS, 5)
    assert found(filter="rank == 1") == ({"s0", "s5"}, 2)
    ids = tuple(row.id for row in tasks.records.list(query, tasks.system).rows)
    assert found(ids=ids) == (HERS, 5)
    exported = tasks.records.export(query, both())
    assert [row.values[0] for page in exported for row in page.rows] == ["s2", "s5", "s0"]
