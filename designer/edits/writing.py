"""Values as they are written into files: YAML in brackets or in lines, in the manner of the shipped packs, and JSON."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

from designer.edits.refused import EditRefused
from engine.text.scalars import NotANumber, resolve

__all__ = ["WIDTH", "Value", "block", "document", "inline", "is_value", "key", "scalar"]

Value: TypeAlias = "None | bool | int | Decimal | str | Sequence[Value] | Mapping[str, Value]"
WIDTH = 150
"""A map in brackets that would make its line longer is written in lines."""
STEP = 2

_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`]|[-?:](?=\S)")
"""How a text without quotation marks may begin; `=` and `~` are told by what the scalar then means."""
_BREAKS_PLAIN = re.compile(r": |:\Z| #|\s\Z|\A\s|[\r\n\t]|\A---|\A\.\.\.")
_BREAKS_FLOW = re.compile(r"[,\[\]{}]|:\Z")
_SAFE_WORD = re.compile(r"[A-Za-z_\u4e00-\u9fff][\w.\u4e00-\u9fff -]*\Z")


_DEEPEST = 40
"""Levels of a value; no definition needs a tenth of them."""


def is_value(value: object, levels: int = _DEEPEST) -> bool:
    """Whether definitions can hold it."""
    if isinstance(value, Mapping):
        return levels > 0 and all(isinstance(name, str) and name and is_value(item, levels - 1) for name, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return levels > 0 and all(is_value(item, levels - 1) for item in value)
    if isinstance(value, str):
        return not any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n" for c in value) and "\u2028" not in value
    return value is None or isinstance(value, bool | int | Decimal)


def scalar(value: Value, *, flow: bool = True, style: str = "", is_json: bool = False) -> str:
    """A scalar on one line; `style` is the quotation mark that the one before had, kept where it will do."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    if not isinstance(value, str):
        raise EditRefused("no_value")
    if is_json:
        return json.dumps(value, ensure_ascii=False)
    if style == "'" and "\n" not in value:
        return "'" + value.replace("'", "''") + "'"
    if style == '"' or not _plain(value, flow):
        plain_quotes = '"' in value or "\\" in value
        if style != '"' and plain_quotes and "'" not in value and "\n" not in value:
            return f"'{value}'"
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return value


def _plain(text: str, flow: bool) -> bool:
    """Whether a text means itself without quotation marks."""
    if not text or not _PLAIN.match(text) or _BREAKS_PLAIN.search(text) or (flow and _BREAKS_FLOW.search(text)):
        return False
    if not _SAFE_WORD.match(text) and re.search(r"[=<>!&|(){}\[\]'\"]", text):
        return False  # expressions stand in quotation marks
    try:
        return resolve(text) == text
    except NotANumber:
        return False


def key(name: str, *, style: str = "", is_json: bool = False) -> str:
    """A key of a map."""
    return scalar(name, style=style, is_json=is_json) if is_json or style else (name if _plain(name, True) else json.dumps(name))


def inline(value: Value, *, is_json: bool = False, flow: bool = True, style: str = "") -> str:
    """A value on one line; `flow` says that it stands inside of brackets."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{key(name, is_json=is_json)}: {inline(item, is_json=is_json)}" for name, item in value.items())
        return f"{{{inside}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(inline(item, is_json=is_json) for item in value)}]"
    return scalar(value, flow=flow, style=style, is_json=is_json)


def entry(name: str, value: Value, indent: int, *, lines: bool = False, literal: bool = True) -> list[str]:
    """An entry of a block map as lines; a map that fits stands in brackets unless `lines` is asked for. `literal` says that a
    text of several lines may stand as it is."""
    pad = " " * indent
    if literal and isinstance(value, str) and _literal(value):
        body = value.removesuffix("\n").split("\n")
        return [f"{pad}{key(name)}: {'|' if value.endswith(chr(10)) else '|-'}", *(" " * (indent + STEP) + line if line else "" for line in body)]
    if isinstance(value, Mapping) and value:
        one = f"{pad}{key(name)}: {inline(value)}"
        if lines or len(one) > WIDTH or (literal and _has_literal(value)):
            return [f"{pad}{key(name)}:", *block(value, indent + STEP, literal=literal)]
        return [one]
    one = f"{pad}{key(name)}: {inline(value, flow=False)}"
    if isinstance(value, Sequence) and not isinstance(value, str) and value and len(one) > WIDTH:
        return [f"{pad}{key(name)}:", *(f"{pad}  - {inline(item, flow=False)}" for item in value)]
    return [one]


def _literal(text: str) -> bool:
    """Whether a text of several lines can stand as it is, indented."""
    lines = text.split("\n")
    return (
        len(lines) > 1 and bool(lines[0].strip()) and not text.startswith(" ") and not text.endswith("\n\n")
        and all(line == line.rstrip() for line in lines)
    )


def _has_literal(value: Value) -> bool:
    if isinstance(value, Mapping):
        return any(_has_literal(item) for item in value.values())
    return isinstance(value, str) and _literal(value)


def block(value: Mapping[str, Value], indent: int, *, literal: bool = True) -> list[str]:
    """The entries of a map in lines."""
    return [line for name, item in value.items() for line in entry(name, item, indent, literal=literal)]


def document(value: Mapping[str, Value], *, is_json: bool = False) -> str:
    """A whole new file: maps of elements in lines with one element on each, everything else in brackets."""
    if is_json:
        return json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n"
    lines: list[str] = []
    for name, item in value.items():
        elements = isinstance(item, Mapping) and any(isinstance(inner, Mapping) for inner in item.values())
        lines += entry(name, item, 0, lines=elements)
    return "\n".join(lines) + "\n"
