"""What belongs together: the forms, lists, plans … of an object, and the object that each of them is about."""

from __future__ import annotations

from collections.abc import Iterator

from designer.edits.said import kind_said
from designer.layers import Layers
from engine.text.kinds import KINDS

__all__ = ["about_of", "related_to"]


def about_of(layers: Layers, folder: str, name: str) -> str:
    """The object that a definition is about, '' for none."""
    if KINDS[folder].name_key == "object":
        return name
    value = layers.merged(folder, name)
    about = str(value.get("object") or value.get("on") or str(value.get("anchor") or "").partition(".")[0])
    return about if folder != "objects" and about in layers.names("objects") else ""


def related_to(layers: Layers, object_name: str, language: str) -> Iterator[dict[str, str]]:
    """What is about the object, kind by kind."""
    for folder in KINDS:
        for name in layers.names(folder):
            value = layers.merged(folder, name)
            if about_of(layers, folder, name) == object_name and not value.get("retired") and not value.get("hidden"):
                label = layers.label("objects" if KINDS[folder].name_key == "object" else folder, name, language)
                yield {"folder": folder, "kind": kind_said(folder, language), "name": name, "label": label}
