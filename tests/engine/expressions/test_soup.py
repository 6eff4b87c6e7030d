"""Texts put together at random from all forms of the language: whatever comes out, nothing raises.

The writer of random_trees.py writes what is well typed; this one does not care, so that it meets the odd pairs: a map by a map, a macro
over a number, a method of a list.
"""

from random import Random

from engine.expressions import check, refs, rows_read, sql_problem, to_python
from engine.expressions.functions import NAMES
from engine.expressions.python.trace import trace
from tests.engine.expressions.clinic import Clinic, values

TEXTS = 4_000
LEAVES = [
    "n", "m", "d", "flag", "name", "due", "seen", "opens", "status", "tags", "tasks", "patient.tasks", "user.roles", "t", "x", "t.minutes", "x.title",
    "[1, 2]", "[]", "[null]", "[[1], []]", "{'a': 1}", "{}", "'a'", "1", "1.5", "1e0", "null", "true",
]
SIGNS = ["+", "-", "*", "/", "%", "==", "!=", "<", "in", "&&", "||", "??"]
MACROS = ["map", "filter", "exists", "all", "exists_one", "count", "sum", "min", "max", "avg"]
ROWS = [
    values({}),
    values({
        "n": 3, "m": 0, "d": "1.5", "flag": True, "name": "ab", "due": "2026-11-22", "seen": "2026-11-22T08:00:00+00:00", "opens": "09:30",
        "status": "due", "tags": ["vip"], "tasks": [{"minutes": 1, "title": "a"}, {}],
    }),
]


def soup(random: Random, depth: int) -> str:
    """A text of some form, of parts of any form."""
    if depth == 0:
        return random.choice(LEAVES)

    def part() -> str:
        return soup(random, depth - 1)

    forms = [
        lambda: f"({part()} {random.choice(SIGNS)} {part()})",
        lambda: f"{part()}.{random.choice(MACROS)}({random.choice('tx')}, {part()})",
        lambda: f"{part()}.map({random.choice('tx')}, {part()}, {part()})",
        lambda: f"{part()}.{random.choice([*MACROS[5:], 'size', 'join', 'trim'])}()",
        lambda: f"{part()}[{part()}]",
        lambda: f"[{part()}, {part()}]",
        lambda: f"{{'a': {part()}, 'b': {part()}}}",
        lambda: f"({part()} ? {part()} : {part()})",
        lambda: f"{random.choice(NAMES)}({part()})",
        lambda: f"{part()}.{random.choice(NAMES)}({part()})",
        lambda: f"{part()}.{random.choice(['a', 'name', 'id', 'minutes'])}",
        lambda: f"{random.choice('!-')}{part()}",
    ]
    return random.choice(forms)()


def test_nothing_raises() -> None:
    """Each text is checked; what checks is run on two rows and traced, and the trace has the same value."""
    random, whole = Random(11), 0
    for _ in range(TEXTS):
        text = soup(random, random.randint(1, 3))
        checked = check(text, Clinic())
        assert (checked.tree is None) == bool(checked.errors) and all(map(str, checked.errors))
        if checked.tree is None:
            continue
        whole += 1
        run = to_python(checked.tree)
        assert set(rows_read(checked.tree)) <= refs(checked.tree) and (sql_problem(checked.tree) or True)
        for row in ROWS:
            assert repr(trace(checked.tree, text, row).value) == repr(run(row))
    assert whole > TEXTS / 50
