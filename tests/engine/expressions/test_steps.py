"""The budget of steps: what grows is refused when it is checked, what is allowed is done soon and stays small."""

import threading
from operator import itemgetter
from typing import Any

import pytest

from engine.expressions import check, to_python
from engine.expressions.checker.steps import steps
from engine.expressions.limits import MAX_STEPS
from engine.expressions.types import DATE
from tests.engine.expressions.clinic import Clinic, values
from tests.spent import quick

TEN = str(list(range(10)))
HUNDRED = str(list(range(100)))
LONG = "x" * 20_000
GROWTH = [
    "[name]" + ".map(a, a + a)" * 16,
    "[[1]]" + ".map(a, a + a)" * 17,
    "[[1]]" + ".map(a, [a, a])" * 17,
    "{'a': name}" + ".map(a, a + a)" * 17,
    "[name]" + ".map(a, [a, a].join(a))" * 12,
    "['a'].map(a, [" + ", ".join(["a"] * 20) + "].join(a))" + ".map(a, [a, a, a, a].join(a))" * 12,
    "name" + ".replace('a', '0123456789')" * 8,
    "name.replace('x', '" + "y" * 2_000 + "')",
    f"{TEN}.all(a, {TEN}.all(b, {TEN}.all(c, {TEN}.all(d, {TEN}.all(e, a + b + c + d + e > 0)))))",
    f"{HUNDRED}.map(a, {HUNDRED}.map(b, {HUNDRED}.filter(c, c > a)))",
    "user.roles.all(a, user.roles.all(b, user.roles.all(c, a == b)))",
    "tasks.exists(t, tags.exists(x, tags.exists(y, x == y)))",
    "tasks.map(t, tasks.map(u, 1))",
    "[[[name]]].map(a, a[0][0] + a[0][0])" + ".map(a, a + a)" * 16,
    "(flag ? [name] : [note])" + ".map(a, (flag ? a : a) + a)" * 16,
]
ALLOWED = [
    f"{HUNDRED}.map(x, x + 1).map(y, y * 2).filter(z, z > 3).sum()",
    f"{TEN}.all(a, {TEN}.all(b, {TEN}.all(c, [1, 2, 3].all(d, a + b + c + d >= 0))))",
    "user.roles.map(r, name + r)",
    "tags.exists(x, tasks.exists(t, x in t.tags))",
    "tasks.filter(t, t.done).map(t, t.title).join(', ')",
    "[name]" + ".map(a, a + a)" * 7,
    "name.replace('a', 'bb').replace('b', 'aa')",
    "[[1]]" + ".map(a, a + a)" * 12,
]


@pytest.mark.parametrize("text", GROWTH, ids=lambda text: text[:40])
def test_growth_is_refused(text: str) -> None:
    """Macros within macros multiply, and lists and texts that double do so too."""
    checked = check(text, Clinic())
    assert {error.code.code for error in checked.errors} & {"EXPR-017", "EXPR-018"}


@pytest.mark.parametrize("text", ALLOWED, ids=lambda text: text[:40])
def test_what_is_allowed_is_done_soon(text: str) -> None:
    """Within the budget an expression takes less than 50 ms of a thread, with long texts as well, and gives no more than 40 MB."""
    tree = check(text, Clinic()).tree
    assert tree is not None and steps(tree) <= MAX_STEPS
    row = values({"name": LONG, "note": LONG, "flag": True, "tasks": [{"title": "a", "done": True, "tags": ["vip"]}] * 64})
    row["user", "roles"] = ("nurse",) * 64
    row["tags",] = ("vip",) * 64
    run = to_python(tree)
    assert weight(quick(lambda: run(row), below=0.05)) < 40_000_000


def weight(value: Any) -> int:
    return sum(map(weight, value)) if isinstance(value, tuple) else len(value) if isinstance(value, str) else 1


def test_an_expression_without_macros_needs_no_budget() -> None:
    """Nothing else multiplies: 500 parts are 500 steps."""
    tree = check("n + m > 1", Clinic()).tree
    assert tree is not None and steps(tree) == 0


def test_closures_serve_many_threads() -> None:
    """A closure holds nothing of a run: nested macros over different rows in four threads at once do not mix."""
    tree = check("[n, m].map(x, [1, 2, 3].map(y, x * y + n).sum()).sum() + tasks.sum(t, t.minutes * m)", Clinic()).tree
    assert tree is not None
    run = to_python(tree)
    rows = [values({"n": each, "m": each + 1, "tasks": [{"minutes": each}] * 5}) for each in range(40)]
    wanted = [run(row) for row in rows]
    wrong: list[int] = []

    def work() -> None:
        for _ in range(20):
            wrong.extend(place for place, row in enumerate(rows) if run(row) != wanted[place])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == [] and len(set(wanted)) == 40


def test_readers_of_plain_dicts() -> None:
    """With readers of one's own a closure takes whatever they read from, for child rows too."""
    tree = check("n > 1 && tasks.exists(t, t.minutes > n)", Clinic()).tree
    assert tree is not None
    run = to_python(tree, lambda path: itemgetter(path[0]))
    assert run({"n": 2, "tasks": [{"minutes": 3}]}) is True
    assert run({"n": 2, "tasks": None}) is False


def test_a_scope_without_settings_has_the_usual_ones() -> None:
    """UTC, and Saturday and Sunday off."""

    class Bare:
        def root(self, name: str) -> Any:
            return DATE if name == "today" else None

        def member(self, owner: Any, name: str) -> None:
            return None

        def names(self, owner: Any) -> list[str]:
            return []

    checked = check('date(timestamp("2026-11-22T23:00:00Z")) + workdays(1) == date("2026-11-23")', Bare())
    assert checked.tree is not None and to_python(checked.tree)(None) is True
