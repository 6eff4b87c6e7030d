"""The definition and the element that an address names, and who owns them."""

from __future__ import annotations

from flask import request

from designer.drafts.draft import Draft
from designer.layers import Layers
from engine.text.kinds import KINDS
from runtime.web.errors import HttpProblem

__all__ = ["asked", "in_release", "owner_of", "place_of"]


def asked(draft: Draft) -> tuple[Layers, str, str]:
    """The definition of an address. Raises HttpProblem 404."""
    layers, folder, name = draft.layers, request.values.get("kind", ""), request.values.get("name", "")
    if folder not in KINDS or not layers.of(folder, name):
        raise HttpProblem("not_found")
    return layers, folder, name


def place_of() -> tuple[tuple[str, ...], str]:
    """The section and the element of an address. Raises HttpProblem 404."""
    section = tuple(part for part in request.values.get("section", "").split(".") if part)
    element = request.values.get("element", "")
    if not section or len(section) > 5:
        raise HttpProblem("not_found")
    return section, element


def owner_of(layers: Layers, folder: str, name: str) -> str:
    """The pack that defines it."""
    return layers.known(folder, name)[0].pack


def in_release(draft: Draft, folder: str, name: str, at: tuple[str, ...]) -> bool:
    """Whether the release that the draft began from has it: then its name is part of its identity."""
    return any(layer.text.find(at) is not None for layer in Layers(draft.started).of(folder, name))
