"""Random well-typed expressions as text, and random rows with nulls and boundaries; the seed decides all."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

from engine.expressions.types import BOOL, DATE, INSTANT, INT, TEXT, TIME, DecimalOf, ListOf, OptionOf, RecordOf, Type
from tests.engine.expressions.clinic import FIELDS, LINKED, NOW, ROWS, STATUS, TASK_PATHS, Values, values

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
OPTIONS = ["planned", "due", "finished", "cancelled"]


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


class Writer:
    """Writes one expression of a wanted kind, at most `depth` levels deep."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.forms: dict[str, list[Callable[[int], str]]] = {
            "boolean": [
                lambda d: f"({self.of('boolean', d)} && {self.of('boolean', d)})",
                lambda d: f"({self.of('boolean', d)} || {self.of('boolean', d)})",
                lambda d: f"!{self.of('boolean', d)}",
                self.compared,
                self.compared,
                self.compared,
                lambda d: f"({self.of(self.any(), d)} {self.pick('==', '!=')} null)",
                self.member,
                self.member,
                lambda d: (
                    f"{self.of('text', d)}.{self.pick('startsWith', 'endsWith', 'contains')}({self.of('text', d)})"
                ),
                lambda d: f"matches({self.of('text', d)}, {self.pick(*PATTERNS)})",
                lambda d: f"({self.of('boolean', d)} {self.pick('==', '!=')} {self.of('boolean', d)})",
            ],
            "integer": [
                lambda d: f"({self.of('integer', d)} {self.pick('+', '-', '*', '%')} {self.of('integer', d)})",
                lambda d: f"{self.pick('div', 'min', 'max')}({self.of('integer', d)}, {self.of('integer', d)})",
                lambda d: f"abs({self.of('integer', d)})",
                lambda d: f"(-{self.of('integer', d)})",
                lambda d: f"size({self.of('text', d)})",
                lambda d: f"age({self.of('date', d)})",
                lambda d: f"days_between({self.of('date', d)}, {self.of('date', d)})",
                lambda d: "size(tags)",
            ],
            "decimal": [
                lambda d: (
                    f"({self.of('decimal', d)} {self.pick('+', '-', '*', '/')} {self.of(self.pick('decimal', 'integer'), d)})"
                ),
                lambda d: f"({self.of('integer', d)} / {self.of('integer', d)})",
                lambda d: f"(-{self.of('decimal', d)})",
                lambda d: f"{self.pick('min', 'max')}({self.of('decimal', d)}, {self.of('integer', d)})",
                lambda d: f"abs({self.of('decimal', d)})",
            ],
            "float": [
                lambda d: (
                    f"({self.of('float', d)} {self.pick('+', '-', '*', '/')} {self.of(self.pick('float', 'integer', 'decimal'), d)})"
                ),
            ],
            "text": [
                lambda d: f"({self.of('text', d)} + {self.of('text', d)})",
                lambda d: f"{self.pick('lower', 'upper')}({self.of('text', d)})",
                lambda d: f"string({self.of(self.pick('integer', 'decimal', 'boolean', 'date', 'text'), d)})",
                lambda d: f"{self.pick('min', 'max')}({self.of('text', d)}, {self.of('text', d)})",
            ],
            "date": [
                lambda d: f"({self.of('date', d)} {self.pick('+', '-')} {self.span(d)})",
                lambda d: f"date({self.of('text', d)})",
                lambda d: f"{self.pick('min', 'max')}({self.of('date', d)}, {self.of('date', d)})",
            ],
            "instant": [
                lambda d: (
                    f"({self.of('instant', d)} {self.pick('+', '-')} {self.pick('hours', 'days')}({self.of('integer', d)}))"
                ),
            ],
        }

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def any(self) -> str:
        return self.pick(*self.forms)

    def of(self, kind: str, depth: int) -> str:
        """An expression of the kind; leaves at the bottom, and now and then above it."""
        if depth <= 0 or self.random.random() < 0.15:
            return self.pick(*LEAVES[kind])
        if self.random.random() < 0.12:
            return self.chosen(kind, depth - 1)
        return self.random.choice(self.forms[kind])(depth - 1)

    def chosen(self, kind: str, depth: int) -> str:
        if self.random.random() < 0.5:
            return f"({self.of('boolean', depth)} ? {self.of(kind, depth)} : {self.of(kind, depth)})"
        return f"({self.of(kind, depth)} ?? {self.of(kind, depth)})"

    def compared(self, depth: int) -> str:
        sign = self.pick("==", "!=", "<", "<=", ">", ">=")
        kinds = self.random.choice(
            [("integer", "decimal"), ("integer", "float"), ("decimal", "decimal"), *((each, each) for each in ORDERED)]
        )
        if self.random.random() < 0.1:
            return f"({self.of('date', depth)} - {self.of('date', depth)} {sign} days({self.of('integer', depth)}))"
        return f"({self.of(kinds[0], depth)} {sign} {self.of(kinds[1], depth)})"

    def member(self, depth: int) -> str:
        kind = self.pick("integer", "decimal", "text", "date", "option", "link", "tag")
        if kind == "option":
            return f"(status in [{', '.join(map(repr, self.random.sample(OPTIONS, 2)))}])"
        if kind == "link":
            return self.pick(
                "(clinic_id in user.clinics)",
                "(assignee == user.id)",
                "('nurse' in user.roles)",
                f"(assignee != '{'b' * 32}')",
            )
        if kind == "tag":
            return self.pick("('vip' in tags)", "('new' in tags)", "has(tags)")
        items = ", ".join(
            [self.of(kind, depth) for _ in range(self.random.randint(1, 3))] + ["null"] * (self.random.random() < 0.2)
        )
        return f"({self.of(kind, depth)} in [{items}])"

    def span(self, depth: int) -> str:
        return f"{self.pick('days', 'months', 'years')}({self.of('integer', depth)})"


PATTERNS = ["'^a'", "'[a-z]+$'", "'王.?$'", r"r'^\w{1,2}$'", "'(?:ab|b)*c?$'", r"r'\d{4}-'"]
ORDERED = ("integer", "decimal", "text", "date", "instant")
LEAVES = {
    "boolean": ["flag", "other", "true", "false", "has(name)", "has(patient.name)", "(opens < time('12:30'))"],
    "integer": ["n", "m", "n", "m", "0", "1", "-1", "2", "7", "1000", "9007199254740991", "user.level"],
    "decimal": ["d", "e", "d", "e", "0.5", "2.25", "-0.01", "100.0", "0.0000000001"],
    "float": ["1e0", "2.5e0", "1e100", "1e-100", "0e0", "-3e5"],
    "text": ["name", "note", "name", "patient.name", "patient.doctor.name", "'a'", "'王'", "'é'", "''", "'2026-11-22'"],
    "date": ["born", "due", "today", "date('2024-02-29')", "date('9999-12-31')", "date('0001-01-01')"],
    "instant": ["seen", "sent", "now", "timestamp('2026-11-22T00:00:00Z')"],
}
EXPRESSIONS = ("boolean", "boolean", "boolean", "integer", "decimal", "float", "text", "date", "instant")


def random_text(random: Random, depth: int = 4) -> str:
    """A well-typed expression over the clinic."""
    return Writer(random).of(random.choice(EXPRESSIONS), depth)
