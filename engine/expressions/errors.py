"""The one error of the language: what is wrong, and at which character of the expression."""

from __future__ import annotations

from collections.abc import Mapping

from engine.problems import Code, Place, Problem

__all__ = ["ExpressionError", "Untranslatable"]


class ExpressionError(Exception):
    """A problem of an expression; `offset` counts characters of its text from 0, `words` fill the templates of `code`."""

    def __init__(self, offset: int, code: Code, words: Mapping[str, object] | None = None) -> None:
        self.offset = offset
        self.code = code
        self.words = dict(words or {})
        super().__init__(offset, code, self.words)

    @property
    def message(self) -> str:
        return self.code.message.format(**self.words)

    @property
    def fix(self) -> str:
        return self.code.fix.format(**self.words)

    def at(self, place: Place) -> Problem:
        """The problem in a file; `place` is where the character at `offset` stands there."""
        return Problem(place, self.code, self.message, self.fix, words=self.words)

    def say(self, language: str) -> tuple[str, str]:
        """The message and the way out as sentences of a language."""
        return self.at(Place("")).say(language)

    def __str__(self) -> str:
        return f"{self.offset + 1} {self.code.code} {self.message} {self.fix[:1].upper()}{self.fix[1:]}."


class Untranslatable(ExpressionError):
    """A construct that SQL cannot compute; `construct` names it as the author wrote it."""

    def __init__(self, construct: str, offset: int) -> None:
        self.construct = construct
        super().__init__(offset, Code.EXPR_011, {"construct": construct})
