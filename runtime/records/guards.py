"""What may be said of a guard that holds a transition back: its rule names fields, and not every reader may know of them."""

from __future__ import annotations

import dataclasses

from engine.expressions import refs
from engine.expressions.scope import BOUND_ROOTS
from engine.model import Transition
from engine.targets.layout import RUNTIME_COLUMNS
from engine.targets.machine import Refusal
from runtime.access import Access
from runtime.records.scope import ReaderScope
from runtime.store.compiled import Release

__all__ = ["said"]

UNSAID = "…"


def said(refusal: Refusal, transition: Transition, release: Release, access: Access, object_name: str) -> Refusal:
    """The refusal, without the text of the rule when it names what the reader may not know of."""
    if "rule" not in refusal.words or transition.when is None:
        return refusal
    scope = ReaderScope(release, access, object_name)
    paths = [path for path in refs(transition.when.tree) if path[0] not in BOUND_ROOTS]
    known = all(scope.field(path[:-1] if path[-1] in RUNTIME_COLUMNS else path) or path[0] in RUNTIME_COLUMNS for path in paths)
    return refusal if known else dataclasses.replace(refusal, words={**refusal.words, "rule": UNSAID, "fields": ()})
