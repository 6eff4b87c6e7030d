"""Decision tables and scores have the values that their pages say, on every back end.

1. Random tables over random rows with nulls: a reading of the rules one by one, as a person would, gives what Python, SQLite, PostgreSQL
   and the browser give for the tree.
2. The same for random scores.
3. A table whose rules were changed is seen by the comparison.
4. Arguments are typed, computed ones may stand in many cells, and what grows beyond the bounds is refused before it is made.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import pytest
import yaml

from engine.expressions import Node, check, to_python, walk
from engine.expressions.checker.inline import MAX_TREE, Inline
from engine.model import Model
from engine.problems import Code
from tests.builders import checked_of
from tests.engine.expressions.browser.jobs import Batch
from tests.engine.expressions.clinic import Clinic, Values, opened, values
from tests.engine.expressions.test_random import repr_of

TABLES = 60
ROWS = 8
Cell = tuple[object, Callable[[Any], bool]]

DAY = datetime.date(2026, 5, 1)
CELLS: dict[str, list[Cell]] = {
    "n": [
        (3, lambda x: x == 3), ("> 3", lambda x: x is not None and x > 3), ("<= 3", lambda x: x is not None and x <= 3),
        ("1..4", lambda x: x is not None and 1 <= x <= 4), ("(1..4)", lambda x: x is not None and 1 < x < 4),
        ("..2", lambda x: x is not None and x <= 2), ("2..", lambda x: x is not None and x >= 2),
        ("in [1, 5]", lambda x: x in (1, 5)), ("not in [1, 5]", lambda x: x is not None and x not in (1, 5)),
        ("1, 4, > 6", lambda x: x is not None and (x in (1, 4) or x > 6)), ([2, 5], lambda x: x in (2, 5)),
        ("null", lambda x: x is None), ("!= null", lambda x: x is not None), ("!= 3", lambda x: x is not None and x != 3),
        ("-", lambda x: True), ("null, < 2", lambda x: x is None or x < 2), ("3..5, 7", lambda x: x is not None and (3 <= x <= 5 or x == 7)),
    ],
    "flag": [(True, lambda x: x is True), (False, lambda x: x is False), ("null", lambda x: x is None), ("-", lambda x: True)],
    "name": [
        ("ann", lambda x: x == "ann"), ("'b, c'", lambda x: x == "b, c"), ("ann, bob", lambda x: x in ("ann", "bob")),
        ("> 'b'", lambda x: x is not None and x > "b"), ("-", lambda x: True), ("!= bob", lambda x: x is not None and x != "bob"),
    ],
    "due": [
        ("< date('2026-05-01')", lambda x: x is not None and x < DAY), ("-", lambda x: True),
        ("date('2026-05-01')..", lambda x: x is not None and x >= DAY),
    ],
}
TYPES = {"n": "integer", "flag": "boolean", "name": "text", "due": "date"}
HITS = ("unique", "any", "first", "priority", "collect sum", "collect min", "collect max", "collect count")


class WithTables(Clinic):
    """The small clinic, and the tables of a model."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def function(self, name: str) -> Inline | None:
        return self.model.function(name)


def compiled(files: Mapping[str, object]) -> WithTables:
    """A scope with the tables of definitions, which may have warnings."""
    made = checked_of({path: yaml.safe_dump(text, sort_keys=False) for path, text in files.items()}, base=False)
    assert made.model is not None, [str(problem) for problem in made.problems.errors]
    return WithTables(made.model)


def tree_of(scope: WithTables, text: str) -> Node:
    found = check(text, scope)
    assert found.tree is not None, (text, [str(error) for error in found.errors])
    return found.tree


def random_row(random: Random) -> Values:
    return values({
        "n": random.choice([None, *range(9)]), "flag": random.choice([None, True, False]),
        "name": random.choice([None, "ann", "bob", "b, c", "zoe"]), "due": random.choice([None, "2026-04-30", "2026-05-01", "2027-01-01"]),
        "m": random.choice([None, 1, 2]),
    })


# A table as a person reads it

Rule = tuple[dict[str, Cell], Any]


def random_rules(random: Random, hit: str) -> list[Rule]:
    """Rules with a cell for some of the inputs each; outputs are literals, null among them, or 'n' for the computed n + 1."""
    literals = hit in ("any", "priority", "collect min", "collect max")
    outputs: list[Any] = [1, 2, 3] + ([] if hit == "priority" else [None]) + ([] if literals else ["n"])
    rules = []
    for _ in range(random.randint(1, 6)):
        names = random.sample(list(CELLS), random.randint(0, 3))
        rules.append(({name: random.choice(CELLS[name]) for name in names}, random.choice(outputs)))
    return rules


def definition(hit: str, rules: Sequence[Rule], default: int | None) -> dict[str, object]:
    return {
        "name": "t", "hit": hit, "inputs": {name: {"type": kind} for name, kind in TYPES.items()},
        "outputs": {"o": {"type": "integer", **({"order": [3, 1, 2]} if hit == "priority" else {})}},
        "rules": {
            f"r{at}": {"when": {name: text for name, (text, _) in cells.items()}, "then": {"o": {"value": "n + 1"} if out == "n" else out}}
            for at, (cells, out) in enumerate(rules)
        },
        **({} if default is None else {"default": default}),
    }


def decided(hit: str, rules: Sequence[Rule], default: int | None, row: Values) -> Any:
    """What the table gives for a row, rule by rule."""
    found = []
    for cells, out in rules:
        if all(fits(row.get((name,))) for name, (_, fits) in cells.items()):
            n = row.get(("n",))
            found.append((None if n is None else n + 1) if out == "n" else out)
    if not found and (default is not None or hit not in ("collect sum", "collect count")):
        return default
    known = [out for out in found if out is not None]
    if hit == "unique":
        return found[0] if len(found) == 1 else None
    if hit == "any":
        return found[0] if len(set(found)) == 1 else None
    if hit == "first":
        return found[0]
    if hit == "priority":
        return min(found, key=[3, 1, 2].index)
    if hit == "collect sum":
        return sum(known)
    if hit == "collect count":
        return len(found)
    return (min if hit == "collect min" else max)(known, default=default)


def test_random_decision_tables(database_url: str) -> None:
    """Requirement 1."""
    random = Random(20261122)
    rows = [random_row(random) for _ in range(ROWS)]
    trees: list[tuple[str, Node, list[Any]]] = []
    for at in range(TABLES):
        hit = HITS[at % len(HITS)]
        rules, default = random_rules(random, hit), random.choice([None, 7])
        scope = compiled({"decisions/t.yaml": definition(hit, rules, default)})
        wanted = [decided(hit, rules, default, row) for row in rows]
        trees.append((f"{hit} {definition(hit, rules, default)}", tree_of(scope, "t(n, flag, name, due)"), wanted))
    assert differing(trees, rows, database_url) == []
    assert sum(value is not None for _, _, wanted in trees for value in wanted) > TABLES * ROWS / 4


def differing(trees: Sequence[tuple[str, Node, list[Any]]], rows: list[Values], database_url: str) -> list[Any]:
    """Where a back end gives another value than is wanted."""
    wrong: list[Any] = []
    batch = Batch()
    with opened(database_url) as database:
        database.insert(rows)
        for words, tree, wanted in trees:
            run, place = to_python(tree), batch.tree(tree)
            by_sql = [found for (found,) in database.select([tree], rows[0])]
            for row, want, sql in zip(rows, wanted, by_sql, strict=True):
                batch.job(place, batch.env(row))
                wrong.extend((where, words, row, got, want) for where, got in (("python", run(row)), (database.dialect, sql))
                             if repr_of(got) != repr_of(want))
    results = iter(batch.run().results)
    for words, tree, wanted in trees:
        for row, want in zip(rows, wanted, strict=True):
            got = next(results).value(tree.type)
            if repr_of(got) != repr_of(want):
                wrong.append(("browser", words, row, got, want))
    return wrong


def test_planted_fault(database_url: str) -> None:
    """Requirement 3: one bound of one cell moved by one is found."""
    rules: list[Rule] = [({"n": ("> 4", lambda x: x is not None and x > 3)}, 1)]
    scope = compiled({"decisions/t.yaml": definition("first", rules, 7)})
    rows = [values({"n": n}) for n in range(ROWS)]
    wanted = [decided("first", rules, 7, row) for row in rows]
    found = differing([("moved", tree_of(scope, "t(n, flag, name, due)"), wanted)], rows, database_url)
    assert {(where, got, want) for where, _, _, got, want in found} >= {("python", 7, 1), ("browser", 7, 1)}


# Scores

SCORE: dict[str, object] = {
    "name": "s",
    "inputs": {"n": {"type": "integer", "min": 0}, "flag": {"type": "boolean"}, "name": {"type": "text"}},
    "items": {
        "level": {"input": "n", "points": {"0": 0, "1..3": 1, "4..6": 2, "> 6": 3}},
        "flag": {"points": {"true": 4, "false": 0}},
        "named": {"if": "name == 'ann'", "points": -2},
    },
    "bands": {"low": "..0", "some": "1..4", "much": {"range": ">= 5"}},
}


def scored(missing: object, row: Values) -> tuple[int | None, str | None]:
    """Points and band, item by item."""
    n, flag, name = (row.get((key,)) for key in ("n", "flag", "name"))
    items = [
        None if n is None else 0 if n == 0 else 1 if n <= 3 else 2 if n <= 6 else 3,
        None if flag is None else 4 * flag,
        None if name is None else -2 * (name == "ann"),
    ]
    answered = sum(item is not None for item in items)
    least = len(items) if missing == "unknown" else missing["at_least"] if isinstance(missing, dict) else 0
    if answered < least:
        return None, None
    points = sum(item or 0 for item in items)
    return points, "low" if points <= 0 else "some" if points <= 4 else "much"


@pytest.mark.parametrize("missing", ["unknown", "zero", {"at_least": 2}], ids=str)
def test_scores(missing: object, database_url: str) -> None:
    """Requirement 2: points and band, for every combination of answers and missing ones."""
    scope = compiled({"scores/s.yaml": SCORE | {"missing": missing}})
    rows = [values({"n": n, "flag": flag, "name": name}) for n in (None, 0, 1, 3, 4, 7) for flag in (None, True, False)
            for name in (None, "ann", "bob")]
    wanted = [scored(missing, row) for row in rows]
    trees = [
        ("points", tree_of(scope, "s(n, flag, name)"), [points for points, _ in wanted]),
        ("band", tree_of(scope, "s(n, flag, name).band"), [band for _, band in wanted]),
    ]
    assert differing(trees, rows, database_url) == []
    assert {band for _, band in wanted} - {None} == {"low", "some", "much"}


@pytest.mark.parametrize("missing", ["unknown", {"at_least": 15}], ids=str)
def test_a_long_score(missing: object, database_url: str) -> None:
    """Requirement 2: twenty items with four answers each and four bands fit both databases, which bound how deep a clause nests."""
    points = {"0..1": 0, "2..3": 1, "4..5": 2, ">= 6": 3}
    items = {f"q{at}": {"input": "n" if at % 2 else "m", "points": dict(points)} for at in range(20)}
    shape = {"name": "s", "inputs": {"n": {"type": "integer", "min": 0}, "m": {"type": "integer", "min": 0}}, "missing": missing}
    scope = compiled({"scores/s.yaml": shape | {"items": items, "bands": {"low": "0..9", "some": "10..19", "much": "20..49", "most": "50.."}}})
    rows = [values({"n": n, "m": m}) for n in (None, 0, 3, 7) for m in (0, 5)]
    wanted = [None if row.get(("n",)) is None else sum(10 * min(row[key,] // 2, 3) for key in ("n", "m")) for row in rows]
    bands = [None if sum is None else "low" if sum < 10 else "some" if sum < 20 else "much" if sum < 50 else "most" for sum in wanted]
    trees: list[tuple[str, Node, list[Any]]] = [
        ("points", tree_of(scope, "s(n, m)"), wanted), ("band", tree_of(scope, "s(n, m).band"), list(bands))]
    assert differing(trees, rows, database_url) == []
    assert set(bands) == {None, "low", "much", "most", "some"}


@pytest.mark.parametrize("hit", ["first", "unique", "collect sum"])
def test_a_long_decision_table(hit: str, database_url: str) -> None:
    """Requirement 1: a hundred rules fit both databases, where rules are proved apart as well as where they are not."""
    rules: list[Rule] = [({"n": (f"{at}", lambda x, at=at: x == at)}, at % 3 + 1) for at in range(100)]  # type: ignore[misc]
    scope = compiled({"decisions/t.yaml": definition(hit, rules, 7)})
    rows = [values({"n": n}) for n in (None, -1, 0, 1, 50, 99, 100)]
    wanted = [decided(hit, rules, 7, row) for row in rows]
    assert differing([(hit, tree_of(scope, "t(n, flag, name, due)"), wanted)], rows, database_url) == []
    assert wanted == [7, 7, 1, 2, 3, 1, 7]


# Calls

SIMPLE = definition("first", [({"n": CELLS["n"][1]}, 1), ({"n": CELLS["n"][0]}, 2)], 7)


@pytest.mark.parametrize(("text", "row", "value"), [
    ("t(m + 2, flag, name, due)", {"m": 2}, 1),
    ("t(m + 1, flag, name, due)", {"m": 2}, 2),
    ("t(null, null, null, null)", {}, 7),
    ("t(n, true, 'a', today) + 1", {"n": 5}, 2),
    ("t(t(n, flag, name, due), flag, name, due)", {"n": 0}, 1),
    ("tasks.map(x, t(x.minutes, x.done, x.title, x.due))", {"tasks": [{"minutes": 9}, {"minutes": 3}, {}]}, (1, 2, 7)),
    ("t(n, flag, name, due).o", {"n": 9}, 1),
    ("[1, 9].exists(n, t(n, flag, name, due) == 1)", {}, True),
])
def test_arguments(text: str, row: Mapping[str, Any], value: object) -> None:
    """Requirement 4: computed arguments, nulls, calls within calls and within macros, where a variable may hide a field."""
    scope = compiled({"decisions/t.yaml": SIMPLE})
    assert to_python(tree_of(scope, text))(values(row)) == value


def test_an_argument_within_a_macro_of_the_table() -> None:
    """A table whose condition has a macro, called in a macro: the caller's variable is found further out."""
    table = {
        "name": "t", "inputs": {"n": {"type": "integer"}}, "outputs": {"o": {"type": "boolean"}}, "hit": "first",
        "rules": {"a": {"if": "[1, 2].exists(x, [x].all(y, y == n))", "then": True}}, "default": False,
    }
    scope = compiled({"decisions/t.yaml": table})
    assert to_python(tree_of(scope, "[1, 5].map(i, t(i))"))(values({})) == (True, False)


@pytest.mark.parametrize(("text", "code", "offset"), [
    ("t(name, flag, name, due)", Code.TABLE_017, 2),
    ("t(n, flag, name)", Code.EXPR_004, 0),
    ("1 + t(n, flag, name, due).p", Code.TABLE_003, 26),
    ("n.t(flag, name, due)", Code.EXPR_005, 2),
    ("t(n, flag, name, due, n)", Code.EXPR_004, 0),
    ("t(x, flag, name, due)", Code.EXPR_002, 2),
])
def test_wrong_calls(text: str, code: Code, offset: int) -> None:
    """Requirement 4: one problem, where it stands."""
    found = check(text, compiled({"decisions/t.yaml": SIMPLE}))
    assert [(error.code, error.offset) for error in found.errors] == [(code, offset)]


def test_growth_is_refused() -> None:
    """Requirement 4: calls within calls grow with each level; what is beyond the bound is refused without being made."""
    scope = compiled({"decisions/t.yaml": SIMPLE})
    text, sizes = "n", []
    for _ in range(12):
        text = f"t({text}, flag, name, due)"
        found = check(text, scope)
        sizes.append(0 if found.tree is None else sum(1 for _ in walk(found.tree)))
        if found.tree is None:
            assert {error.code for error in found.errors} == {Code.TABLE_020}
    assert sizes[0] > 0 and sizes[-1] == 0 and max(sizes) <= MAX_TREE


def test_tables_call_tables_within_the_bound() -> None:
    """A chain of tables, each calling the one before twice, is refused at the first that is too large."""
    shape = {"inputs": {"n": {"type": "integer"}}, "outputs": {"o": {"type": "integer"}}, "hit": "first"}
    files: dict[str, object] = {"decisions/t0.yaml": {"name": "t0", **shape, "rules": {"a": {"then": {"o": {"value": "n + 1"}}}}}}
    for at in range(1, 16):
        files[f"decisions/t{at}.yaml"] = {
            "name": f"t{at}", **shape,
            "rules": {"a": {"if": f"t{at - 1}(n) > 3", "then": {"o": {"value": f"t{at - 1}(n)"}}}}}
    made = checked_of({path: yaml.safe_dump(text, sort_keys=False) for path, text in files.items()}, base=False)
    found = [problem.code for problem in made.problems.errors]
    assert set(found) <= {Code.TABLE_011, Code.TABLE_020} and len(found) == 1
