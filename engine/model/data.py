"""Records that a pack ships."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

from engine.model.element import Element

__all__ = ["DataRecord", "DataSet", "Upgrade"]


class Upgrade(enum.Enum):
    """What a publish does with a record that is there already (matched by the key)."""

    KEEP = "keep"
    FILL = "fill"
    REPLACE = "replace"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DataRecord(Element):
    """One record: field name → literal in the field's JSON form; a link's value names a record as `set.record`."""

    values: Mapping[str, object]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DataSet(Element):
    """Records of one object, found again by the fields of `key`."""

    object: str
    key: tuple[str, ...]
    upgrade: Upgrade
    records: Mapping[str, DataRecord]
