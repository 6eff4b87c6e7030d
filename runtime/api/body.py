"""Reads a JSON body strictly (RFC 8259 with the warnings of its section 4 taken seriously): one meaning or none."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from flask import request

from runtime.web.errors import HttpProblem, ProblemError
from runtime.web.messages import say

__all__ = ["read_body", "read_object", "refuse_body", "strict_json"]

MAX_DEPTH = 64
MAX_DIGITS = 40
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class _Bad(Exception):
    def __init__(self, code: str, **words: object) -> None:
        super().__init__(code)
        self.code = code
        self.words: dict[str, Any] = words


def read_body(language: str) -> tuple[Any, bytes]:
    """The JSON value of the body and its exact bytes. Raises HttpProblem 400, 413 or 415."""
    if request.mimetype != "application/json":
        raise HttpProblem("media_type", headers={"Accept": "application/json"})
    raw = request.get_data(cache=True)
    try:
        return strict_json(raw), raw
    except _Bad as bad:
        refuse_body(bad.code, language, **bad.words)


def read_object(language: str) -> tuple[dict[str, Any], bytes]:
    """The JSON object of the body and its exact bytes. Raises HttpProblem 400, 413 or 415."""
    value, raw = read_body(language)
    if not isinstance(value, dict):
        refuse_body("not_object", language, pointer="#")
    return value, raw


def refuse_body(code: str, language: str, *, pointer: str | None = None, **words: object) -> NoReturn:
    """Raise HttpProblem 400 for the body; `pointer` makes it a field problem."""
    message = say(code, language, **words)
    raise HttpProblem("bad_json", detail=message, errors=[ProblemError(code, message, pointer=pointer or "#")])


def strict_json(raw: bytes) -> Any:
    """The value of UTF-8 JSON without duplicate keys, NaN, lone surrogates, endless numbers or deep nesting."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _Bad("not_utf8") from None
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _depth(raw) > MAX_DEPTH:
        raise _Bad("too_deep", limit=MAX_DEPTH)
    try:
        value = json.loads(text, object_pairs_hook=_pairs, parse_constant=_constant, parse_int=_integer, parse_float=_float)
    except json.JSONDecodeError as error:
        raise _Bad("not_json", why=f"{error.msg}, {error.lineno}:{error.colno}") from None
    except RecursionError:
        raise _Bad("too_deep", limit=MAX_DEPTH) from None
    if _SURROGATE.search(raw) and _has_lone_surrogate(value):
        raise _Bad("broken_character")
    return value


def _depth(raw: bytes) -> int:
    deepest = depth = 0
    for byte in _STRING.sub(b"", raw):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _pairs(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _Bad("repeated_key", name=printable(name))
            seen.add(name)
    return found


def _constant(name: str) -> NoReturn:
    raise _Bad("not_a_number")


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise _Bad("number_too_long", limit=MAX_DIGITS)
    return int(digits)


def _float(digits: str) -> float:
    found = float(digits)
    if found in (float("inf"), float("-inf")):
        raise _Bad("not_a_number")
    return found


def _has_lone_surrogate(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def printable(name: str) -> str:
    """A name that somebody sent, short and without control characters or broken ones, to be said back."""
    return "".join(c if c.isprintable() else "�" for c in name[:60])
