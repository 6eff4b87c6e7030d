"""What the compiler says of a draft, asked once for each content and kept for the next page."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from designer.drafts.draft import Draft
from engine.problems import Problem
from engine.text import Checked, check, read_bytes

__all__ = ["checked", "errors", "problems_of"]

_KEPT = 6
_held: OrderedDict[str, Checked] = OrderedDict()
_lock = threading.Lock()


def checked(draft: Draft) -> Checked:
    """The draft compiled: its Model when nothing is wrong, and every problem."""
    source = read_bytes(draft.as_bytes())
    key = source.hash
    with _lock:
        if key in _held:
            _held.move_to_end(key)
            return _held[key]
    made = check(source)
    with _lock:
        _held[key] = made
        while len(_held) > _KEPT:
            _held.popitem(last=False)
    return made


def problems_of(draft: Draft, path: str = "") -> Sequence[Problem]:
    """All problems, or those of one file, in the order of their places."""
    return [problem for problem in checked(draft).problems if not path or problem.place.file == path]


def errors(draft: Draft) -> int:
    """How many problems keep it from being published."""
    return sum(not problem.warning for problem in checked(draft).problems)
