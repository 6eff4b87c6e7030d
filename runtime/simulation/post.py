"""The post of a simulated clinic: every channel takes every letter and nothing leaves the machine."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from runtime.channels import Channel, Delivered, Letter, Reach, load_channels

__all__ = ["Post"]


@dataclasses.dataclass(slots=True)
class Post:
    """Letters by the keys of their messages."""

    letters: dict[str, Letter] = dataclasses.field(default_factory=dict)

    def channels(self) -> Mapping[str, Channel]:
        """The channels of this program, none of which sends; a channel that is not set up yet works here."""
        return {name: _Kept(channel, self) for name, channel in load_channels({}).items()}


class _Kept(Channel):
    """Reaches whom the real channel would reach."""

    def __init__(self, real: Channel, post: Post) -> None:
        self.name = real.name  # type: ignore[misc]
        self.label = real.label  # type: ignore[misc]
        self.kept = real.kept  # type: ignore[misc]
        self._real = real
        self._post = post

    def address(self, reach: Reach) -> str:
        """See `Channel`."""
        return self._real.address(reach)

    def send(self, letter: Letter, address: str, *, key: str, doubtful: bool) -> Delivered:
        """See `Channel`."""
        self._post.letters[key] = letter
        return Delivered("simulated")
