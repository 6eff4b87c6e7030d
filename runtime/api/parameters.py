"""Query parameters and headers of the API: known ones, once each, of the right form; everything else is 400."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NoReturn

from flask import request

from runtime.api.body import printable
from runtime.web.errors import HttpProblem, ProblemError
from runtime.web.messages import say

__all__ = ["NO_VERSION", "etag", "idempotency_key", "if_match", "number", "parameters", "refuse"]

_CONTROL = re.compile("[\x00-\x1f\x7f]")
_ETAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_KEY = re.compile(r'"?([\x21\x23-\x7e]{1,128})"?')
MAX_VERSION_DIGITS = 9
NO_VERSION = -1
"""A version that no record has: what an entity tag of another make stands for."""


def parameters(language: str, known: Sequence[str] = ()) -> dict[str, str]:
    """The parameters of the query string by name. Raises HttpProblem 400 for unknown, repeated and unreadable ones."""
    found: dict[str, str] = {}
    for name, values in request.args.lists():
        if name not in known:
            _refuse("unknown_parameter", language, printable(name), known=", ".join(known) or "–")
        if len(values) > 1:
            _refuse("repeated_parameter", language, name)
        if _CONTROL.search(values[0]):
            _refuse("invalid_parameter", language, name, wanted=_words("without control characters", "不含控制字符的文本", language))
        found[name] = values[0]
    return found


def number(text: str, name: str, language: str) -> int:
    """A parameter that is a whole number. Raises HttpProblem 400."""
    if not re.fullmatch("[0-9]{1,6}", text):
        _refuse("invalid_parameter", language, name, wanted=_words("a whole number", "整数", language))
    return int(text)


def etag(version: int) -> str:
    """The entity tag of a version of a record."""
    return f'"{version}"'


def if_match(language: str) -> int | None:
    """The version of If-Match; None for `*`. Raises HttpProblem 428 without one, 400 for one that cannot be read."""
    text = request.headers.get("If-Match")
    if text is None:
        raise HttpProblem("version_missing")
    return _version(text, language)


def optional_if_match(language: str) -> int | None:
    """Like `if_match`; None without the header too."""
    text = request.headers.get("If-Match")
    return None if text is None else _version(text, language)


def _version(text: str, language: str) -> int | None:
    if text.strip() == "*":
        return None
    found = _ETAG.fullmatch(text.strip())
    if found is None:
        refuse_header("If-Match", language, 'the ETag of the record, such as "3"', '记录的 ETag,如 "3"')
    weak, tag = found.groups()
    if weak or not (tag.isascii() and tag.isdigit() and len(tag) <= MAX_VERSION_DIGITS):
        return NO_VERSION  # RFC 9110, 13.1.1: compared strongly, so it fits no version
    return int(tag)


def idempotency_key(language: str) -> str | None:
    """The Idempotency-Key: 1 to 128 visible characters, with or without quotes. Raises HttpProblem 400."""
    text = request.headers.get("Idempotency-Key")
    if text is None:
        return None
    found = _KEY.fullmatch(text.strip())
    if found is None:
        refuse_header("Idempotency-Key", language, "1 to 128 visible ASCII characters", "1 至 128 个可见 ASCII 字符")
    return found[1]


def refuse_header(name: str, language: str, english: str, chinese: str) -> NoReturn:
    """Raise HttpProblem 400 for a header."""
    message = say("bad_header", language, name=name, wanted=_words(english, chinese, language))
    raise HttpProblem("bad_request", detail=message, errors=[ProblemError("bad_header", message)])


def refuse(name: str, language: str, english: str, chinese: str) -> NoReturn:
    """Raise HttpProblem 400 for a parameter that should be what the words say."""
    _refuse("invalid_parameter", language, name, wanted=_words(english, chinese, language))


def _refuse(code: str, language: str, name: str, **words: object) -> NoReturn:
    message = say(code, language, name=name, **words)
    raise HttpProblem("bad_query", detail=message, errors=[ProblemError(code, message, parameter=name)])


def _words(english: str, chinese: str, language: str) -> str:
    return chinese if language.startswith("zh") else english
