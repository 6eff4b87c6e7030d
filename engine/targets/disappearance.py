"""Elements whose lines are gone: a possible rename, a loss, or nothing that matters."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from engine.model import Choices, Field, Object, Option, State
from engine.problems import Code, Problem
from engine.targets.doubts import COUNT, Doubt, Holders, ValuesIn
from engine.targets.elements import Found
from engine.targets.tables import Tables

__all__ = ["Disappearance"]

SIMILAR = 0.5


class Disappearance:
    """Judges what the new release does not have. `removed` are packs that are taken out on purpose."""

    def __init__(
        self, old: Mapping[str, Found], new: Mapping[str, Found], removed: frozenset[str], old_tables: Tables | None
    ) -> None:
        self._old = old
        self._new = new
        self._removed = removed
        self._tables = old_tables

    def with_owner(self, found: Found) -> bool:
        """Whether its owner goes too, or was retired already; then the owner says it all."""
        owner = self._old.get(found.owner)
        if owner is None:
            return False
        after = self._new.get(found.owner)
        return after is None or after.retired

    def verdict(self, found: Found) -> Problem | Doubt | None:
        """A refusal, a question to the rows, or None where nothing is stored under the element."""
        element = found.element
        if isinstance(element, Object) or (isinstance(element, Field) and element.stored):
            return self._loss(found)
        if isinstance(element, Option | State):
            return self._in_use(found, element.stored)
        if found.kind == "role":
            return Holders(role=element.id, refusal=Code.PLAN_008.at(element.place, id=element.id, count=COUNT))
        return None

    def _loss(self, found: Found) -> Problem:
        element = found.element
        rival = self._rival(found)
        if rival is None or found.retired:
            return Code.PLAN_002.at(element.place, kind=found.kind, id=element.id)
        return Code.PLAN_001.at(
            rival.element.place, kind=found.kind, id=element.id, other=rival.element.id, name=element.name)

    def _in_use(self, found: Found, stored: str) -> Doubt | None:
        columns = tuple(self._columns(found))
        if not columns:
            return None
        element, rival = found.element, self._rival(found)
        if rival is None:
            refusal = Code.PLAN_003.at(element.place, kind=found.kind, id=element.id, count=COUNT)
        else:
            refusal = Code.PLAN_001.at(
                rival.element.place, kind=found.kind, id=element.id, other=rival.element.id, name=element.name)
        return ValuesIn(refusal=refusal, columns=columns, value=stored)

    def _columns(self, found: Found) -> Iterator[sa.Column[Any]]:
        """The columns whose values come from the set or workflow that the element is in."""
        wanted = found.owner.partition(" ")[2]
        for table in self._tables.by_id.values() if self._tables else ():
            for field in (*table.object.fields.values(), *table.object.retired_fields.values()):
                if field.stored and wanted in self._sources(table.object, field):
                    found_column = table.columns.get((field.name, ""))
                    yield table.retired_columns[field.id, ""] if found_column is None else found_column

    def _sources(self, obj: Object, field: Field) -> set[str]:
        """Ids of the set, or of the workflow, that a field's values come from."""
        choices = getattr(field.type, "choices", None)
        ids = {choices.id} if isinstance(choices, Choices) else set()
        if field.name == obj.workflow:
            flows = (f for f in self._old.values() if f.kind == "workflow" and getattr(f.element, "object", "") == obj.name)
            ids.update(f.element.id for f in flows)
        return ids

    def _rival(self, found: Found) -> Found | None:
        """An element of the same kind in the same place that is new and looks like it: by name, by label, or by being alone."""
        fresh = [
            other for other in self._new.values()
            if other.kind == found.kind and other.owner == found.owner and other.key not in self._old
            and other.element.pack == found.element.pack
        ]
        alike = [other for other in fresh if _alike(found, other)]
        return alike[0] if alike else None


def _alike(one: Found, other: Found) -> bool:
    if set(one.element.label.texts.values()) & set(other.element.label.texts.values()):
        return True
    if isinstance(one.element, Field) and isinstance(other.element, Field) and one.element.type.name == other.element.type.name:
        return True
    return difflib.SequenceMatcher(None, one.element.name, other.element.name).ratio() >= SIMILAR
