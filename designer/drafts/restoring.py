"""Going back to an old release without losing what was stored since: what it does not have and holds data stays, retired."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from designer.edits.edit import Bench
from designer.edits.layering import change, free_path, layer_path, put
from designer.edits.patch import Files
from designer.edits.refused import EditRefused
from designer.layers import Layers
from engine.model import Field
from engine.targets.elements import Found, elements
from engine.text import check, read_bytes

__all__ = ["back_to"]

_WHOLE: Mapping[str, str] = {"object": "objects", "choices": "choices", "role": "roles"}
_SECTIONS: Mapping[str, tuple[str, str]] = {"field": ("objects", "fields"), "option": ("choices", "options"), "state": ("workflows", "states")}


def back_to(old: Files, live: Files) -> dict[str, str]:
    """The old texts; objects, fields, options, states and roles that only the live release has are added to them as retired, so that their
    data stays and the release can be published."""
    bench = Bench(old)
    before, now = _elements(old), _elements(live)
    for key, found in now.items() if before else ():
        pack = found.element.pack
        if key in before or (found.owner and found.owner not in before) or not any(path.startswith(f"{pack}/") for path in old):
            continue
        with contextlib.suppress(EditRefused):  # the plan says then what is in the way
            if found.kind in _WHOLE:
                _keep_definition(bench, found, live)
            elif found.kind in _SECTIONS and not (isinstance(found.element, Field) and not found.element.stored):
                _keep_element(bench, found, before, now, Layers(live))
    return bench.files


def _elements(files: Files) -> dict[str, Found]:
    model = check(read_bytes({path: text.encode() for path, text in files.items()})).model
    return elements(model) if model is not None else {}


def _keep_definition(bench: Bench, found: Found, live: Files) -> None:
    source = found.element.place.file
    path = source if source not in bench.files else free_path(bench.files, found.element.pack, _WHOLE[found.kind], found.element.name)
    if source in live:
        bench.files[path] = live[source]
        change(bench, path, (), {"retired": True})


def _keep_element(bench: Bench, found: Found, before: Mapping[str, Found], now: Mapping[str, Found], live: Layers) -> None:
    """The element as the live release has it, in the file of its pack."""
    folder, section = _SECTIONS[found.kind]
    owner_now, owner = now[found.owner], before[found.owner]
    at: tuple[str, ...] = (section,)
    there: tuple[str, ...] = at
    if owner.kind == "field":
        folder, at, there = "objects", ("fields", owner.element.name, section), ("fields", owner_now.element.name, section)
        owner_now, owner = now[owner_now.owner], before[owner.owner]
    name_now, name = _name(owner_now), _name(owner)
    value = live.elements(folder, name_now, there).get(found.element.name)
    if value is None:
        return
    kept = {**(value if "" not in value else {"label": value[""]}), "retired": True}
    kept.pop("after", None)
    put(bench, layer_path(bench, folder, name, found.element.pack), at, found.element.name, kept)


def _name(found: Found) -> str:
    """What the files call it: a workflow has the name of its object."""
    return str(getattr(found.element, "object", "")) if found.kind == "workflow" else found.element.name
