"""Definitions as YAML that people go on writing: one line for what fits on one, texts in quotation marks where they need them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["as_yaml"]

_WIDTH = 140
_PLAIN = re.compile(r"[A-Za-z_\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff .()/<>=+-]*[A-Za-z0-9_)\u4e00-\u9fff]|[A-Za-z_]")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def as_yaml(values: Mapping[str, Any]) -> str:
    """The text of a file."""
    return "\n".join(_lines(values, 0)) + "\n"


def _lines(values: Mapping[str, Any], depth: int) -> Iterator[str]:
    for key, value in values.items():
        flow = f"{'  ' * depth}{_scalar(key)}: {_flow(value)}"
        if not isinstance(value, Mapping) or not value or (len(flow) <= _WIDTH and not (depth == 0 and key in ("fields", "items"))):
            yield flow
        else:
            yield f"{'  ' * depth}{_scalar(key)}:"
            yield from _lines(value, depth + 1)


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(each) for each in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS and ": " not in text and " #" not in text else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
