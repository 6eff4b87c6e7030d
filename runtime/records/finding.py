"""Finding records by what somebody typed into the search box: only through fields whose value she may see in that very row."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Integer, Text

from engine.model import Field, Object
from engine.targets.grams import asked, holds, plain
from engine.targets.search import searched
from runtime.access import Sight
from runtime.records.binds import dialect_name
from runtime.records.paging import list_page
from runtime.records.prepared import LruCache, Prepared
from runtime.records.query import ListQuery, Reading
from runtime.records.rows import Page, Row
from runtime.records.sources import GuardedSource, Hidden, RowSource
from runtime.store import system

__all__ = ["Finds", "Found", "find"]

_SPARE = 3
"""So many times more candidates than are shown are looked at first: grams let a few through that do not hold the words."""
_NEXT = 200
_LAST = "~"
"""Behind every id."""
_ROUNDS = 5
"""So often older candidates are looked at while too few hold the words: in all some 800."""


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """A record with the fields that hold a word which its title does not: (field, what the reader sees of it)."""

    row: Row
    because: tuple[tuple[Field, str], ...]
    number: str = ""
    """The number that the clinic gave it, which tells records of one name apart."""


@dataclasses.dataclass(frozen=True, slots=True)
class Finds:
    """What was found of one object, the likeliest first; `more` when there is more than that."""

    object: Object
    found: Sequence[Found]
    more: bool


def find(typed: str, reading: Reading, *, objects: Sequence[str] = (), limit: int = 5) -> tuple[Finds, ...]:
    """Up to `limit` records of each object (of `objects`, else of all), in the order of `objects` or of the definitions; () for too little typed."""
    words = asked(typed)
    if not words:
        return ()
    model = reading.release.model
    chosen = [model.objects[name] for name in objects if name in model.objects] if objects else model.objects.values()
    made = (_of(object, typed, words, reading, limit) for object in chosen if searched(object))
    return tuple(finds for finds in made if finds is not None and finds.found)


def _of(object: Object, typed: str, words: Sequence[tuple[str, tuple[str, ...]]], reading: Reading, limit: int) -> Finds | None:
    if not reading.access.object(object.name).allows("read"):
        return None
    statements = reading.release.cache.setdefault("records.finds", LruCache[Prepared | None](256))
    key = (object.name, reading.actor.shape, len(words))
    prepared: Prepared | None = statements.get(key, lambda: _statement(object, reading, len(words)))
    if prepared is None:
        return None
    dialect = dialect_name(reading.connection)
    binds: dict[str, Any] = dict(reading.binds)
    for place, (_, pieces) in enumerate(words):
        binds[f"word{place}"] = list(pieces) if dialect == "postgresql" else " ".join(f'"{piece}"' for piece in pieces)
    names = tuple(field.name for field in _usable(object, reading))
    held: list[Found] = []
    before, wanted, left = _LAST, limit * _SPARE + 1, True
    for _ in range(_ROUNDS):
        ids = tuple(prepared.run(reading.connection, {**binds, "row_limit": wanted, "before": before}).scalars())
        held += _held(object, ids, names, words, reading)
        left = len(ids) == wanted
        if not left or len(held) > limit:
            break
        before, wanted = ids[-1], _NEXT
    newest = sorted(held, key=lambda one: one.row.id, reverse=True)
    newest.sort(key=lambda one: (not plain(one.row.title or "").startswith(plain(typed)), bool(one.because)))
    return Finds(object, newest[:limit], left or len(newest) > limit)


def _held(
    object: Object, ids: Sequence[str], names: Sequence[str], words: Sequence[tuple[str, tuple[str, ...]]], reading: Reading,
) -> list[Found]:
    """Those of the candidates that hold the words."""
    if not ids:
        return []
    page = list_page(ListQuery(object=object.name, fields=tuple(names), ids=tuple(ids), limit=len(ids)), reading)
    return [one for row in page.rows if (one := _checked(page, row, words, reading)) is not None]


def _checked(page: Page, row: Row, words: Sequence[tuple[str, tuple[str, ...]]], reading: Reading) -> Found | None:
    """The row with the fields that hold the words; None where its grams fit by chance."""
    texts = [
        (column.field, column.field.type.search_texts(value), value)
        for column, value, sight in zip(page.columns, row.values, row.sights, strict=True) if value is not None and sight is Sight.VALUE
    ]
    title, because = row.title or "", dict[str, tuple[Field, str]]()
    for word, _ in words:
        hits = [(field, value) for field, texts_of, value in texts if holds(texts_of, word)]
        if not hits:
            return None
        if not holds((title,), word):
            field, value = hits[0]
            because[field.name] = (field, field.type.text(value, reading.locale))
    number = next((str(value) for field, _, value in texts if field.type.name == "sequence"), "")
    return Found(row, tuple(because.values()), number)


def _usable(object: Object, reading: Reading) -> list[Field]:
    rights = reading.access.object(object.name)
    return [field for field in searched(object) if rights.field("read", field.name).fixed not in (Sight.MASK, Sight.ABSENT)]


def _statement(object: Object, reading: Reading, count: int) -> Prepared | None:
    """The newest rows in which every word stands in some field that may be used there; None where the reader has no such field."""
    source = RowSource(reading.release, object.name, dialect_name(reading.connection))
    guarded = GuardedSource(source, reading.access)
    always: list[str] = []
    sometimes: list[tuple[str, ColumnElement[bool]]] = []
    for field in searched(object):
        try:
            shown = guarded.shown((field.name,))
        except Hidden:
            continue
        if shown is None:
            always.append(field.id)
        else:
            sometimes.append((field.id, shown))
    if not always and not sometimes:
        return None
    where: list[ColumnElement[bool]] = [reading.access.object(object.name).rows("read", source)]
    for place in range(count):
        ways = [_in_index(source, always, place)] if always else []
        ways += [and_(shown, _in_index(source, [id], place)) for id, shown in sometimes]
        where.append(or_(*ways))
    where.append(source.id < bindparam("before", type_=Text()))
    statement = select(source.id).select_from(source.clause).where(*where).order_by(source.id.desc())
    return Prepared(statement.limit(bindparam("row_limit", type_=Integer())), reading.connection.dialect)


def _in_index(source: RowSource, fields: Sequence[str], place: int) -> ColumnElement[bool]:
    """The row's index entry of one of the fields has all grams of a word."""
    table, name = system.search.alias(), f"word{place}"
    inner = select(table.c.record_id).where(table.c.field.in_(fields))
    if source.dialect == "postgresql":
        inner = inner.where(table.c.grams.op("@>", is_comparison=True)(bindparam(name, type_=ARRAY(Text()))))
    else:
        index = system.search_index.alias()
        match = index.c.cw_search_index.op("MATCH", is_comparison=True)(bindparam(name, type_=Text()))
        inner = inner.join(index, index.c.rowid == table.c.number).where(match)
    return source.id.in_(inner)
