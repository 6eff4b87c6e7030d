"""Random well-typed expressions, and random rows with nulls and boundaries; the seed decides all."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from engine.expressions import check
from engine.expressions.tree import Node
from engine.expressions.types import BOOL, DATE, INSTANT, INT, TEXT, TIME, DecimalOf, ListOf, OptionOf, RecordOf, Type
from tests.engine.expressions.clinic import FIELDS, LINKED, NOW, ROWS, STATUS, TASK_PATHS, Clinic, Values, values
from tests.engine.expressions.random_writer import KINDS, Writer

INTEGERS = [0, 1, -1, 2, 3, 7, 24, 100, -365, 10**6, 2**31, -(2**31) - 1, 2**53 - 1, -(2**53) + 1, 94906266]
TEXTS = [
    "a",
    "A",
    "b",
    "ab",
    "Ab",
    "é",
    "王芳",
    "王",
    "\U0001f600",
    "2026-02-30",
    "2024-02-29",
    "it's",
    "%_",
    "a\\b",
    "\ufffd",
    "ÄÖ",
    "z",
    "12",
    "-7.50",
    "1e3",
    "t",
    "09:30",
    " a ",
    'q"q',
    "x\ny\t/z",
]
DATES = [
    datetime.date(*day)
    for day in ((1, 1, 1), (1900, 2, 28), (2000, 2, 29), (2024, 1, 31), (2026, 11, 22), (2026, 11, 23), (9999, 12, 31))
]
INSTANTS = [
    NOW,
    NOW + datetime.timedelta(microseconds=1),
    NOW - datetime.timedelta(days=400),
    datetime.datetime(1, 1, 1, tzinfo=datetime.UTC),
]
TIMES = [datetime.time(0), datetime.time(9, 30), datetime.time(12, 30, 15), datetime.time(23, 59, 59)]
IDS = ["a" * 32, "b" * 32, "c" * 32]


# Most rows have few child rows.
COUNTS = [0, 0, 1, 1, 2, 3, 5]


def _decimals(places: int) -> list[Decimal]:
    unscaled = [0, 1, -1, 5, 50, 125, 10**places, -3 * 10**places, 10**17 + 5, 10**18 - 1, 1 - 10**18]
    return [Decimal(number).scaleb(-places) for number in unscaled]


def random_value(random: Random, kind: Type) -> Any:
    """A value of a field's type, or null for one in five."""
    if random.random() < 0.2:
        return None
    if isinstance(kind, DecimalOf):
        return random.choice(_decimals(kind.places))
    if isinstance(kind, ListOf):
        return tuple(random.sample(["vip", "fresh", "quiet"], random.randint(1, 3)))
    if isinstance(kind, OptionOf):
        return random.choice(list(STATUS.names.values()))
    if isinstance(kind, RecordOf):
        return random.choice(IDS)
    pools: dict[Type, list[Any]] = {
        INT: INTEGERS,
        TEXT: TEXTS,
        DATE: DATES,
        INSTANT: INSTANTS,
        TIME: TIMES,
        BOOL: [True, False],
    }
    return random.choice(pools[kind])


def random_row(random: Random) -> Values:
    row = values({})
    for path, kind in ({(name,): kind for name, kind in FIELDS.items()} | LINKED).items():
        row[path] = random_value(random, kind)
    for path in ROWS:
        row[path] = [random_task(random, place) for place in range(random.choice(COUNTS))]
    return row


def random_task(random: Random, place: int) -> Values:
    """A child row; its id sorts as its place does."""
    given = {path: random_value(random, kind) for path, kind in TASK_PATHS.items() if path != ("id",)}
    return Values({("id",): f"{place:032x}", **given})


def random_text(random: Random, depth: int | None = None, *, maps: bool = False) -> str:
    """A well-typed expression over the clinic, of 2 to 4 levels unless told; with `maps` some of them have maps, which SQL refuses."""
    return Writer(random, maps=maps).of(random.choice(KINDS), depth or random.choice((2, 3, 3, 4)))


def generated(seed: int, count: int, *, rows: int = 12, maps: bool = False) -> Iterator[tuple[Node, str, list[Values]]]:
    """`count` expressions with their trees, and the rows to compute them for: new rows for every forty. Equal seeds give equal ones.

    What does not check is left out: an expression that grew too large, or one that spells a date that there is not.
    """
    random = Random(seed)
    found = 0
    values_of: list[Values] = []
    while found < count:
        text = random_text(random, maps=maps)
        tree = check(text, Clinic()).tree
        if tree is None:
            continue
        if found % 40 == 0:
            values_of = [random_row(random) for _ in range(rows)]
        found += 1
        yield tree, text, values_of
