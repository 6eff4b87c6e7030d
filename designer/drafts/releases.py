"""The releases that were live, newest first, and what differs between two of them, by files and by elements."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterator, Mapping
from datetime import datetime

import sqlalchemy as sa

from engine.targets.diff import diff
from engine.targets.operations import Operation
from runtime.store import system
from runtime.store.database import Store

__all__ = ["Changed", "Line", "PastRelease", "changed_files", "operations_between", "past_releases"]

_release, _live = system.release, system.live_release


@dataclasses.dataclass(frozen=True, slots=True)
class PastRelease:
    """A release that was published. `base` is the one that it was made from, '' for the first."""

    hash: str
    base: str
    at: datetime
    by: str
    live: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A line of a comparison: `sign` is +, -, a blank, or @ where lines are left out; the numbers are those on either side."""

    sign: str
    old: int | None
    new: int | None
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Changed:
    """One file that differs."""

    path: str
    what: str
    """`added`, `removed` or `changed`."""
    lines: tuple[Line, ...]


def past_releases(store: Store, limit: int = 200) -> list[PastRelease]:
    """Published releases, newest first."""
    statement = sa.select(
        _release.c.hash, _release.c.base, _release.c.published_at, _release.c.created_by,
    ).where(_release.c.state == "published").order_by(_release.c.published_at.desc(), _release.c.hash).limit(limit)
    with store.read() as connection:
        live = connection.scalar(sa.select(_live.c.hash))
        rows = connection.execute(statement).all()
    return [PastRelease(row.hash, row.base or "", row.published_at, row.created_by, row.hash == live) for row in rows]


def changed_files(old: Mapping[str, str], new: Mapping[str, str], *, context: int = 2) -> list[Changed]:
    """The files that differ, line by line."""
    found = []
    for path in sorted({*old, *new}):
        before, after = old.get(path), new.get(path)
        if before != after:
            what = "added" if before is None else "removed" if after is None else "changed"
            found.append(Changed(path, what, tuple(_lines(before or "", after or "", context))))
    return found


def _lines(before: str, after: str, context: int) -> Iterator[Line]:
    old, new = before.splitlines(), after.splitlines()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for number, group in enumerate(matcher.get_grouped_opcodes(context)):
        if number:
            yield Line("@", None, None, "")
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from (Line(" ", i + 1, j1 + i - i1 + 1, old[i]) for i in range(i1, i2))
                continue
            yield from (Line("-", i + 1, None, old[i]) for i in range(i1, i2))
            yield from (Line("+", None, j + 1, new[j]) for j in range(j1, j2))


def operations_between(store: Store, old: str, new: str) -> tuple[Operation, ...]:
    """What changed for people and tables from one release to another, gravest first. Raises StoreError."""
    before, after = store.releases.load(old), store.releases.load(new)
    packs = {pack for pack in before.model.packs if pack not in after.model.packs}
    return diff(before.model, before.layout, after.model, removed_packs=packs).operations
