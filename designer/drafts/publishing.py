"""A draft to the live release: the plan with its impact, publishing by the same way and rights as the command line."""

from __future__ import annotations

from collections.abc import Callable

from designer.drafts.draft import Draft
from engine.targets.plan import ReleasePlan
from engine.text import read_bytes
from runtime.audit.keys import Keys
from runtime.identity.actor import Actor
from runtime.records.seeding import Seeding
from runtime.store import publish as publishing
from runtime.store.candidate import Incoming
from runtime.store.database import Store
from runtime.store.publish import Published

__all__ = ["incoming", "plan", "publish"]


def incoming(draft: Draft) -> Incoming:
    """What the draft wants published: all its packs, from the release it began with; packs that it no longer has go."""
    packs = {path.partition("/")[0] for path in draft.files if "/" in path}
    gone = {path.partition("/")[0] for path in draft.started if "/" in path} - packs
    return Incoming(source=read_bytes(draft.as_bytes()), base=draft.base, remove=frozenset(gone))


def plan(store: Store, draft: Draft) -> ReleasePlan:
    """What publishing it now would do."""
    return publishing.plan(store, incoming(draft))


def publish(store: Store, draft: Draft, actor: Actor, *, new_id: Callable[[], str], keys: Keys, request_id: str) -> Published:
    """Make it live. Raises Refused, Forbidden, NothingToPublish, Overtaken; then everything is as it was."""
    seed = Seeding(store.clock, new_id, keys)
    return publishing.publish(store, incoming(draft), actor, new_id=new_id, seed=seed, request_id=request_id)
