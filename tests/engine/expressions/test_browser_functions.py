"""Functions whose browser half is written anew: on values at the edges each gives what Python gives, in several clinics' zones and calendars."""

import datetime
from decimal import Decimal
from random import Random
from typing import Any

from engine.expressions import check, to_python
from engine.expressions.calendar import Calendar
from engine.expressions.functions import FUNCTIONS
from engine.expressions.tree import Node
from tests.engine.expressions.browser.jobs import Batch
from tests.engine.expressions.clinic import Clinic, Values
from tests.engine.expressions.random_trees import random_row
from tests.engine.expressions.test_random import repr_of

UTC = datetime.UTC
TEXTS = [
    *("12", "-12", "+7", "9007199254740991", "9007199254740992", "-0", "00012", "123456789012345678", "1234567890123456789", "１２", ""),
    *("1.5", "-1.50", "+0.25", ".5", "5.", "99999999.9999999999", "100000000", "1.12345678901", "1e3", "1.5E-3", "1e400", "1e-400", "1e151"),
    *("true", "T", "t", "FALSE", "0", "1"),
    *("1h30m", "90s", "-1.5h", "1.5ms", "3us", "5ns", "1500ns", "2000000h", "2000001h", "1h2", "h", "1m1m"),
    *("2026-11-22T08:00:00Z", "2026-11-22T08:00:00.123456789+08:00", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59.9999999Z"),
    *("2026-11-22T08:00:00+24:00", "2026-02-30T00:00:00Z", "12:30", "12:30:15", "24:00", "12:60", "2026-11-22", "0000-01-01", "2023-02-29"),
    *(" a b ", "\u3000王\u00a0", "a😀b😀", "😀", "aba", "王王a", "$&"),
]
ACCESSORS = [name for name in FUNCTIONS if name.startswith("get")]
OF_DAYS = [name for name in ACCESSORS if name not in ("getHours", "getMinutes", "getSeconds", "getMilliseconds")]
EXPRESSIONS = [
    *("int(name)", "int(d)", "int(d * 1e0)", "int(n * 1e100)", "int(seen)", "double(name)", "double(d)", "decimal(name)", "decimal(n)"),
    *("bool(name)", "timestamp(name)", "timestamp(n)", "duration(name)", "time(name)", "date(name)", "date(seen)", "date(sent) == due"),
    *("string(n * 1e0)", "string(d * 1e-5)", "string(n * 1e15 / 7)", "string(1e100 / n)", "string(seen)", "string(opens)", "string(sent - seen)"),
    *('format(due, "yyyy/MM/dd")', 'format(seen, "d.M. yyyy HH:mm:ss")', 'format(opens, "HH.mm")', "name.trim()", "name.substring(n)"),
    *("name.substring(n, m)", "name.indexOf(note)", '(name + note).indexOf(note)', 'name.indexOf("")', 'name.replace("a", "$&")'),
    *('name.replace("王", "aa")', '[name, note, null].join(", ")', "[name, note].join(name)", "fixed(d, 1)", "fixed(e, 3)", "fixed(n, 2)"),
    *("fixed(e / 7, 2)", "due + workdays(n)", "due - workdays(n)", "workdays(m) + today", "today + workdays(1000000)"),
    *("workdays_between(due, born)", "workdays(n) == workdays(m)", "-workdays(n) < workdays(1)", "sum(n, m, 1)"),
    *(f"seen.{name}({zone})" for name in ACCESSORS for zone in ("", '"Asia/Shanghai"', '"America/New_York"', '"-05:45"')),
    *(f"due.{name}()" for name in OF_DAYS),
    *(f"(sent - seen).{name}()" for name in ACCESSORS if name not in OF_DAYS),
]
WEEK = frozenset({6, 7})
HOLIDAYS = frozenset(datetime.date.fromisoformat(day) for day in ("2026-11-21", "2026-11-23", "2026-11-24", "0001-01-01", "9999-12-31"))
MADE_UP = frozenset({datetime.date(2026, 11, 28), datetime.date(2026, 11, 24)})
CLINICS = [
    ("Asia/Shanghai", Calendar(WEEK, HOLIDAYS, MADE_UP)),
    ("America/New_York", Calendar(frozenset({5, 7}))),
    ("Europe/London", Calendar(frozenset(range(1, 8)), frozenset(), MADE_UP)),
]
ROWS = len(TEXTS)


def instant(random: Random) -> datetime.datetime:
    year = random.choice([random.randint(1, 9999), random.randint(1880, 2100), 2026, 1, 9999])
    parts = (random.randint(1, 12), random.randint(1, 28), random.randint(0, 23), random.randint(0, 59), random.randint(0, 59))
    return datetime.datetime(year, *parts, microsecond=random.choice([0, 500_000, 123_456, 1, 999_999]), tzinfo=UTC)


def row(random: Random, place: int) -> Values:
    """Every text once as name, numbers that are places and counts as often as not, instants of all times, also close ones."""
    found = random_row(random)
    found["name",], found["note",] = TEXTS[place], random.choice(TEXTS)
    found["seen",], found["sent",] = instant(random), instant(random)
    if random.random() < 0.6:
        found["n",], found["m",] = random.randint(-3, 40), random.randint(-1, 3)
        found["sent",] = found["seen",] + datetime.timedelta(microseconds=random.randint(-(10**10), 10**10))
        found["due",] = datetime.date(2026, random.randint(10, 12), random.randint(1, 28))
    return found


def place_of(zone: str, calendar: Calendar) -> Clinic:
    """The clinic's scope with these constants of its organisation."""
    scope: Any = Clinic()
    scope.zone, scope.calendar = zone, calendar
    return scope  # type: ignore[no-any-return]


def test_functions_agree_with_python() -> None:
    """Each expression on each row in each clinic."""
    random, batch = Random(3), Batch()
    rows = [row(random, place) for place in range(ROWS)]
    envs = [batch.env(each) for each in rows]
    wanted: list[tuple[str, Node, Any]] = []
    for zone, calendar in CLINICS:
        for text in EXPRESSIONS:
            checked = check(text, place_of(zone, calendar))
            assert checked.tree is not None, (text, checked.errors)
            place, run = batch.tree(checked.tree), to_python(checked.tree)
            for env, each in zip(envs, rows, strict=True):
                batch.job(place, env)
                wanted.append((text, checked.tree, run(each)))
    results = batch.run().results
    wrong = [
        (text, value, result)
        for (text, tree, value), result in zip(wanted, results, strict=True)
        if repr_of(result.value(tree.type)) != repr_of(value) or result.problem
    ]
    assert wrong == []
    assert sum(value is not None for _, _, value in wanted) > len(wanted) / 2


def test_examples() -> None:
    """The example of every function in the table."""
    batch = Batch()
    examples = [function.example for overloads in FUNCTIONS.values() for function in overloads if function.example]
    for example in examples:
        for text in example:
            tree = check(text, Clinic()).tree
            assert tree is not None, text
            batch.job(batch.tree(tree), batch.env({("now",): datetime.datetime(2026, 11, 22, tzinfo=UTC), ("today",): datetime.date(2026, 11, 22)}))
    found = [result.json for result in batch.run().results]
    assert [(example, left, right) for example, left, right in zip(examples, found[::2], found[1::2], strict=True) if not alike(left, right)] == []


def alike(left: Any, right: Any) -> bool:
    """Decimals may be written as integers, and a float is compared by value."""
    if isinstance(left, str) and isinstance(right, int):
        return Decimal(left) == right
    return bool(left == right) and left is not None
