"""What may be said of a guard that holds a transition back: its rule names fields, and not every reader may know of them."""

from __future__ import annotations

import dataclasses

from engine.expressions import refs
from engine.expressions.scope import BOUND_ROOTS
from engine.expressions.tree import rows_read
from engine.expressions.types import RecordOf
from engine.model import Transition
from engine.model.reads import follow
from engine.targets.layout import RUNTIME_COLUMNS
from engine.targets.machine import Refusal
from runtime.access import Access
from runtime.records.scope import ReaderScope
from runtime.store.compiled import Release

__all__ = ["path_known", "said"]

UNSAID = "…"


def said(refusal: Refusal, transition: Transition, release: Release, access: Access, object_name: str) -> Refusal:
    """The refusal, without the text of the rule when it names what the reader may not know of."""
    if "rule" not in refusal.words or transition.when is None:
        return refusal
    scope = ReaderScope(release, access, object_name)
    known = all(_known(scope, path, release, object_name) for path in refs(transition.when.tree) if path[0] not in BOUND_ROOTS)
    for path, parts in rows_read(transition.when.tree).items():
        child = follow(release.model.objects, object_name, path)[1]
        known = known and all(_known(ReaderScope(release, access, child), part, release, child) for part in parts)
    return refusal if known else dataclasses.replace(refusal, words={**refusal.words, "rule": UNSAID, "fields": ()})


def path_known(release: Release, access: Access, object_name: str, path: tuple[str, ...]) -> bool:
    """Whether the reader may know of what a path from a record names; a path that begins with `user`, `today` or `now` is known."""
    try:
        hops, last = follow(release.model.objects, object_name, path[:-1])
    except KeyError:
        return False
    after = max((place + 1 for place, hop in enumerate(hops) if hop.rows), default=0)
    start = hops[after - 1].object if after else object_name
    if after and not path_known(release, access, object_name, path[:after]):
        return False
    return bool(path[after:]) and _known(ReaderScope(release, access, start), path[after:], release, start)


def _known(scope: ReaderScope, path: tuple[str, ...], release: Release, object_name: str) -> bool:
    """Whether the reader may know of what a path names."""
    if path[-1] in RUNTIME_COLUMNS:
        return len(path) == 1 or scope.field(path[:-1]) is not None
    hops, last = follow(release.model.objects, object_name, path[:-1])
    if path[-1] in release.model.objects[last].inverses:
        owner = hops[-1].object if hops else object_name
        return (not hops or scope.field(path[:-1]) is not None) and scope.member(RecordOf(owner), path[-1]) is not None
    return scope.field(path) is not None
