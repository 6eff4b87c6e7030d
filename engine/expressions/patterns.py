"""Patterns of `matches`: the subset that re2, PostgreSQL and browsers run alike, rewritten so that one text suits all three.

A pattern is literals, `.`, classes, groups, `|`, the anchors `^ $` and the quantifiers `? * + {m} {m,} {m,n}`. It is
searched for anywhere in the text. `.` is every character but the line break; `\\d \\w \\s` are ASCII.
"""

from __future__ import annotations

import dataclasses

from engine.expressions.limits import MAX_PATTERN, MAX_REPEAT
from engine.expressions.pattern_sets import MAX_EFFORT, effort

__all__ = ["PatternError", "portable"]

CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r" \t\n\f\r"}
CONTROLS = {"n": r"\n", "t": r"\t", "r": r"\r", "f": r"\f"}
SPECIAL = frozenset("^$\\.*+?()[]{}|/")
MAX_LEVELS = 10


class PatternError(ValueError):
    """A pattern outside the subset; `offset` counts characters of the pattern from 0."""

    def __init__(self, offset: int, why: str) -> None:
        self.offset = offset
        self.why = why
        super().__init__(f"{why} (character {offset + 1} of the pattern)")


@dataclasses.dataclass(frozen=True, slots=True)
class _Part:
    """A piece of the rewritten pattern; `steps` is its size when repeats are written out."""

    text: str
    steps: int
    varies: bool
    anchor: bool = False


def portable(pattern: str) -> str:
    """The pattern as all engines read it; raises PatternError."""
    if not pattern:
        raise PatternError(0, "it is empty")
    if len(pattern) > MAX_PATTERN:
        raise PatternError(MAX_PATTERN, f"it is longer than {MAX_PATTERN} characters")
    reader = _Reader(pattern)
    whole = reader.alternatives(0)
    if reader.at < len(pattern):
        raise PatternError(reader.at, "a ')' without its '('")
    if effort(whole.text) > MAX_EFFORT:
        raise PatternError(0, "its counted repeats can overlap in too many ways; use * or + for the longest, or parts that exclude one another")
    return whole.text


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def alternatives(self, level: int) -> _Part:
        branches = [self.branch(level)]
        while self.peek() == "|":
            self.at += 1
            branches.append(self.branch(level))
        text = "|".join(branch.text for branch in branches)
        return _Part(text, sum(b.steps for b in branches), any(b.varies for b in branches))

    def branch(self, level: int) -> _Part:
        parts: list[_Part] = []
        while self.peek() not in ("", "|", ")"):
            parts.append(self.repeated(self.atom(level)))
        if not parts:
            raise PatternError(self.at, "an alternative or group is empty")
        steps = sum(part.steps for part in parts)
        if steps > 1_000:
            raise PatternError(self.at, "its repeats together are longer than 1000 characters")
        return _Part("".join(part.text for part in parts), steps, any(part.varies for part in parts))

    def atom(self, level: int) -> _Part:
        sign = self.peek()
        start = self.at
        if sign == "(":
            return self.group(level)
        if sign == "[":
            return self.character_class()
        self.at += 1
        if sign == "\\":
            return _Part(self.escaped(), 1, False)
        if sign == ".":
            return _Part(r"[^\n]", 1, False)
        if sign in "^$":
            return _Part(sign, 0, False, anchor=True)
        if sign in SPECIAL - {"/"}:
            raise PatternError(start, f"'{sign}' stands alone; write \\{sign} for the character itself")
        return _Part(_literal(sign, start), 1, False)

    def group(self, level: int) -> _Part:
        start = self.at
        self.at += 3 if self.pattern.startswith("(?:", self.at) else 1
        if level >= MAX_LEVELS:
            raise PatternError(start, f"groups are nested more than {MAX_LEVELS} levels deep")
        if self.peek() == "?":
            raise PatternError(start, "look-around, names and options of groups are not part of the language")
        inner = self.alternatives(level + 1)
        if self.peek() != ")":
            raise PatternError(start, "a '(' without its ')'")
        self.at += 1
        return _Part(f"(?:{inner.text})", inner.steps, inner.varies)

    def escaped(self) -> str:
        sign = self.peek()
        self.at += 1
        if sign in CLASSES and sign:
            return f"[{CLASSES[sign]}]"
        if sign.lower() in CLASSES and sign:
            return f"[^{CLASSES[sign.lower()]}]"
        return self.escaped_character(sign)

    def escaped_character(self, sign: str) -> str:
        if sign in CONTROLS and sign:
            return CONTROLS[sign]
        if sign and sign.isascii() and not sign.isalnum() and sign.isprintable():
            return _literal(sign, self.at - 1)
        raise PatternError(self.at - 2, f"'\\{sign}' is not part of the language")

    def repeated(self, part: _Part) -> _Part:
        start = self.at
        bounds = self.quantifier()
        if bounds is None:
            return part
        least, most = bounds
        if part.anchor:
            raise PatternError(start, "an anchor cannot be repeated")
        if part.varies and most != 1:
            raise PatternError(start, "a repeat within a repeat can take for ever")
        if self.peek() and self.peek() in "?*+{":
            raise PatternError(self.at, "a quantifier after a quantifier")
        written = self.pattern[start : self.at]
        steps = max(1, part.steps) * max(1, least if most is None else most)
        return _Part(part.text + written, steps, most != least or part.varies)

    def quantifier(self) -> tuple[int, int | None] | None:
        """Least and most repeats, None for no limit; None when no quantifier stands here."""
        simple: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
        sign = self.peek()
        if sign in simple and sign:
            self.at += 1
            return simple[sign]
        if sign != "{":
            return None
        end = self.pattern.find("}", self.at)
        low, comma, high = self.pattern[self.at + 1 : max(end, 0)].partition(",")
        numbers = [text for text in (low, high) if text]
        if end < 0 or not low or len(numbers) > 2 or not all(_is_count(text) for text in numbers):
            raise PatternError(self.at, "'{' needs counts as in {2}, {2,} or {2,5}")
        least = int(low)
        most = least if not comma else int(high) if high else None
        if max(map(int, numbers)) > MAX_REPEAT or (most is not None and (most < least or most == 0)):
            raise PatternError(self.at, f"counts go up to {MAX_REPEAT}, the smaller first")
        self.at = end + 1
        return least, most

    def character_class(self) -> _Part:
        start = self.at
        self.at += 1
        negated = self.peek() == "^"
        self.at += negated
        members: list[str] = []
        while self.peek() != "]":
            if not self.peek():
                raise PatternError(start, "a '[' without its ']'")
            members.append(self.class_member())
        if not members:
            raise PatternError(start, r"an empty class; write \] for the bracket itself")
        self.at += 1
        return _Part(f"[{'^' if negated else ''}{''.join(members)}]", 1, False)

    def class_member(self) -> str:
        start = self.at
        sign = self.class_character()
        if len(sign) > 1:
            return sign
        if self.peek() == "-" and self.pattern[self.at + 1 : self.at + 2] not in ("]", ""):
            self.at += 1
            end = self.class_character()
            if len(end) > 1 or end < sign:
                raise PatternError(start, "a range runs from the lower to the higher character")
            return f"{_in_class(sign)}-{_in_class(end)}"
        return _in_class(sign)

    def class_character(self) -> str:
        """One character, or the text of a class such as `\\d` or of a control character."""
        sign = self.peek()
        start = self.at
        self.at += 1
        if sign == "[":
            raise PatternError(start, r"write \[ for a bracket within a class")
        if sign != "\\":
            _literal(sign, start)
            return sign
        sign = self.peek()
        self.at += 1
        if sign in CLASSES and sign:
            return CLASSES[sign]
        if sign in CONTROLS and sign:
            return CONTROLS[sign]
        self.escaped_character(sign)
        return sign


def _literal(sign: str, at: int) -> str:
    if ord(sign) < 32 or 0xD800 <= ord(sign) <= 0xDFFF:
        raise PatternError(at, "a control character")
    return f"\\{sign}" if sign in SPECIAL else sign


def _in_class(sign: str) -> str:
    return f"\\{sign}" if sign in "\\]^-[" else sign


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4
