"""A draft as it is read from the database: where it began, what it changed, and how far it can be undone and redone."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime

from designer.edits.patch import Patch
from designer.layers import Layers

__all__ = ["Draft", "Logged", "texts"]


@dataclasses.dataclass(frozen=True, slots=True)
class Logged:
    """An edit of the log. `said` is its sentence by language; `undone` says that it can be done again."""

    n: int
    kind: str
    said: Mapping[str, str]
    patch: Patch
    at: datetime
    by: str
    undone: bool


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`files` are all texts, `started` those of the release it began from."""

    id: str
    name: str
    base: str
    pack: str
    state: str
    version: int
    position: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    published: str | None
    files: Mapping[str, str] = dataclasses.field(repr=False)
    started: Mapping[str, str] = dataclasses.field(repr=False)
    log: tuple[Logged, ...] = dataclasses.field(default=(), repr=False)

    @property
    def open(self) -> bool:
        return self.state == "open"

    @property
    def changed(self) -> tuple[str, ...]:
        """Paths that differ from the release it began from, those that are gone among them."""
        paths = {*self.files, *self.started}
        return tuple(sorted(path for path in paths if self.files.get(path) != self.started.get(path)))

    @property
    def undoable(self) -> Logged | None:
        return next((entry for entry in reversed(self.log) if not entry.undone), None)

    @property
    def redoable(self) -> Logged | None:
        return next((entry for entry in self.log if entry.undone), None)

    @property
    def layers(self) -> Layers:
        return Layers(self.files)

    def as_bytes(self) -> dict[str, bytes]:
        """The release that publishing would make."""
        return {path: text.encode("utf-8") for path, text in self.files.items()}


def texts(files: Mapping[str, bytes]) -> dict[str, str]:
    """The texts of a release, which was checked to be UTF-8 when it was published."""
    return {path: content.decode("utf-8") for path, content in files.items()}
