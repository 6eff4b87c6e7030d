"""Which part of the text a node stands for, found again from the offset of its sign: the tree itself keeps no more than that."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions.syntax.parse import tokens
from engine.expressions.tree import IsNull, Node, Ref, Var

__all__ = ["Span", "Spans"]

# From the first character to the one after the last.
Span = tuple[int, int]
PAIRS = {"(": ")", "[": "]", "{": "}"}


class Spans:
    """The spans of the nodes of one text."""

    def __init__(self, text: str) -> None:
        self.found = tokens(text)
        self.place = {start: place for place, (start, _end, _text) in enumerate(self.found)}
        self.after = {end: place + 1 for place, (_start, end, _text) in enumerate(self.found)}
        self.partner = _partners([text for _start, _end, text in self.found])

    def of(self, node: Node) -> Span:
        """The part of the text that the node was made of; brackets around it are left to what stands above it."""
        inside = [self.around(self.of(child)) for child in node.children]
        own = self.sign(node)
        return min([own[0], *(start for start, _ in inside)]), max([own[1], *(end for _, end in inside)])

    def around(self, span: Span) -> Span:
        """The span with all brackets that enclose it and nothing else."""
        while (before := self.place.get(span[0], 0) - 1) >= 0 and self.found[before][2] == "(":
            closing = self.partner.get(before)
            if closing is None or closing != self.after.get(span[1]):
                break
            span = self.found[before][0], self.found[closing][1]
        return span

    def sign(self, node: Node) -> Span:
        """From the node's own sign to what belongs to it: the names of a path, the brackets of a call or list, the number behind a minus."""
        place = self.place.get(node.at)
        if place is None:
            return node.at, node.at
        first = last = place
        if isinstance(node, IsNull) and "null" in (self.token(place + 1), self.token(place - 1)):
            first, last = (place, place + 1) if self.token(place + 1) == "null" else (place - 1, place)
        elif isinstance(node, Var) or isinstance(node, Ref) and self.found[place][2] == node.path[0]:
            last = self.path(place, len(node.path) + isinstance(node, Var))
        elif self.found[place][2] in PAIRS:
            last = self.partner.get(place, place)
        elif self.token(place + 1) == "(" and self.found[place][2].isidentifier():
            last = self.partner.get(place + 1, place)
        elif self.found[place][2] == "-" and not node.children:
            last = place + 1
        return self.found[first][0], self.found[min(last, len(self.found) - 1)][1]

    def path(self, place: int, names: int) -> int:
        """The last token of a path that has at most so many names, or one more that is `id`."""
        while self.token(place + 1) == "." and self.token(place + 3) != "(" and (names > 1 or self.token(place + 2) == "id"):
            place, names = place + 2, names - 1
        return place

    def token(self, place: int) -> str:
        return self.found[place][2] if place < len(self.found) else ""


def _partners(texts: list[str]) -> Mapping[int, int]:
    """For the place of each opening bracket that of the closing one."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for place, text in enumerate(texts):
        if text in PAIRS:
            opened.append(place)
        elif opened and text == PAIRS[texts[opened[-1]]]:
            found[opened.pop()] = place
    return found
