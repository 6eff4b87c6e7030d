"""Every message the compiler can give: one member per problem code, each with what, why and what to do."""

from __future__ import annotations

import dataclasses
import difflib
import enum
from collections.abc import Iterable, Iterator

__all__ = ["Code", "Place", "Problem", "Problems", "suggest"]


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a definition file; line and column count from 1, file is relative to the folder that was read."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Code(enum.Enum):
    """A stable code with the template of its message and of its way out. Wording may improve, codes never change."""

    # Text: reading and parsing files
    TEXT_001 = ("TEXT-001", "{why}", "correct the YAML at this place")
    # EXPR: expressions
    EXPR_001 = ("EXPR-001", "the expression cannot be read at {found}.", "{hint}")
    EXPR_002 = ("EXPR-002", "'{name}' is not known in {owner}.{suggestion}", "use a name that exists there, or define it first")
    EXPR_003 = ("EXPR-003", "{what} cannot be used with {found}.", "{hint}")
    EXPR_004 = ("EXPR-004", "'{name}' takes {wanted}, not {found}.", "give it the right number of arguments")
    EXPR_005 = ("EXPR-005", "there is no function '{name}'.{suggestion}", "use a function of the language reference")
    EXPR_006 = ("EXPR-006", "the expression has more than {limit} {what}.", "split it into several formulas")
    EXPR_007 = ("EXPR-007", "the expression is nested more than {limit} levels deep.", "split it into several formulas")
    EXPR_008 = ("EXPR-008", "'{name}' is not an option of {choice}.{suggestion}", "use one of its options: {options}")
    EXPR_009 = ("EXPR-009", "'{name}' is a former name of the option '{current}'.", "write '{current}'")
    EXPR_010 = ("EXPR-010", "the pattern cannot be used: {why}.", "use the patterns that the language reference describes")
    EXPR_011 = ("EXPR-011", "{construct} cannot be computed by the database, which this place needs.", "leave it out here")
    EXPR_012 = ("EXPR-012", "'{path}' follows more than {limit} links.", "add a formula on the record in between and read that")
    EXPR_013 = ("EXPR-013", "'{name}' is a reserved word.", "use another name")
    EXPR_014 = ("EXPR-014", "the number {number} is out of range: {range}.", "write a number within the range")
    EXPR_015 = ("EXPR-015", "'{text}' is not {what}.", "{hint}")
    EXPR_016 = ("EXPR-016", "the expression gives {found}, but {wanted} is needed here.", "change the expression so that it gives {wanted}")

    def __init__(self, code: str, message: str, fix: str) -> None:
        self.code = code
        self.message = message
        self.fix = fix

    def at(self, place: Place, *, warning: bool = False, **words: object) -> Problem:
        """The problem at a place, with the words of both templates filled in."""
        return Problem(place, self, self.message.format(**words), self.fix.format(**words), warning)


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """One problem: where, what, why, what to do. A warning never stops a check."""

    place: Place
    code: Code
    message: str
    fix: str
    warning: bool = False

    def __str__(self) -> str:
        mark = "warning: " if self.warning else ""
        return f"{self.place} {self.code.code} {mark}{self.message}" + (f" {self.fix[:1].upper()}{self.fix[1:]}." if self.fix else "")

    def as_json(self) -> dict[str, object]:
        """The shape that `carework check --json` prints."""
        where = self.place
        return {
            "file": where.file, "line": where.line, "column": where.column,
            "code": self.code.code, "message": self.message, "fix": self.fix,
        }


class Problems:
    """Gathers problems so that all of them are reported at once."""

    def __init__(self, found: Iterable[Problem] = ()) -> None:
        self._found: list[Problem] = list(found)

    def add(self, problem: Problem) -> None:
        self._found.append(problem)

    def extend(self, problems: Iterable[Problem]) -> None:
        self._found.extend(problems)

    def __iter__(self) -> Iterator[Problem]:
        """In the order of their places, each once."""
        return iter(sorted(dict.fromkeys(self._found), key=lambda p: (p.place, p.code.code, p.message)))

    def __len__(self) -> int:
        return len(self._found)

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self if not p.warning]

    @property
    def warnings(self) -> list[Problem]:
        return [p for p in self if p.warning]


def suggest(word: str, known: Iterable[str]) -> str:
    """' Did you mean 'x'?' for the closest known word, or an empty text when none is close."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""
