"""What a plugin imports that brings a channel of messages; version 1 of that surface, and nothing else of Carework is part of it.

A plugin is a module named in `PLUGINS` with `channels(environment) -> tuple[Channel, ...]`; `environment` has the `CAREWORK_…`
variables of the process, of which it reads its own. `Channels` is made at start and frozen then.
"""

from __future__ import annotations

import abc
import dataclasses
import functools
import importlib
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from runtime.settings import BadSetting

__all__ = ["PLUGINS", "VERSION", "Again", "BadSetting", "Channel", "Channels", "Delivered", "Letter", "Reach", "Refused", "load_channels"]

VERSION = 1
PLUGINS = ("plugins.email", "plugins.inbox")


@dataclasses.dataclass(frozen=True, slots=True)
class Reach:
    """What a channel may know of the recipient."""

    email: str = ""
    phone: str = ""
    """With its country, as +8613800138000."""
    account: bool = False
    """Whether she signs in."""


@dataclasses.dataclass(frozen=True, slots=True)
class Letter:
    """What is told, ready, in one language. Texts are plain; `subject` is one line."""

    subject: str
    body: str
    language: str
    name: str = ""
    """The organisation's name."""


@dataclasses.dataclass(frozen=True, slots=True)
class Delivered:
    """The far side took it; `receipt` is its name for it."""

    receipt: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Refused:
    """She cannot be reached this way: another attempt would end the same. `why` has no address and no text of the letter."""

    why: str


@dataclasses.dataclass(frozen=True, slots=True)
class Again:
    """The far side is away, busy or says to come later; the letter was not taken. `why` as in Refused."""

    why: str
    away: bool = True
    """Whether it would say so to any letter, so that the others need not try for a while."""


class Channel(abc.ABC):
    """One way to reach people."""

    name: ClassVar[str]
    """As definitions write it."""
    label: ClassVar[Mapping[str, str]]
    """By language."""
    kept: ClassVar[bool] = False
    """Whether the letter stays here: the delivery's row is all there is to it, and `send` is never called."""
    missing: str = ""
    """What is not set up, in words for operators; '' when it can be used."""

    @abc.abstractmethod
    def address(self, reach: Reach) -> str:
        """Where she is reached this way, '' when she cannot be."""

    def send(self, letter: Letter, address: str, *, key: str, doubtful: bool) -> Delivered | Refused | Again:
        """Hand the letter over, to this address alone, within 45 seconds.

        `key` is the same for every attempt at this letter; `doubtful` says that an earlier one may have been taken. Whatever is
        raised leaves in doubt whether it was taken.
        """
        raise NotImplementedError


class Channels(Mapping[str, Channel]):
    """The channels of this process by name, with who brought each."""

    def __init__(self, found: Iterable[tuple[str, Channel]]) -> None:
        """`found` are pairs of a module and a channel. Raises ValueError, naming both modules, when a name is taken."""
        by: dict[str, str] = {}
        channels: dict[str, Channel] = {}
        for module, channel in found:
            if channel.name in by:
                raise ValueError(f"the channel '{channel.name}' is registered by {by[channel.name]} and by {module}")
            by[channel.name], channels[channel.name] = module, channel
        self.by: Mapping[str, str] = types.MappingProxyType(by)
        self._channels = types.MappingProxyType(channels)

    def __getitem__(self, name: str) -> Channel:
        return self._channels[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._channels)

    def __len__(self) -> int:
        return len(self._channels)

    @functools.cached_property
    def labels(self) -> Mapping[str, Mapping[str, str]]:
        """The labels by name."""
        return {name: channel.label for name, channel in self._channels.items()}


def load_channels(environment: Mapping[str, str], plugins: Iterable[str] = PLUGINS) -> Channels:
    """The channels of the plugins. Raises ValueError for two of one name, and BadSetting for settings that a plugin cannot use."""
    return Channels((name, channel) for name in plugins for channel in importlib.import_module(name).channels(environment))
