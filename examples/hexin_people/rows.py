"""The plain values that the generator hands to a loader."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping

__all__ = ["Move", "Ref", "Row"]


@dataclasses.dataclass(frozen=True, slots=True)
class Ref:
    """A link to another row by its ref, e.g. `patient:12`."""

    key: str


@dataclasses.dataclass(frozen=True, slots=True)
class Move:
    """A transition that happened at an instant, with what was filled in and the reason given."""

    transition: str
    at: datetime.datetime
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)
    reason: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A record: values in JSON form with `Ref` for links; `also` are further clinics that share it."""

    object: str
    ref: str
    clinic: str
    at: datetime.datetime
    values: Mapping[str, object]
    also: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()
