"""What an edit did to the texts: splices that can be turned round, kept in a draft's log."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["Files", "Patch", "Splice", "between"]

Files = Mapping[str, str]
"""The texts of a release by path."""


@dataclasses.dataclass(frozen=True, slots=True)
class Splice:
    """`removed` at `start` of a file gives way to `added`. A `removed` of None makes the file, an `added` of None takes it away."""

    path: str
    start: int
    removed: str | None
    added: str | None

    def reversed(self) -> Splice:
        return Splice(self.path, self.start, self.added, self.removed)

    def on(self, text: str | None) -> str | None:
        """The file's text afterwards. Raises ValueError when the text is not the one that the splice was made for."""
        if self.removed is None or text is None:
            if text is not None or self.removed is not None:
                raise ValueError(f"{self.path} is not what it was")
            return self.added
        end = self.start + len(self.removed)
        if text[self.start : end] != self.removed or (self.added is None and text != self.removed):
            raise ValueError(f"{self.path} is not what it was")
        return None if self.added is None else text[: self.start] + self.added + text[end:]


@dataclasses.dataclass(frozen=True, slots=True)
class Patch:
    """Splices one after the other; offsets of each count in the text that the ones before leave."""

    splices: tuple[Splice, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.splices

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(splice.path for splice in self.splices))

    def reversed(self) -> Patch:
        """What gives the first bytes back."""
        return Patch(tuple(splice.reversed() for splice in reversed(self.splices)))

    def then(self, other: Patch) -> Patch:
        return Patch(self.splices + other.splices)

    def on(self, files: Files) -> dict[str, str]:
        """The files afterwards. Raises ValueError when they are not those that it was made for."""
        found = dict(files)
        for splice in self.splices:
            text = splice.on(found.get(splice.path))
            if text is None:
                found.pop(splice.path, None)
            else:
                found[splice.path] = text
        return found

    def as_json(self) -> list[list[Any]]:
        return [[s.path, s.start, s.removed, s.added] for s in self.splices]

    @classmethod
    def of_json(cls, rows: Iterable[Iterable[Any]]) -> Patch:
        return cls(tuple(Splice(*row) for row in rows))


def between(path: str, before: str | None, after: str | None) -> Patch:
    """The one splice that leads from a text to another: what they have in common at both ends stays."""
    if before == after:
        return Patch()
    if before is None or after is None:
        return Patch((Splice(path, 0, before, after),))
    start, most = 0, min(len(before), len(after))
    while start < most and before[start] == after[start]:
        start += 1
    end = 0
    while end < most - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return Patch((Splice(path, start, before[start : len(before) - end], after[start : len(after) - end]),))
