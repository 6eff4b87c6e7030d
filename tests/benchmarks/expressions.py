"""`python -m tests.benchmarks.expressions`: a condition as a closure against a function by hand and against cel-python, and as a clause."""

import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from operator import itemgetter
from typing import Any

import celpy
import sqlalchemy as sa

from engine.expressions import check, to_python, to_sql
from engine.expressions.tree import Node
from engine.expressions.types import INT, TEXT, DecimalOf, ListOf, Type

__all__ = ["CONDITION", "Risk", "by_hand", "main", "report"]

CONDITION = 'age >= 18 && status in ["planned", "due", "late"] && (risk > 0.7 || tags.exists(t, t == "vip"))'
FIELDS: dict[str, Type] = {"age": INT, "status": TEXT, "risk": DecimalOf(2), "tags": ListOf(TEXT)}
ROWS: list[dict[str, Any]] = [
    {"age": 40, "status": "due", "risk": Decimal("0.50"), "tags": ("new", "vip")},
    {"age": 40, "status": "due", "risk": Decimal("0.90"), "tags": None},
    {"age": 40, "status": "due", "risk": Decimal("0.10"), "tags": ("new", "quiet")},
    {"age": 12, "status": "due", "risk": Decimal("0.90"), "tags": ("vip",)},
    {"age": None, "status": "due", "risk": None, "tags": None},
]
MICROSECONDS, OF_BY_HAND, OF_CEL, CLAUSE = 2.0, 8.0, 50.0, 200.0


class Risk:
    """The scope: four fields."""

    def root(self, name: str) -> Type | None:
        return FIELDS.get(name)

    def member(self, owner: Type, name: str) -> Type | None:
        return None

    def names(self, owner: Type | None) -> list[str]:
        return list(FIELDS)

    def __getattr__(self, name: str) -> Any:
        """What a scope may have besides is not here."""
        raise AttributeError(name)


class Table:
    """The columns of a table with these fields."""

    table = sa.table("t", *(sa.column(name) for name in FIELDS))

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]:
        return self.table.c[path[0]]

    def bind(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]:
        return sa.bindparam(".".join(path))


def by_hand(row: dict[str, Any]) -> bool | None:
    """What a good programmer writes: the same meaning, unknown included."""
    age, status, risk, tags = row["age"], row["status"], row["risk"], row["tags"]
    adult = None if age is None else age >= 18
    if adult is False:
        return False
    active = None if status is None else status in _STATES
    if active is False:
        return False
    high = None if risk is None else risk > _HIGH
    if not high:
        vip = None if tags is None else "vip" in tags
        high = True if vip else None if high is None or vip is None else False
    if high is False:
        return False
    return True if adult and active and high else None


_STATES = frozenset({"planned", "due", "late"})
_HIGH = Decimal("0.7")


def tree() -> Node:
    """The checked condition."""
    checked = check(CONDITION, Risk())
    assert checked.tree is not None, [str(error) for error in checked.errors]
    return checked.tree


def closure() -> Callable[[Any], Any]:
    """The condition as the product runs it over a row in memory."""
    return to_python(tree(), lambda path: itemgetter(path[0]))


def cel() -> Callable[[int], Any]:
    """The condition by cel-python, over the rows prepared for it; it takes the place of a row."""
    environment = celpy.Environment()
    program = environment.program(environment.compile(CONDITION))
    rows = [celpy.json_to_cel({k: float(v) if isinstance(v, Decimal) else v for k, v in row.items()}) for row in ROWS]
    return lambda place: program.evaluate(rows[place])  # type: ignore[arg-type]


def _each(work: Callable[[Any], Any], given: list[Any], times: int) -> float:
    """Microseconds of one call, the median of 7 runs over all that is given."""
    found = []
    for _ in range(7):
        start = time.process_time()
        for _ in range(times):
            for one in given:
                work(one)
        found.append((time.process_time() - start) / times / len(given) * 1e6)
    return statistics.median(found)


def report() -> tuple[list[str], list[str]]:
    """Lines to print, and those of them that are not as wanted."""
    run = closure()
    for row in ROWS:
        if run(row) is not by_hand(row):
            raise RuntimeError(f"the closure and the function by hand disagree about {row}")
    ours, hand, theirs = _each(run, ROWS, 2000), _each(by_hand, ROWS, 2000), _each(cel(), [0, 2, 3], 10)
    parsed = tree()
    lines = [
        (ours <= max(MICROSECONDS, OF_BY_HAND * hand),
         f"condition: {ours:.2f} µs compiled, {hand:.2f} by hand ({ours / hand:.1f} ×), {theirs:.0f} by cel-python ({theirs / ours:.0f} ×)"),
        (theirs >= OF_CEL * ours, f"condition: {theirs / ours:.0f} × faster than cel-python"),
    ]
    for dialect in ("sqlite", "postgresql"):
        spent = _each(lambda name: to_sql(parsed, Table(), name), [dialect], 200)
        lines.append((spent <= CLAUSE, f"condition: its clause for {dialect} is built in {spent:.0f} µs"))
    return [text for _, text in lines], [text for held, text in lines if not held]


def main() -> None:
    """Print the figures."""
    lines, missed = report()
    for line in lines:
        print(line)
    for line in missed:
        print(f"not reached: {line}")


if __name__ == "__main__":
    main()
