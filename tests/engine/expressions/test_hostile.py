"""Hostile expressions (A-40, A-78) are refused, or done within 50 ms; nothing ever raises out of check() or a closure."""

import pytest
from hypothesis import given, settings, strategies

from engine.expressions import check, to_python
from tests.engine.expressions.clinic import Clinic, values
from tests.spent import quick

LIMIT = 0.05
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
