"""Hostile expressions (A-40, A-78) are refused, or done within 50 ms; nothing ever raises out of check() or a closure."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings, strategies

from engine.expressions import check, sql_problem, to_python
from tests.engine.expressions.browser.jobs import Batch
from tests.engine.expressions.clinic import Clinic, opened, values
from tests.spent import quick

LIMIT = 0.05
CORPUS = yaml.safe_load(Path(__file__).with_name("hostile.yaml").read_text("utf-8"))
GROUPS: dict[str, list[str]] = CORPUS["refused"]
LEGAL: list[str] = CORPUS["legal"]
REFUSED = [
    *(
        "(" * 100 + "n" + ")" * 100,
        "[" * 300 + "]" * 300,
        "!" * 200 + "flag",
        "-" * 3000 + "n",
        "n" + " + n" * 900,
        "n" * 10_000,
    ),
    *(
        "flag ? " * 50 + "n" + " : n" * 50,
        "(" * 3999,
        "max(" * 60 + "n" + ", 1)" * 60,
        "'" + "\\" * 3990,
        "flag &&" * 500 + "flag",
    ),
    *("10**10**9", "'a' * 1000000000", "n * 'a'", "9" * 3900, "1e9999", "0x" + "f" * 3000),
    *(
        "().__class__.__bases__[0].__subclasses__()",
        "name.__class__",
        "name.__class__.__mro__",
        "user.__dict__",
        "__import__('os').system('id')",
    ),
    *(
        "eval('1')",
        "exec('1')",
        "open('/etc/passwd')",
        "lambda: 0",
        "[x for x in [1]]",
        "globals()",
        "getattr(name, 'x')",
        "name.format(user)",
    ),
    *(
        "constructor.constructor('return process')()",
        "this.constructor",
        "''.constructor",
        "name['constructor']",
        "${7*7}",
        "{{7*7}}",
        "#{7*7}",
    ),
    *(
        "`id`",
        "$(id)",
        "n; DROP TABLE rows",
        "n -- x",
        "n /* x */",
        "T(java.lang.Runtime).getRuntime()",
        "name.matches('(a+)+$')",
        "name.matches('(a|a)*$+')",
    ),
    *(
        "name.matches('(.*)*x')",
        "name.matches('((a{1,100}){1,100}){1,100}')",
        "name.matches('a{1000000}')",
        "name.matches('" + "(" * 190 + "')",
    ),
    *(
        "name.matches('(?i)a')",
        r"name.matches(r'\p{L}')",
        r"name.matches(r'(a)\1')",
        "name.matches('(?<=a)b')",
        "name.matches('(?P<x>a)')",
    ),
    *(
        "ｎ == 1",
        "nаme == 'a'",
        "n\u200b == 1",
        "n\u00a0== 1",
        "\u202en == 1",
        "ｆlag",
        "ｎame.size()",
        "n == １",
        "n\x00 == 1",
        "\ud800",
        "𝓃 == 1",
    ),
    *(
        "f'{name}'",
        "b'a' == name",
        "name == 'a' 'b'",
        "n if flag else m",
        "n := 1",
        "not flag",
        "n is null",
        "n <> m",
        "@n",
        "n?.m",
        "...n",
        "n => 1",
    ),
]
HARMLESS = [
    "name.matches('^[a-z]{1,100}[0-9]{1,100}$')",
    "name.matches('a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaa')",
    "name.matches('.*.*.*.*.*=.*')",
    "name.matches('(?:a|b|ab)*c')",
    " || ".join(["flag"] * 480),
    "n" + " * n" * 30,
    " + ".join(["name"] * 31),
    "hours(n) < hours(9007199254740991)",
    "n " + "\n" * 3000 + "> 1",
    "n in [" + ", ".join(map(str, range(480))) + "]",
]


@pytest.fixture(autouse=True, scope="module")
def warm() -> None:
    """The parser's tables are built once per process."""
    check("n > 1", Clinic())


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text[:40]))
def test_refused(text: str) -> None:
    """Not part of the language, or beyond its bounds: a problem, soon, and no exception."""
    checked = quick(lambda: check(text, Clinic()), below=LIMIT)
    assert checked.errors and checked.tree is None
    assert all(str(error) and 0 <= error.offset <= len(text) for error in checked.errors)


@pytest.mark.parametrize("text", HARMLESS, ids=lambda text: ascii(text[:40]))
def test_stopped(text: str) -> None:
    """Allowed, and still quick on the texts and numbers that would make other engines run away."""
    tree = check(text, Clinic()).tree
    assert tree is not None
    run = to_python(tree)
    row = values({"n": 9007199254740991, "name": "a" * 20_000, "flag": False})
    quick(lambda: run(row), below=LIMIT)


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(strategies.text(alphabet="nmdflag.()[]!&|<>=+-*/%?:,'\"\\ 019ex_{}\n王“，in", max_size=60))
def test_any_text_gives_a_tree_or_errors(text: str) -> None:
    """check() never raises, and gives either a tree that runs or at least one error."""
    checked = check(text, Clinic())
    assert (checked.tree is None) == bool(checked.errors)
    if checked.tree is not None:
        to_python(checked.tree)(values({}))


# The corpus

def got_past(texts: list[str], refuse: Callable[[str], Any]) -> list[str]:
    """The texts that are not refused soon, with a place and what to do."""
    found = []
    for text in texts:
        checked = quick(lambda text=text: refuse(text), below=LIMIT)
        told = all(error.message and error.fix and 0 <= error.offset <= len(text) for error in checked.errors)
        if checked.tree is not None or not checked.errors or not told:
            found.append(text)
    return found


def test_the_corpus_is_large() -> None:
    """At least 300 expressions, each of them once."""
    texts = [text for group in GROUPS.values() for text in group]
    assert len(texts) == len(set(texts)) >= 300
    assert min(map(len, GROUPS.values())) >= 40


@pytest.mark.parametrize("group", GROUPS)
def test_escapes_are_refused(group: str) -> None:
    """None of the escapes of public lists is an expression."""
    assert got_past(GROUPS[group], lambda text: check(text, Clinic())) == []


def test_a_checker_that_lets_pass_is_caught() -> None:
    """The planted fault: a checker that knows attributes of Python's values, and one that tells no place."""
    class Open(Clinic):
        def member(self, owner: Any, name: str) -> Any:
            return super().member(owner, name) or (self.root("name") if name.startswith("__") else None)

    past = got_past(GROUPS["python_objects"], lambda text: check(text, Open()))
    assert "user.__class__" in past and "user.__dict__" not in past and len(past) >= 1


LEGAL_ROW = {"n": 5, "m": 3, "name": "constructor", "note": "a" * 20_000, "flag": True, "d": "1.5", "born": "1980-02-29", "status": "due",
             "tags": ["vip"], "tasks": [{"title": "a"}, {"title": "b"}]}


def legal_values() -> list[tuple[str, Any]]:
    found = []
    for text in LEGAL:
        tree = check(text, Clinic()).tree
        assert tree is not None, text
        run, row = to_python(tree), values(LEGAL_ROW)
        found.append((text, quick(lambda run=run, row=row: run(row), below=LIMIT)))
    return found


def test_legal_ones_are_harmless_in_sql(database_url: str) -> None:
    """Texts of escapes are values: both databases give what Python gives, and the table is still there."""
    row = values(LEGAL_ROW)
    pairs = [(check(text, Clinic()).tree, value) for text, value in legal_values()]
    trees = [(tree, value) for tree, value in pairs if tree is not None and sql_problem(tree) is None]
    assert len(trees) > 40
    with opened(database_url) as database:
        database.insert([row])
        for tree, value in trees:
            assert database.select([tree], row) == [(value,)]
        assert database.connection.exec_driver_sql("SELECT count(*) FROM rows").scalar() == 1


def test_legal_ones_are_harmless_in_the_browser() -> None:
    """Names such as `constructor` and `__proto__` are names: nothing of JavaScript's objects is behind them."""
    batch = Batch()
    env = batch.env(values(LEGAL_ROW))
    trees = []
    for text in LEGAL:
        tree = check(text, Clinic()).tree
        assert tree is not None
        trees.append(tree)
        batch.job(batch.tree(tree), env)
    answer = batch.run()
    found = [result.value(tree.type) for result, tree in zip(answer.results, trees, strict=True)]
    assert list(zip(LEGAL, found, strict=True)) == legal_values()


def test_what_sql_cannot_take_is_refused_by_name(database_url: str) -> None:
    """The most that is translated runs on both databases: arguments, literals and operands as many as there may be."""
    row = values(LEGAL_ROW)
    many = ", ".join(["n"] * 101)
    tree = check(f"min({many}) > 1", Clinic()).tree
    problem = tree and sql_problem(tree)
    assert problem is not None and "'min' of more than 100 values" in problem.message
    widest = [
        f"min({many[:-3]}) > 1", f"max({many[:-3]}) > 1", f"sum({', '.join(['n'] * 480)}) > 1", f"n in [{', '.join(map(str, range(480)))}]",
        " || ".join(["flag"] * 480), f"[{', '.join(['n'] * 480)}].exists(x, x > m)", " || ".join(["age(born) > 1"] * 120),
        f"m in [{', '.join(['n'] * 480)}]", " || ".join(['tags.exists(x, x == "vip" && n > 1)'] * 45), f"name.replace('a', '{'b' * 200}') != ''",
        " || ".join(["tasks.exists(t, t.minutes > n && t.done)"] * 30), " || ".join(["born + months(n) > due"] * 80),
    ]
    with opened(database_url) as database:
        database.insert([row])
        for text in widest:
            tree = check(text, Clinic()).tree
            assert tree is not None and sql_problem(tree) is None, text
            clause = quick(lambda tree=tree: str(database.clause(tree, row).compile(dialect=database.connection.dialect)), below=LIMIT)
            assert len(clause) < 100_000
            assert database.select([tree], row) == [(to_python(tree)(row),)]


# Growth

GROWTH = [
    *("flag ? " * 50 + "n" + " : n" * 50, "n ?? " * 40 + "n", "n in [" * 40 + "1" + "]" * 40, "{1:" * 60 + "1" + "}" * 60, "n" + "[0]" * 40),
    *("has(" * 40 + "n" + ")" * 40, "lower(" * 40 + "name" + ")" * 40, "9" * 17, "-9007199254740992", "1e151", "1e-151", "0.12345678901"),
    *("[name]" + ".map(x, x + x)" * 16, "[[1]]" + ".map(x, [x, x])" * 17, "[[1]]" + ".map(x, x + x)" * 17, "[1]" + ".map(x, x)" * 40),
    *("[[1]]" + ".map(x, [x])[0]" * 15, "name" + ".replace('a', '0123456789')" * 8, "name.replace('x', '" + "y" * 3000 + "')"),
    *("['a'].map(a, [a, a, a, a].join(a))" + ".map(a, [a, a, a, a].join(a))" * 12, "string(n)" + " + string(n)" * 300, "n" + "<n" * 1900),
    *("tasks.exists(t, tasks.exists(u, true))", "user.roles.map(a, user.roles.map(b, name + b))", "1." * 1900, "1e" * 1900, "." * 3900),
    *("user.roles.all(r, lower(note) != upper(name) && user.roles.all(s, lower(note) != s))", "'\"" * 1900, "n.`" + "a" * 3900),
    "tags.exists(a, tags.exists(b, note.contains(string(a == b))))",
    "[[n]]" + ".map(x, (flag ? x : x) + (x ?? x))" * 20,
    "[[[n]]]" + ".map(x, [x[0]])[0]" * 14,
]


@pytest.mark.parametrize("text", GROWTH, ids=lambda text: ascii(text[:40]))
def test_growth(text: str) -> None:
    """Doubling, nesting and long literals are refused soon."""
    assert got_past([text], lambda text: check(text, Clinic())) == []


EIGHT = "[1,2,3,4,5,6,7,8]"


def nested(depth: int, body: str) -> str:
    for level in range(depth):
        body = f"{EIGHT}.all(v{level}, {body})"
    return body


WORST = [
    *(nested(4, body) for body in ("v0 * v1 * v2 * v3 > n", "d / 3 / 7 / 11 == 0 || true", "fixed(d, 10) != ''", "decimal(string(e)) > n || true",
      "note <= name + note || true", "seen.getHours('Asia/Shanghai') > n || true", "age(born) > v0 || true")),
    *(nested(3, body) for body in ("note.contains('aaaaab') || true", "lower(note) != name", "note.indexOf('aaaaab') < v0", "note.trim() != name",
      "born + workdays(v0 * 90000) > due || true", "workdays_between(born, due) > n || true", "timestamp(name) == now || true")),
    "[note]" + ".map(x, x + x)" * 7,
    "[note, note, name].map(x, x + x).map(x, x + x).map(x, [x, x].join(x))",
    "note.replace('a', 'bbbbbbbbbbbbbbbb').replace('b', 'cccccccccccccccc')",
    "user.roles.map(a, note + a + note + a + note + a)",
    "user.roles.all(r, note.matches('(a|b|ab)*c') || true)",
    "[[1]]" + ".map(a, a + a)" * 13,
    " && ".join(["note.matches('[ab]*a[ab]{9}c') || true"] * 8),
    " && ".join(f"note.matches('(?:a|b|ab)*{n}') || true" for n in range(8)),
]


@pytest.mark.parametrize("text", WORST, ids=lambda text: text[:20] + "…" + text[-50:])
def test_the_worst_that_is_legal(text: str) -> None:
    """Found by looking for it: less than 50 ms of CPU and 50 MB on texts of 20,000 characters, most of them beyond U+FFFF."""
    tree = check(text, Clinic()).tree
    if tree is None:
        assert {error.code.code for error in check(text, Clinic()).errors} == {"EXPR-017"}
        return
    roles = {"roles": [f"role{place}" for place in range(64)]}
    row = values({"n": 5, "name": "2026-11-22T08:00:00Z", "note": "ab😀a" * 5_000, "d": "123456789012345.67", "e": "1234567.8912",
                  "born": "1980-02-29", "due": "2026-11-22", "seen": "2026-11-22T08:00:00+00:00", "flag": True}, roles)
    run = quick(lambda: to_python(tree), below=LIMIT)
    quick(lambda: run(row), below=LIMIT)
    tracemalloc.start()
    run(row)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50_000_000


def test_most_of_the_worst_are_legal() -> None:
    """So that the test above looks at what runs."""
    assert sum(check(text, Clinic()).tree is not None for text in WORST) >= len(WORST) * 3 // 4
