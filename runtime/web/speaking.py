"""An actor who never chose a language speaks that of the request."""

from __future__ import annotations

import dataclasses

from runtime.identity.actor import Actor
from runtime.records.prepared import LruCache

__all__ = ["spoken_to"]

_spoken: LruCache[tuple[Actor, Actor]] = LruCache(4096)


def spoken_to(actor: Actor, language: str) -> Actor:
    """The actor with a language; kept, so that what an actor computes of itself is computed once."""
    if actor.language == language:
        return actor
    kept, found = _spoken.get((id(actor), language), lambda: (actor, dataclasses.replace(actor, language=language)))
    return found if kept is actor else dataclasses.replace(actor, language=language)
