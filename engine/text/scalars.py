"""What a plain scalar means: the core schema of YAML 1.2 (chapter 10.3), so `no`, `12:30` and `2026-11-22` are text."""

from __future__ import annotations

import re
from decimal import Decimal

from engine.text.nodes import Scalar

__all__ = ["MAX_DIGITS", "NotANumber", "number", "resolve"]

MAX_DIGITS = 30

_WORDS: dict[str, Scalar] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_OTHER_BASE = re.compile(r"0(?:o[0-7]+|x[0-9a-fA-F]+)\Z")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
_MAY_BE_NUMBER = frozenset("-+.0123456789")


class NotANumber(ValueError):
    """A number that a definition cannot use: infinite, or with more digits than any setting needs."""


def resolve(text: str) -> Scalar:
    """The value of a plain scalar; `017` is 17, `0o17` is 15. Raises NotANumber."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _MAY_BE_NUMBER:
        return text
    if _INTEGER.match(text) or _DECIMAL.match(text):
        return number(text)
    if _OTHER_BASE.match(text):
        if len(text) > MAX_DIGITS:
            raise NotANumber(text)
        return int(text, 0)
    if _NOT_FINITE.match(text):
        raise NotANumber(text)
    return text


def number(text: str) -> int | Decimal:
    """An integer or an exact decimal. Raises NotANumber when it is larger or finer than `MAX_DIGITS` digits."""
    if len(text) > MAX_DIGITS * 2:
        raise NotANumber(text)
    if _INTEGER.match(text):
        if len(text) > MAX_DIGITS:
            raise NotANumber(text)
        return int(text)
    # The exponent is looked at before anything computes with it: 1e999999999 is short to write and endless to expand.
    mantissa, _, exponent = text.lower().partition("e")
    if exponent and (len(exponent) > 4 or abs(int(exponent)) > MAX_DIGITS):
        raise NotANumber(text)
    value = Decimal(mantissa + ("e" + exponent if exponent else ""))
    if abs(value.adjusted()) > MAX_DIGITS:
        raise NotANumber(text)
    return value
