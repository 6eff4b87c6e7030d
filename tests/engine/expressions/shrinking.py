"""The least part of an expression that still differs."""

from __future__ import annotations

import re

from engine.expressions import check, sql_problem, to_python
from engine.expressions.rules import ALL_ON
from tests.engine.expressions.agreement import Batch, Difference, differences
from tests.engine.expressions.clinic import Clinic, Database

__all__ = ["least"]

STARTS = re.compile(r"(?<![\w.'])[\w(\[!'-]")
ENDS = re.compile(r"[\w)\]'](?![\w'])")


def least(database: Database, found: Difference, off: frozenset[str] = ALL_ON) -> Difference:
    """The shortest part of the text that is an expression by itself and differs for the same row; the whole when none is."""
    while True:
        smaller = next(filter(None, (_differs(database, text, found, off) for text in _parts(found.text))), None)
        if smaller is None:
            return found
        found = smaller


def _parts(text: str) -> list[str]:
    """Every shorter part that begins and ends like an expression, the shortest first."""
    starts = [match.start() for match in STARTS.finditer(text)]
    ends = [match.end() for match in ENDS.finditer(text)]
    parts = {text[start:end] for start in starts for end in ends if start < end and end - start < len(text)}
    return sorted((part for part in parts if part.count("(") == part.count(")") and part.count("[") == part.count("]")), key=len)


def _differs(database: Database, text: str, found: Difference, off: frozenset[str]) -> Difference | None:
    tree = check(text, Clinic()).tree
    if tree is None or sql_problem(tree) is not None:
        return None
    batch = Batch((text,), (tree,), (found.row,), ((to_python(tree)(found.row),),))
    return next(iter(differences(database, batch, off)), None)
