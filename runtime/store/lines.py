"""Three-way merge of the lines of a text."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

__all__ = ["merge_lines"]


def merge_lines(base: Sequence[str], theirs: Sequence[str], ours: Sequence[str]) -> list[list[str]]:
    """Candidates for the merged text, best first: where both sides added different lines at one place, each order of them.

    Empty when both sides changed the same lines differently.
    """
    candidates: list[list[str]] = [[], []]
    for part in _regions(base, theirs, ours):
        if isinstance(part, list):
            for candidate in candidates:
                candidate.extend(part)
            continue
        lost, one, other = part
        if lost:
            return []
        candidates[0].extend([*one, *other])
        candidates[1].extend([*other, *one])
    return candidates if candidates[0] != candidates[1] else candidates[:1]


Region = list[str] | tuple[list[str], list[str], list[str]]


def _regions(base: Sequence[str], theirs: Sequence[str], ours: Sequence[str]) -> Iterator[Region]:
    """Agreed lines, and (base, theirs, ours) where both sides changed."""
    b = t = o = 0
    for b_next, t_next, o_next, length in _anchors(base, theirs, ours):
        yield _resolved(list(base[b:b_next]), list(theirs[t:t_next]), list(ours[o:o_next]))
        yield list(base[b_next:b_next + length])
        b, t, o = b_next + length, t_next + length, o_next + length


def _resolved(base: list[str], theirs: list[str], ours: list[str]) -> Region:
    if theirs in (ours, base):
        return ours
    return theirs if ours == base else (base, theirs, ours)


def _anchors(base: Sequence[str], theirs: Sequence[str], ours: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Runs of base lines that both sides kept: (place in base, in theirs, in ours, length); an empty one at the end."""
    left = difflib.SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks()
    right = difflib.SequenceMatcher(None, base, ours, autojunk=False).get_matching_blocks()
    i = j = 0
    while i < len(left) and j < len(right):
        (lb, lt, ll), (rb, ro, rl) = left[i], right[j]
        start, end = max(lb, rb), min(lb + ll, rb + rl)
        if start < end:
            yield start, lt + start - lb, ro + start - rb, end - start
        if lb + ll < rb + rl:
            i += 1
        else:
            j += 1
    yield len(base), len(theirs), len(ours), 0
