"""Lists and maps: joining lists, sizes. Macros are no functions: see `tree.Macro`."""

from __future__ import annotations

import operator
from collections.abc import Sequence

from engine.expressions.functions import sql_lists as sql
from engine.expressions.functions.function import A_LIST, A_MAP, Function, always, plain
from engine.expressions.types import INT, NULL, ListOf, Type, meet

__all__ = ["FUNCTIONS"]


def _joined(kinds: Sequence[Type]) -> Type:
    found: Type = ListOf(NULL)
    for kind in kinds:
        found = meet(found, kind) or found
    return found


FUNCTIONS: list[Function] = [
    Function("+", (A_LIST, A_LIST), _joined, plain(operator.add), sql.sqlite_joined, sql.postgresql_joined, promote=True),
    Function("size", (A_MAP,), always(INT), plain(len), None, None, "entries of a map", ('size({"a": 1, "b": 2})', "2"), method=True),
]
