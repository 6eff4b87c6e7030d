"""Rows that are edited within the form of their record: what stands in them, what was posted, and the commands that save them with it.

A row's inputs are named ITEM.KEY.FIELD; `ITEM._keys` says which rows there are, in order; `ITEM.KEY._id`, `._version` and `._remove`
belong to rows that are stored.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from engine.fields.base import Locale
from engine.model import Form, FormItem, Object
from engine.targets.screens import Mode
from runtime.records.commands import Command, Create, Delete, Encoding, Made, Update
from runtime.records.defaults import defaults
from runtime.records.filling import Filled, Filling
from runtime.records.outcomes import FieldError
from runtime.records.query import ListQuery
from runtime.records.rows import BadQuery
from runtime.records.single import Record
from runtime.screens.forms.modes import modes_of_new, modes_of_record
from runtime.screens.forms.posted import Posted, read_posted
from runtime.screens.forms.values import shown_of_default, shown_of_record
from runtime.screens.plans import locale_of
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["NEW", "FormRow", "Group", "groups_of", "posted_groups", "row_commands", "row_filling"]

NEW = "__n__"
"""Stands for the key of a row that scripts add."""
_KEY = re.compile(r"[0-9a-z]{1,12}")
_MOST = 100


@dataclasses.dataclass(slots=True, kw_only=True)
class FormRow:
    """A row on the form: stored (`record`) or new, with what stands in its inputs."""

    key: str
    modes: Mapping[str, Mode]
    record: Record | None = None
    version: int | None = None
    posted: Posted = dataclasses.field(default_factory=Posted)
    removed: bool = False
    errors: list[FieldError] = dataclasses.field(default_factory=list)

    @property
    def id(self) -> str | None:
        return self.record.row.id if self.record is not None else None

    @property
    def deletable(self) -> bool:
        return self.record is None or "delete" in self.record.actions

    @property
    def empty(self) -> bool:
        """Whether nobody has written anything into a new row."""
        return self.record is None and not any(value not in ("", [], None, "false") for value in self.posted.sent.values())


@dataclasses.dataclass(slots=True, kw_only=True)
class Group:
    """An item with rows. `form` has its items alone; `blank` is a new row, None for somebody who may add none."""

    item: FormItem
    object: Object
    form: Form
    rows: list[FormRow]
    blank: FormRow | None
    asleep: bool = False
    """Whether the item is not shown: its rows stay as they are."""
    more: bool = False
    """Whether there are rows beyond those that can be edited here."""
    error: str = ""

    @property
    def kept(self) -> list[FormRow]:
        """The rows as they will be."""
        return [row for row in self.rows if not row.removed and not row.empty]


def groups_of(state: RequestState, form: Form, parent: Record | None) -> dict[str, Group]:
    """The groups of a form as they stand in the database; those over objects that the person may not read are left out."""
    locale = locale_of(state.release, state.language)
    found = {}
    for item in form.groups:
        object = state.release.model.objects[item.row_object]
        rights = state.access.object(object.name)
        if not rights.allows("read"):
            continue
        inner = Form(id=item.id, name=f"{form.name}.{item.name}", label=item.label, place=item.place, object=object.name, items=item.items)
        blank = _blank(state, object, inner, locale) if rights.allows("create") else None
        group = Group(item=item, object=object, form=inner, rows=[], blank=blank)
        if parent is None or _stored(state, group, parent, locale):
            found[item.name] = group
    return found


def _blank(state: RequestState, object: Object, form: Form, locale: Locale) -> FormRow:
    modes = modes_of_new(state, object, form)
    shown = shown_of_default(object.fields, modes, defaults(state.release, object, state.who, state.now), locale)
    return FormRow(key=NEW, modes=modes, posted=Posted(shown=shown))


def _stored(state: RequestState, group: Group, parent: Record, locale: Locale) -> bool:
    """Reads the rows of a record; False where the person may not use their link."""
    item = group.item
    query = ListQuery(object=group.object.name, fields=(), linked=(item.row_link, parent.row.id), sort=item.order or "id", limit=_MOST)
    try:
        page = state.records.list(query, state.who, state.release)
    except BadQuery:
        return False
    group.more = page.next is not None
    for number, listed in enumerate(page.rows):
        record = state.records.get(group.object.name, listed.id, state.who, state.release)
        if record is None:
            continue
        modes = modes_of_record(record, group.form) if "update" in record.actions else _seen(modes_of_record(record, group.form))
        posted = Posted(shown=shown_of_record(record, modes, locale))
        group.rows.append(FormRow(key=str(number), modes=modes, record=record, version=record.row.version, posted=posted))
    if group.rows:
        state.seen("form", group.object.id, [row.id for row in group.rows if row.id])
    return True


def _seen(modes: Mapping[str, Mode]) -> dict[str, Mode]:
    return {name: Mode.READ if mode is Mode.WRITE else mode for name, mode in modes.items()}


def posted_groups(state: RequestState, form: Form, parent: Record | None, posted: MultiDict[str, str]) -> dict[str, Group]:
    """The groups with what was typed into them. A row that is gone in the meantime, or is none of this record's, is left out."""
    locale = locale_of(state.release, state.language)
    groups = groups_of(state, form, parent)
    for name, group in groups.items():
        if f"{name}._keys" not in posted:
            continue
        stored = {row.id: row for row in group.rows if row.id}
        keys = [key for key in dict.fromkeys(posted.getlist(f"{name}._keys")) if _KEY.fullmatch(key)][: 2 * _MOST]
        there = [row for key in keys if (row := _row(state, group, stored, posted, f"{name}.{key}.", key, locale)) is not None]
        group.rows = [*there, *(row for row in stored.values() if row not in there)]
        if request.form.get("_add") == name and group.blank is not None:
            key = str(max((int(row.key) for row in group.rows if row.key.isdigit()), default=-1) + 1)
            group.rows.append(dataclasses.replace(group.blank, key=key))
    return groups


def _row(
    state: RequestState, group: Group, stored: Mapping[str, FormRow], posted: MultiDict[str, str], prefix: str, key: str, locale: Locale,
) -> FormRow | None:
    id = posted.get(f"{prefix}_id", "")
    inner: MultiDict[str, str] = MultiDict((name.removeprefix(prefix), value) for name, value in posted.items(multi=True) if name.startswith(prefix))
    files = {name.removeprefix(prefix): file for name, file in request.files.items() if name.startswith(prefix)}
    row = stored.get(id) if id else dataclasses.replace(group.blank, key=key) if group.blank is not None else None
    if row is None:
        return None
    before = {"": None, **row.record.values} if row.record is not None else {}
    typed = read_posted(state, inner, files, group.object.fields, row.modes, before, locale, words(state.language))
    for name, mode in row.modes.items():
        if mode is not Mode.WRITE or name not in inner and name not in typed.shown:
            typed.shown[name] = row.posted.shown[name]
    row.key, row.posted = key, typed
    row.removed = posted.get(f"{prefix}_remove") == "true" and row.deletable
    version = posted.get(f"{prefix}_version", "")
    row.version = int(version) if version.isascii() and version.isdigit() and len(version) < 16 else row.version
    return row


def row_filling(state: RequestState, group: Group) -> list[Filling]:
    """What was filled into the rows that stay."""
    base = defaults(state.release, group.object, state.who, state.now)
    return [
        Filling(values=row.posted.sent, id=row.id, encoding=Encoding.TEXT, defaults=base,
                writable=[name for name, mode in row.modes.items() if mode is Mode.WRITE])
        for row in group.kept
    ]


def row_commands(group: Group, filled: tuple[Filled, ...], parent: str | Made) -> Iterator[tuple[FormRow, Command]]:
    """The commands that bring the rows to what was typed, each with its row."""
    item = group.item
    if group.asleep:
        return
    for row in group.rows:
        if row.removed and row.record is not None:
            yield row, Delete(group.object.name, row.record.row.id, row.version)
    for number, (row, each) in enumerate(zip(group.kept, filled, strict=True), start=1):
        values: dict[str, Any] = dict(each.values)
        if item.order and (row.record is None or row.record.values.get(item.order) != number):
            values[item.order] = str(number)
        if row.record is None:
            yield row, Create(group.object.name, values | {item.row_link: parent}, encoding=Encoding.TEXT)
        elif values:
            yield row, Update(group.object.name, row.record.row.id, values, row.version, encoding=Encoding.TEXT)

