"""Finding rows again: an index of the records that the account may read, by the values of some fields."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from engine.fields.base import Invalid
from engine.model import Model, Object
from engine.problems import Code, Place, Problem
from runtime.access import Sight
from runtime.identity.actor import Actor
from runtime.records.commands import Encoding
from runtime.records.query import MAX_LIMIT, ListQuery
from runtime.records.rows import LinkRef
from runtime.records.service import Records
from runtime.records.values import Inputs
from runtime.store.compiled import Release

__all__ = ["Index", "UnreadableKey", "index_of"]

Key = tuple[Hashable, ...]


class UnreadableKey(Exception):
    """The account may not see whole what rows would be compared by."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(field, why)
        self.field = field
        self.why = why

    def problem(self, place: Place) -> Problem:
        return Code.IMPORT_009.at(place, field=self.field, why=self.why)


class Index:
    """Ids by key. A value that the account sees masked in some row never matches, so nobody learns it by an import (threat A-09)."""

    def __init__(self, object: Object, fields: Sequence[str], inputs: Inputs) -> None:
        self.object = object
        self.fields = tuple(fields)
        self._inputs = inputs
        self._ids: dict[Key, list[str]] = {}

    def add(self, key: Key, id: str) -> None:
        self._ids.setdefault(key, []).append(id)

    def ids(self, key: Key) -> Sequence[str]:
        return self._ids.get(key, ())

    def key(self, values: dict[str, str], country: str = "") -> Key | None:
        """The key of typed values; None when one of them cannot be read, which the records service will say."""
        try:
            return tuple(
                self._inputs.read(self.object.fields[name], values.get(name, ""), Encoding.TEXT, country)[0] for name in self.fields)
        except Invalid:
            return None


def index_of(
    records: Records, release: Release, actor: Actor, object_name: str, fields: Sequence[str], advance: Callable[[int], None],
) -> Index:
    """Read the key fields of every record, page by page. Raises UnreadableKey, UnknownObject, BadQuery."""
    object = release.model.objects[object_name]
    index = Index(object, fields, _inputs(release.model, object, actor))
    after: str | None = None
    while True:
        page = records.list(ListQuery(object=object_name, fields=tuple(fields), limit=MAX_LIMIT, after=after), actor, release)
        shown = [column.key for column in page.columns]
        for name in fields:
            if name not in shown:
                raise UnreadableKey(name, "this account may not see it")
        for row in page.rows:
            if all(sight is Sight.VALUE for sight in row.sights):
                index.add(tuple(_plain(value) for value in row.values), row.id)
        advance(len(page.rows))
        after = page.next
        if after is None:
            return index


def _inputs(model: Model, object: Object, actor: Actor) -> Inputs:
    return Inputs(model, object, actor.language or "en")


def _plain(value: Any) -> Hashable:
    return value.id if isinstance(value, LinkRef) else value
