"""What a message says to one reader: the holes of its templates filled with what she may see, by the query compiler of lists."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection

from engine.expressions import Node, to_python
from engine.expressions.scope import BOUND_ROOTS
from engine.expressions.tree import Ref
from engine.expressions.types import RowsOf
from engine.fields.base import Locale
from engine.model import Hole, Message, Template
from runtime.access import Access
from runtime.identity.actor import Actor
from runtime.records.binds import dialect_name, expression_binds
from runtime.records.paging import list_page
from runtime.records.query import ListQuery, Reading
from runtime.records.rows import UnknownObject
from runtime.records.scope import ReaderScope
from runtime.records.serializer import Serializer
from runtime.records.trying import BadTrial, TriedRow
from runtime.store.compiled import Release

__all__ = ["Written", "reading_as", "template_of", "write"]

LONGEST_SUBJECT = 300
LONGEST_BODY = 20_000
_WORDS = {"zh": {True: "是", False: "否"}, "en": {True: "yes", False: "no"}}


class Written(NamedTuple):
    """A message as one reader reads it; `title` is what its record is called, None where she may not know."""

    subject: str
    body: str
    title: str | None


def reading_as(connection: Connection, release: Release, actor: Actor, now: datetime.datetime) -> Reading:
    """A reading of one person's, on a connection that is open."""
    access, dialect = Access.of(release, actor), dialect_name(connection)
    binds = {**expression_binds(actor, now, release.model, dialect), **access.binds(actor, dialect)}
    return Reading(release, access, actor, connection, now, b"", binds)


def template_of(texts: Mapping[str, Template], language: str) -> Template:
    """The template in a language, else in English, else in any."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()))


def write(message: Message, ids: Sequence[str], reading: Reading, language: str, link: str = "") -> dict[str, Written]:
    """The message about each of some records, by id; those that the reader may not read are left out.

    A value that she may not see prints nothing, as one that is not there does; one that is masked for her prints its mask.
    """
    subject, body = template_of(message.subject, language), template_of(message.body, language)
    parts = (*subject.parts, *body.parts)
    filled: dict[str, Written] = {}
    # Trees are told apart as the very objects that they are: two holes may hold equal ones.
    for record_id, (title, texts) in _plain(message.object, ids, parts, reading, language).items():
        row: TriedRow | None = None
        found: dict[int, str] = {}
        for part in parts:
            if isinstance(part, Node) and id(part) not in texts:
                if row is None:
                    trees = [part for part in parts if isinstance(part, Node)]
                    row = TriedRow(reading, reading.release.model.objects[message.object], record_id, {}, reading.now, *trees)
                found[id(part)] = _said(_value(part, row), language)
        known = {**texts, **found}
        line = " ".join(_filled(subject, known, "").split())[:LONGEST_SUBJECT]
        filled[record_id] = Written(line, _filled(body, known, link)[:LONGEST_BODY], title)
    return filled


def _plain(
    object: str, ids: Sequence[str], parts: Sequence[str | Node | Hole], reading: Reading, language: str,
) -> dict[str, tuple[str | None, dict[int, str]]]:
    """By record its title and the texts of the holes that name a field, or nothing for one that is hidden."""
    scope = ReaderScope(reading.release, reading.access, object)
    places: dict[int, str] = {}
    hidden: dict[int, str] = {}
    for part in parts:
        if not isinstance(part, Ref) or part.path[0] in BOUND_ROOTS or isinstance(part.type, RowsOf):
            continue
        if not _is_field(reading.release, object, part.path):
            continue
        shown = scope.visible(part.path[0]) if len(part.path) == 1 else scope.field(part.path)
        if shown is None:
            hidden[id(part)] = ""
        else:
            places[id(part)] = ".".join(part.path)
    fields = tuple(dict.fromkeys(places.values()))
    found: dict[str, tuple[str | None, dict[int, str]]] = {}
    try:
        page = list_page(ListQuery(object=object, fields=fields, ids=tuple(ids), limit=max(1, min(len(ids), 200))), reading)
    except UnknownObject:
        return found
    organisation = reading.release.model.organisation
    serializer = Serializer(page.columns, Locale(organisation.timezone, organisation.country, language))
    for row in page.rows:
        cells = dict(zip((column.key for column in page.columns), serializer.cells(row), strict=True))
        texts = {place: _cell_text(cells.get(name)) for place, name in places.items()}
        found[row.id] = (row.title, {**hidden, **texts})
    return found


def _is_field(release: Release, object: str, path: tuple[str, ...]) -> bool:
    for name in path:
        field = release.model.objects[object].fields.get(name) if object else None
        if field is None:
            return False
        object = field.type.link_to
    return True


def _cell_text(cell: Any) -> str:
    """'' for a hidden value, and for a link to what she may not read, which lists show as a dash."""
    return "" if cell is None or (cell.text == "–" and cell.link is None) else cell.text


def _value(tree: Node, row: TriedRow) -> Any:
    try:
        return to_python(tree)(row)
    except BadTrial:  # more child rows than are read for one text
        return None


def _said(value: Any, language: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _WORDS.get(language, _WORDS["en"])[value]
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(timespec="minutes")
    if isinstance(value, list | tuple):
        return ", ".join(_said(item, language) for item in value)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _filled(template: Template, texts: Mapping[int, str], link: str) -> str:
    return "".join(
        part if isinstance(part, str) else link if isinstance(part, Hole) else texts.get(id(part), "") for part in template.parts)

