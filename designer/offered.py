"""What the language itself offers where an expression is typed: functions with what they take and an example, and words."""

from __future__ import annotations

import functools
from typing import Any

from engine.expressions.functions import FUNCTIONS, Function

__all__ = ["language_offers"]

_WORDS = ("today", "now", "null", "true", "false")


@functools.cache
def language_offers() -> tuple[dict[str, Any], ...]:
    """`path` is what is written, `label` what stands beside it; `kind` is function, method (behind a dot) or word."""
    found: list[dict[str, Any]] = [{"path": "has", "label": "has(x)", "kind": "function"}]
    for name, overloads in FUNCTIONS.items():
        if name.isidentifier():
            said = _said(overloads[0])
            found.append({"path": name, "label": said, "kind": "function" if f"{name}(" in said and f".{name}(" not in said else "method"})
    return (*found, *({"path": word, "label": "", "kind": "word"} for word in _WORDS))


def _said(function: Function) -> str:
    """An example says more than types do."""
    if function.example is not None:
        return " → ".join(function.example)
    taken = [param.words for param in function.takes]
    return f"{function.name}({', '.join(taken)})"
