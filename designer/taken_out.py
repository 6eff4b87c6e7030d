"""Where a field stood before it was retired: forms, lists and grants that bringing it back does not put it into again."""

from __future__ import annotations

import functools
from typing import Any

from designer.drafts.draft import Draft, texts
from designer.drafts.releases import past_releases
from designer.edits.patch import Files
from designer.edits.refused import EditRefused
from designer.edits.retiring import RestoreElement, RetireElement
from designer.layers import Layers
from runtime.store.database import Store

__all__ = ["taken_out"]

_Place = tuple[str, str]
"""Kind and name of a definition."""
_RELEASES = 20
"""So many are looked through for the last one in which the field was in use."""


def taken_out(store: Store, draft: Draft, object_name: str, field: str) -> list[_Place]:
    """What it must be put back into by hand, if it is retired now or was brought back in this draft."""
    now = _value(draft.layers, object_name, field)
    if now is None or not _gone(now) and not _brought_back(draft, object_name, field):
        return []
    before = _places(draft.started, object_name, field)
    for release in past_releases(store, _RELEASES) if before is None else ():
        before = _stood(store, release.hash, object_name, field)
        if before is not None:
            break
    again = _places(_shown(draft, object_name, field) if _gone(now) else draft.files, object_name, field) or ()
    return [place for place in before or () if place not in again and place[1] in draft.layers.names(place[0])]


def _shown(draft: Draft, object_name: str, field: str) -> Files:
    """The files if it were brought back now: what mentions a field that is merely hidden may still stand there."""
    for pack in (draft.pack, draft.layers.owner("objects", object_name, ("fields", field))):
        try:
            edit = RestoreElement(folder="objects", definition=object_name, pack=pack, section=("fields",), name=field)
            return edit.patch(draft.files).on(draft.files)
        except EditRefused:
            continue
    return draft.files


def _brought_back(draft: Draft, object_name: str, field: str) -> bool:
    edit = RestoreElement(folder="objects", definition=object_name, pack=draft.pack, section=("fields",), name=field)
    return any(entry.kind == edit.kind and not entry.undone and entry.said.get("en") == edit.describe("en") for entry in draft.log)


@functools.lru_cache(maxsize=200)
def _stood(store: Store, hash_: str, object_name: str, field: str) -> tuple[_Place, ...] | None:
    """Where it stood in a release; None when that does not have it in use."""
    return _places(texts(store.releases.stored(hash_)[0]), object_name, field)


def _places(files: Files, object_name: str, field: str) -> tuple[_Place, ...] | None:
    """What it is taken out of when its own pack retires it; None where it is not in use."""
    layers = Layers(files)
    value = _value(layers, object_name, field)
    if value is None or _gone(value):
        return None
    owner = layers.owner("objects", object_name, ("fields", field))
    edit = RetireElement(folder="objects", definition=object_name, pack=owner, section=("fields",), name=field)
    try:
        after = edit.patch(files).on(files)
    except EditRefused:
        return ()
    changed = {path for path in after if after[path] != files.get(path)}
    return tuple((folder, name) for folder in ("forms", "views", "roles") for name in layers.names(folder)
                 if any(layer.path in changed for layer in layers.of(folder, name)))


def _value(layers: Layers, object_name: str, field: str) -> dict[str, Any] | None:
    return layers.elements("objects", object_name, ("fields",)).get(field)


def _gone(value: dict[str, Any]) -> bool:
    return bool(value.get("retired") or value.get("hidden"))
