"""Reading the text of an expression into its syntax, within the bounds of length, nodes and depth."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import unicodedata
from decimal import Decimal

import lark

from engine.expressions.errors import ExpressionError
from engine.expressions.limits import (
    DECIMAL_DIGITS,
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_FLOAT,
    MAX_INTEGER,
    MAX_NODES,
    MAX_PLACES,
    MIN_FLOAT,
)
from engine.expressions.scope import RESERVED_WORDS
from engine.expressions.syntax import nodes as syntax
from engine.expressions.syntax.literals import unescape
from engine.expressions.types import BOOL, FLOAT, INT, NULL, TEXT, DecimalOf, Type
from engine.problems import Code

__all__ = ["parse", "tokens"]

_KEPT_CHARACTERS = 300

HINTS = {
    "=": "compare with ==",
    "&": "write && for 'and'",
    "|": "write || for 'or'",
    "and": "write && for 'and'",
    "or": "write || for 'or'",
    "not": "write ! for 'not'",
    "<>": "write != for 'not equal'",
}


def parse(text: str) -> syntax.Syntax:
    """The syntax of the text; raises ExpressionError for the first place that cannot be read."""
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(MAX_CHARACTERS, Code.EXPR_006, {"limit": MAX_CHARACTERS, "what": "characters"})
    return (_read if len(text) <= _KEPT_CHARACTERS else _read.__wrapped__)(text)


@functools.lru_cache(maxsize=2048)
def _read(text: str) -> syntax.Syntax:
    """Kept for short texts: compiling a draft anew meets the same ones again and again."""
    try:
        found: syntax.Syntax = _parser().parse(text)  # type: ignore[assignment]
    except lark.exceptions.UnexpectedCharacters as error:
        raise _unreadable(error.pos_in_stream or 0, text[error.pos_in_stream or 0]) from None
    except lark.exceptions.UnexpectedToken as error:
        raise _unexpected(text, error.token) from None
    except lark.exceptions.VisitError as error:
        raise (error.orig_exc if isinstance(error.orig_exc, ExpressionError) else error) from None
    return found


def tokens(text: str) -> list[tuple[int, int, str]]:
    """The signs and words of a text that parses: where each starts, where it ends, and how it is written."""
    return [(token.start_pos or 0, token.end_pos or 0, str(token)) for token in _parser().lex(text)]


@functools.cache
def _parser() -> lark.Lark:
    grammar = pathlib.Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return lark.Lark(grammar, parser="lalr", transformer=_Build(), maybe_placeholders=True)


def _unexpected(text: str, token: lark.Token) -> ExpressionError:
    if token.type == "$END":
        hint = "complete it" if text.strip() else "write an expression"
        return ExpressionError(len(text), Code.EXPR_001, {"found": "its end", "hint": hint})
    at = token.start_pos or 0
    if text[at:].startswith(("and", "or", "not")) and str(token) in HINTS:
        return _unreadable(at, str(token))
    before = text[:at].split()
    if before and before[-1] in HINTS:
        return _unreadable(text[:at].rstrip().rfind(before[-1]), before[-1])
    return _unreadable(at, str(token))


def _unreadable(at: int, found: str) -> ExpressionError:
    """What was found, with a hint for the slips that people make, among them full-width signs."""
    plain = unicodedata.normalize("NFKC", found)
    plain = {"“": '"', "”": '"', "‘": "'", "’": "'", "，": ",", "。": ".", "、": ",", "＇": "'", "＝": "==", "＆": "&&", "｜": "||"}.get(found, plain)
    if plain != found and plain.isascii():
        hint = f"write the plain sign {plain} instead of the wide {found}"
    elif found in HINTS:
        hint = HINTS[found]
    elif found in "\"'":
        hint = "close the text with the same quotation mark"
    else:
        hint = "remove it, or complete what stands before it"
    return ExpressionError(at, Code.EXPR_001, {"found": f"'{found}'", "hint": hint})


def _counted(at: int, children: tuple[syntax.Syntax, ...], *, deeper: int = 1) -> tuple[int, int, int]:
    """Offset, nodes and levels of a part with these children; raises when the text goes beyond the bounds."""
    size = 1 + sum(child.size for child in children)
    depth = deeper + max((child.depth for child in children), default=0)
    if size > MAX_NODES:
        raise ExpressionError(at, Code.EXPR_006, {"limit": MAX_NODES, "what": "parts"})
    if depth > MAX_DEPTH:
        raise ExpressionError(at, Code.EXPR_007, {"limit": MAX_DEPTH})
    return at, size, depth


def _start(token: lark.Token) -> int:
    return token.start_pos or 0


def _free(token: lark.Token) -> str:
    """The name, unless it is one of CEL's reserved words."""
    if str(token) in RESERVED_WORDS:
        raise ExpressionError(_start(token), Code.EXPR_013, {"name": str(token)})
    return str(token)


@lark.v_args(inline=True)
class _Build(lark.Transformer[lark.Token, syntax.Syntax]):
    """Builds the syntax while lark reads, so that nothing ever descends into an unchecked depth."""

    def choose(self, test: syntax.Syntax, sign: lark.Token, then: syntax.Syntax, otherwise: syntax.Syntax) -> syntax.Syntax:
        return syntax.Choose(*_counted(_start(sign), (test, then, otherwise)), test, then, otherwise)

    def logic(self, left: syntax.Syntax, sign: lark.Token, right: syntax.Syntax) -> syntax.Syntax:
        chained = isinstance(left, syntax.Logic) and left.op == sign
        items = (*left.items, right) if chained and isinstance(left, syntax.Logic) else (left, right)
        return syntax.Logic(*_counted(_start(sign), items), str(sign), items)

    def binary(self, left: syntax.Syntax, sign: lark.Token, right: syntax.Syntax) -> syntax.Syntax:
        return syntax.Binary(*_counted(_start(sign), (left, right)), str(sign), left, right)

    def default_(self, left: syntax.Syntax, sign: lark.Token, right: syntax.Syntax) -> syntax.Syntax:
        return syntax.Default(*_counted(_start(sign), (left, right)), left, right)

    def unary(self, sign: lark.Token, x: syntax.Syntax) -> syntax.Syntax:
        return syntax.Unary(*_counted(_start(sign), (x,)), str(sign), x)

    def select(self, target: syntax.Syntax, name: lark.Token) -> syntax.Syntax:
        return syntax.Select(*_counted(_start(name), (target,)), target, str(name))

    def quoted(self, target: syntax.Syntax, name: lark.Token) -> syntax.Syntax:
        return syntax.Select(*_counted(_start(name), (target,)), target, str(name)[1:-1])

    def index(self, target: syntax.Syntax, sign: lark.Token, key: syntax.Syntax) -> syntax.Syntax:
        return syntax.Index(*_counted(_start(sign), (target, key)), target, key)

    def method(self, target: syntax.Syntax, name: lark.Token, args: tuple[syntax.Syntax, ...] | None) -> syntax.Syntax:
        given = (target, *(args or ()))
        return syntax.Invoke(*_counted(_start(name), given), str(name), given, True)

    def function(self, name: lark.Token, args: tuple[syntax.Syntax, ...] | None) -> syntax.Syntax:
        return syntax.Invoke(*_counted(_start(name), args or ()), _free(name), args or (), False)

    def args(self, *items: syntax.Syntax) -> tuple[syntax.Syntax, ...]:
        return items

    def group(self, inner: syntax.Syntax) -> syntax.Syntax:
        _at, _size, depth = _counted(inner.at, (inner,))
        return dataclasses.replace(inner, depth=depth)

    def items(self, sign: lark.Token, args: tuple[syntax.Syntax, ...] | None) -> syntax.Syntax:
        return syntax.Items(*_counted(_start(sign), args or ()), args or ())

    def entry(self, key: syntax.Syntax, value: syntax.Syntax) -> tuple[syntax.Syntax, syntax.Syntax]:
        return key, value

    def entries(self, *entries: tuple[syntax.Syntax, syntax.Syntax]) -> tuple[tuple[syntax.Syntax, syntax.Syntax], ...]:
        return entries

    def mapping(self, sign: lark.Token, entries: tuple[tuple[syntax.Syntax, syntax.Syntax], ...] | None) -> syntax.Syntax:
        parts = tuple(part for entry in entries or () for part in entry)
        return syntax.Mapping(*_counted(_start(sign), parts), entries or ())

    def name(self, name: lark.Token) -> syntax.Syntax:
        return syntax.Name(_start(name), 1, 0, _free(name))

    def integer(self, token: lark.Token) -> syntax.Syntax:
        # At most 15 digits more than a bound are read: int() of a long text is slow.
        number = int(token, 0 if token[:2] in ("0x", "0X") else 10) if len(token) <= 40 else MAX_INTEGER + 1
        if number > MAX_INTEGER:
            raise _out_of_range(token, "integers lie between -9007199254740991 and 9007199254740991")
        return _constant(token, number, INT)

    def decimal(self, token: lark.Token) -> syntax.Syntax:
        whole, _, part = token.partition(".")
        if len(part) > MAX_PLACES or len(whole.lstrip("0")) + len(part) > DECIMAL_DIGITS:
            raise _out_of_range(token, f"decimals have at most {DECIMAL_DIGITS} digits, {MAX_PLACES} of them after the point")
        return _constant(token, Decimal(str(token)), DecimalOf(len(part)))

    def float(self, token: lark.Token) -> syntax.Syntax:
        number = float(token)
        if number > MAX_FLOAT or 0 < number < MIN_FLOAT:
            raise _out_of_range(token, "floats lie between 1e-150 and 1e150")
        return _constant(token, number, FLOAT)

    def string(self, token: lark.Token) -> syntax.Syntax:
        edge = 3 if token[:3] in ('"""', "'''") else 1
        return _constant(token, unescape(token[edge:-edge], _start(token) + edge), TEXT)

    def raw(self, token: lark.Token) -> syntax.Syntax:
        edge = 3 if token[1:4] in ('"""', "'''") else 1
        return _constant(token, unescape(token[1 + edge : -edge].replace("\\", "\\\\"), _start(token) + 1 + edge), TEXT)

    def true(self, token: lark.Token) -> syntax.Syntax:
        return _constant(token, True, BOOL)

    def false(self, token: lark.Token) -> syntax.Syntax:
        return _constant(token, False, BOOL)

    def null(self, token: lark.Token) -> syntax.Syntax:
        return _constant(token, None, NULL)


def _constant(token: lark.Token, value: object, kind: Type) -> syntax.Syntax:
    return syntax.Constant(_start(token), 1, 0, value, kind)


def _out_of_range(token: lark.Token, words: str) -> ExpressionError:
    return ExpressionError(_start(token), Code.EXPR_014, {"number": token[:40], "range": words})
