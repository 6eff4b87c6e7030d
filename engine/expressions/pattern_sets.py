"""Whether a pattern can be run in time that grows with the text alone.

All engines of the language walk along a text with the set of places in the pattern that the text so far can have led to, and remember
the sets that they have met. A pattern such as `a.{20}b` has a million of them: every character makes a new set then, and a text of
20,000 characters takes a tenth of a second and more. So the sets are met here once, before the pattern is used.
(The states are those of Thompson, 1968; the sets are the subset construction of Rabin and Scott, 1959.)
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable

from engine.expressions.limits import MAX_SETS, MAX_SETS_PLACES

__all__ = ["MAX_EFFORT", "TAME", "effort"]

TAME = 6
WILD = 4
# A text of 20,000 characters takes under 50 ms then.
MAX_EFFORT = 400

CONTROLS = {"n": 10, "t": 9, "r": 13, "f": 12}
SIMPLE: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
LAST = 0x110000
# Half-open ranges of code points; or what a state stands for that takes no character.
Ranges = tuple[tuple[int, int], ...]
Takes = Ranges | str
FORK, START, END, FOUND = "fork", "start", "end", "found"
# A part of the pattern as a function: from the state behind it to the state before it.
Build = Callable[[int], int]


@functools.lru_cache(maxsize=512)
def effort(pattern: str) -> int:
    """The steps that TEXT_UNIT characters take at most, for a pattern in the form that `portable` writes.

    With few sets an engine looks up what follows a character; else it goes through the places of a set for each.
    """
    machine = _Machine(pattern)
    return TAME if _Sets(machine).met() else WILD * len(machine.takes)


class _Machine:
    """The states of a pattern: what each takes, and the one or two that follow it."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.takes: list[Takes] = [FOUND]
        self.after: list[tuple[int, ...]] = [()]
        self.first = self.alternatives()(0)

    def state(self, takes: Takes, *after: int) -> int:
        self.takes.append(takes)
        self.after.append(after)
        return len(self.takes) - 1

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def alternatives(self) -> Build:
        branches: list[list[Build]] = [[]]
        while self.peek() not in ("", ")"):
            if self.peek() == "|":
                self.at += 1
                branches.append([])
            else:
                branches[-1].append(self.repeated(self.atom()))

        def build(after: int) -> int:
            made = [functools.reduce(lambda found, part: part(found), reversed(branch), after) for branch in branches]
            return functools.reduce(lambda one, other: self.state(FORK, one, other), made)

        return build

    def atom(self) -> Build:
        sign = self.peek()
        if sign == "(":
            self.at += 3
            inner = self.alternatives()
            self.at += 1
            return inner
        if sign in "^$":
            self.at += 1
            edge = START if sign == "^" else END
            return lambda after: self.state(edge, after)
        takes = self.characters() if sign == "[" else _one(self.character())
        return lambda after: self.state(takes, after)

    def character(self) -> int:
        sign = self.peek()
        self.at += 1
        if sign != "\\":
            return ord(sign)
        sign = self.peek()
        self.at += 1
        return CONTROLS.get(sign) or ord(sign)

    def characters(self) -> Ranges:
        self.at += 1
        negated = self.peek() == "^"
        self.at += negated
        found: list[tuple[int, int]] = []
        while self.peek() != "]":
            low = high = self.character()
            if self.peek() == "-":
                self.at += 1
                high = self.character()
            found.append((low, high + 1))
        self.at += 1
        return _others(found) if negated else tuple(found)

    def repeated(self, part: Build) -> Build:
        sign = self.peek()
        if sign in SIMPLE and sign:
            self.at += 1
            return self.times(part, *SIMPLE[sign])
        if sign != "{":
            return part
        end = self.pattern.index("}", self.at)
        low, comma, high = self.pattern[self.at + 1 : end].partition(",")
        self.at = end + 1
        return self.times(part, int(low), int(high) if high else None if comma else int(low))

    def times(self, part: Build, least: int, most: int | None) -> Build:
        def build(after: int) -> int:
            found = after
            if most is None:
                found = self.state(FORK)
                self.after[found] = (part(found), after)
            for _ in range((most or least) - least):
                found = self.state(FORK, part(found), after)
            for _ in range(least):
                found = part(found)
            return found

        return build


class _Sets:
    """Meets all sets of states, from that at the start of a text on."""

    def __init__(self, machine: _Machine) -> None:
        self.machine = machine
        self.places = 0
        self.behind: dict[int, int] = {}
        self.restart = self.closure(machine.first, at_start=False)
        self.alphabet = _alphabet(machine.takes)

    def closure(self, state: int, *, at_start: bool) -> int:
        """The states from here on that take a character, as bits, and the one that has found the pattern."""
        found, waiting, seen = 0, [state], set[int]()
        while waiting:
            place = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            takes = self.machine.takes[place]
            if takes == FORK or takes == START and at_start:
                waiting.extend(self.machine.after[place])
            elif takes not in (START, END):
                found |= 1 << place
        self.places += len(seen)
        return found

    def met(self) -> bool:
        """Whether there are few enough; stops when there are not."""
        start = self.closure(self.machine.first, at_start=True)
        known, waiting = {start}, [start]
        while waiting:
            states = waiting.pop()
            self.places += states.bit_count()
            if len(known) > MAX_SETS or self.places > MAX_SETS_PLACES:
                return False
            if not states & 1:  # 1 has found the pattern: nothing more is looked for
                for taken in {states & takers for takers in self.alphabet}:
                    found = self.step(taken)
                    if found not in known:
                        known.add(found)
                        waiting.append(found)
        return True

    def step(self, taken: int) -> int:
        """The set behind these states, and what begins anew."""
        found = self.restart
        self.places += taken.bit_count()
        while taken:
            lowest = taken & -taken
            taken ^= lowest
            if lowest not in self.behind:
                self.behind[lowest] = self.closure(self.machine.after[lowest.bit_length() - 1][0], at_start=False)
            found |= self.behind[lowest]
        return found


def _one(code: int) -> Ranges:
    return ((code, code + 1),)


def _others(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """All code points outside the ranges."""
    found: list[tuple[int, int]] = []
    start = 0
    for low, high in sorted(ranges):
        if low > start:
            found.append((start, low))
        start = max(start, high)
    return (*found, (start, LAST))


def _alphabet(takes: list[Takes]) -> set[int]:
    """For every kind of character the states that take it, as bits."""
    takers: dict[Ranges, int] = {}
    for place, ranges in enumerate(takes):
        if not isinstance(ranges, str):
            takers[ranges] = takers.get(ranges, 0) | 1 << place
    edges = sorted({edge for ranges in takers for low, high in ranges for edge in (low, high)})
    return {
        functools.reduce(int.__or__, (bits for ranges, bits in takers.items() if any(low <= edge < high for low, high in ranges)), 0)
        for edge in edges
    }
