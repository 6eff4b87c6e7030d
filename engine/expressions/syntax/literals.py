"""Texts between quotation marks: the escapes of CEL, and what a text may not hold."""

from __future__ import annotations

import re
import unicodedata

from engine.expressions.errors import ExpressionError
from engine.problems import Code

__all__ = ["unescape"]

SIMPLE = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "?": "?", '"': '"', "'": "'", "`": "`",
}
ESCAPE = re.compile(r"\\(?:([abfnrtv\\?\"'`])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|)", re.DOTALL)


def unescape(text: str, offset: int) -> str:
    """The text that the escapes mean, in NFC as stored texts are; raises for an escape or character that none may hold."""

    def one(match: re.Match[str]) -> str:
        simple, *codes, octal = match.groups()
        if simple is not None:
            return SIMPLE[simple]
        digits = next((code for code in codes if code is not None), None)
        number = int(digits, 16) if digits is not None else int(octal, 8) if octal is not None else 0
        if not 0 < number <= 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            written = text[match.start() : match.start() + max(2, len(match[0]))]
            words = {"text": written, "what": "an escape of a character", "hint": r"write \\ for a backslash itself"}
            raise ExpressionError(offset + match.start(), Code.EXPR_015, words)
        return chr(number)

    bad = re.search("[\x00\ud800-\udfff]", text)
    if bad:
        words = {"text": f"U+{ord(bad[0]):04X}", "what": "a character of a text", "hint": "remove it"}
        raise ExpressionError(offset + bad.start(), Code.EXPR_015, words)
    return unicodedata.normalize("NFC", ESCAPE.sub(one, text))
