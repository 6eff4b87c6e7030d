"""From a release's stored bytes to what a process works with: the Model, the layout and the tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from engine.model import Model
from engine.targets.tables import Layout, Tables, tables
from engine.text import check, read_bytes
from runtime.store.errors import StoreError

__all__ = ["Release", "compile_release"]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Release:
    """A release as a process holds it: frozen but for `cache`, where modules keep what they compile, keyed by their name."""

    hash: str
    model: Model
    layout: Layout
    tables: Tables
    files: Mapping[str, bytes]
    cache: dict[Any, Any] = dataclasses.field(default_factory=dict)


def compile_release(hash_: str, files: Mapping[str, bytes], layout: Layout, model: Model | None = None) -> Release:
    """Compile stored bytes that were checked when they were published, or take the Model that was just made of them.

    Raises StoreError when they do not compile, which means that this program is not the one that published them.
    """
    if model is None:
        checked = check(read_bytes(files), trusted=True)
        model = checked.model
        if model is None:
            first = next(iter(checked.problems), None)
            raise StoreError(f"the release {hash_[:12]} does not compile with this program: {first}")
    return Release(hash_, model, layout, tables(model, layout), files)
