"""Puts the records service together with those who follow its changes; every process that writes records uses this."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from datetime import datetime

from runtime.audit.keys import Keys
from runtime.records.service import Records
from runtime.records.writing.happening import Follower
from runtime.store.database import Store

__all__ = ["FOLLOWERS", "records_for"]

FOLLOWERS = ("runtime.timers.follower", "runtime.effects.follower", "runtime.plans.follower", "runtime.search.follower")
"""Modules with `followers(keys) -> tuple[Follower, ...]`, in the order they are told of changes."""


def records_for(store: Store, clock: Callable[[], datetime], new_id: Callable[[], str], *, keys: Keys) -> Records:
    """The one way in, with everybody who follows."""
    followers: list[Follower] = []
    for name in FOLLOWERS:
        if importlib.util.find_spec(name.rpartition(".")[0]) is not None and importlib.util.find_spec(name) is not None:
            followers += importlib.import_module(name).followers(keys)
    return Records(store, clock, new_id, keys=keys, followers=followers)
