"""Reads a posted form: for each input what was typed (to show it again) and what is sent to the records service.

What a person did not touch is not sent: the stored value stands in the input exactly as it came back.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Container, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from engine.fields.base import Locale
from engine.model import Field
from engine.targets.screens import Mode
from runtime.records.attachments import TooLarge, remove_unlinked, store_upload
from runtime.records.outcomes import FieldError
from runtime.records.query import ListQuery
from runtime.records.rows import FileRef
from runtime.screens.forms.values import Blank, stored_input
from runtime.screens.words import Say
from runtime.web.state import RequestState

__all__ = ["Posted", "leftovers", "read_posted"]

Form = MultiDict[str, str]
_SUFFIXES = (".text", ".keep", ".remove", ".side", ".mine")


@dataclasses.dataclass(slots=True)
class Posted:
    """`shown` holds what stands in the inputs again, `sent` what differs from what was stored, in typed form."""

    shown: Blank[Any] = dataclasses.field(default_factory=Blank)
    sent: dict[str, object] = dataclasses.field(default_factory=dict)
    errors: list[FieldError] = dataclasses.field(default_factory=list)
    typed: Blank[str] = dataclasses.field(default_factory=Blank)
    """What stands in link pickers."""
    matches: Blank[list[dict[str, str]]] = dataclasses.field(default_factory=Blank)


@dataclasses.dataclass(frozen=True, slots=True)
class Reader:
    """What reading one form needs; `files` are uploads by input, `stored` the row's in-memory values by field name."""

    state: RequestState
    form: Form
    files: Mapping[str, Any]
    stored: Mapping[str, Any]
    locale: Locale
    say: Say
    into: Posted


def read_posted(
    state: RequestState, form: Form, files: Mapping[str, Any], fields: Mapping[str, Field], modes: Mapping[str, Mode],
    stored: Mapping[str, Any], locale: Locale, say: Say,
) -> Posted:
    """Read the inputs that may be written; `stored` is {} for a new record."""
    reader = Reader(state, _chosen(form), files, stored, locale, say, Posted())
    for name, mode in modes.items():
        if mode is Mode.WRITE:
            _READERS.get(fields[name].type.widget, _text)(reader, fields[name])
    return reader.into


def _chosen(form: Form) -> Form:
    """The conflict screen's answer as a plain form: `NAME.side` says whether `NAME.mine` counts."""
    sides = {name.removesuffix(".side"): value for name, value in form.items() if name.endswith(".side")}
    if not sides:
        return form
    found: Form = MultiDict(form)
    for name, side in sides.items():
        found.poplist(name)
        if side == "mine":
            found.setlist(name, form.getlist(f"{name}.mine"))
    return found


def leftovers(form: Form, modes: Mapping[str, Mode], rows: Container[str] = ()) -> dict[str, list[str]]:
    """What was typed into inputs that the form no longer has: name → texts that are not empty; `rows` are the items with rows."""
    found: dict[str, list[str]] = {}
    for name in form:
        bare = name
        for suffix in _SUFFIXES:
            bare = bare.removesuffix(suffix)
        ours = name.partition(".")[0] in rows or bare.startswith("_") or bare == "csrf_token" or name.endswith((".keep", ".side"))
        if not ours and modes.get(bare) is not Mode.WRITE:
            texts = [text for text in form.getlist(name) if text.strip()]
            if texts:
                found.setdefault(bare, []).extend(texts)
    return found


def _text(reader: Reader, field: Field) -> None:
    name = field.name
    if name not in reader.form:
        return
    typed = reader.form.getlist(name)[-1]
    reader.into.shown[name] = typed
    if not _same_text(typed, stored_input(field, reader.stored.get(name), reader.locale), new=not reader.stored):
        reader.into.sent[name] = typed


def _same_text(typed: str, stored: Any, *, new: bool) -> bool:
    if new:
        return False
    return typed.replace("\r\n", "\n").strip() == str("" if stored is None else stored).replace("\r\n", "\n").strip()


def _choices(reader: Reader, field: Field) -> None:
    name = field.name
    if name not in reader.form:
        return
    chosen = [option for option in reader.form.getlist(name) if option]
    reader.into.shown[name] = chosen
    if not reader.stored or set(chosen) != set(stored_input(field, reader.stored.get(name), reader.locale) or ()):
        reader.into.sent[name] = chosen


def _boolean(reader: Reader, field: Field) -> None:
    name = field.name
    if name not in reader.form:
        return
    typed = reader.form.getlist(name)[-1]
    reader.into.shown[name] = {"true": True, "false": False}.get(typed)
    if not _same_text(typed, field.type.input_text(reader.stored.get(name), reader.locale), new=not reader.stored):
        reader.into.sent[name] = typed


def _link(reader: Reader, field: Field) -> None:
    """The id that was picked, or the record that the text names. See fields/link.html for what is posted."""
    name, form, into = field.name, reader.form, reader.into
    if name not in form and f"{name}.text" not in form:
        return
    id, text = form.get(name, "").strip(), form.get(f"{name}.text")
    now = stored_input(field, reader.stored.get(name), reader.locale)
    title = now["title"] if now else ""
    if text is not None and not text.strip():
        id = ""
    elif text is not None and (not id or _other_text(reader, field, id, text.strip(), now, title)):
        id = _named(reader, field, text.strip())
    into.shown[name] = {"id": id, "title": text or ""} if id else None
    if text is None and id:
        into.shown[name] = {"id": id, "title": _title(reader, field, id)}
    elif text is not None:
        into.typed[name] = text
    if not reader.stored or id != (now["id"] if now else ""):
        into.sent[name] = id


def _named(reader: Reader, field: Field, text: str) -> str:
    """The id of the one record of that title; '' with an error, and the matches to choose from when there are several."""
    state, into, to, _ = reader.state, reader.into, field.type.link_to, reader.say
    rows = state.records.lookup(to, text, state.who, state.release, limit=20) if state.access.object(to).allows("read") else ()
    state.seen("lookup", state.release.model.objects[to].id, [row.id for row in rows])
    exact = [row for row in rows if row.title == text]
    found = exact if len(exact) == 1 else rows
    if len(found) == 1:
        return found[0].id
    if not found:
        into.errors.append(FieldError(field.name, "unknown_link", _("Nothing was found by this text. Choose from the list.")))
        return ""
    into.matches[field.name] = [{"id": row.id, "title": row.title or row.id[-6:], "note": ""} for row in found]
    into.errors.append(FieldError(field.name, "several_links", _("Several match. Which one?")))
    return ""


def _other_text(reader: Reader, field: Field, id: str, text: str, now: Any, title: str) -> bool:
    """Whether the text was changed without the script that would have emptied the id."""
    if now:
        return bool(id == now["id"] and text != title)
    return _title(reader, field, id) != text


def _title(reader: Reader, field: Field, id: str) -> str:
    """The title of a record that the reader may read, '' for another."""
    state, to = reader.state, field.type.link_to
    if not state.access.object(to).allows("read"):
        return ""
    page = state.records.list(ListQuery(object=to, fields=(), ids=(id,), limit=1), state.who, state.release)
    return (page.rows[0].title or page.rows[0].id[-6:]) if page.rows else ""


def _attachment(reader: Reader, field: Field) -> None:
    """A new file is kept at once, so that it survives a refusal of the rest; it becomes the record's own when that is saved."""
    name, form, into, _ = field.name, reader.form, reader.into, reader.say
    now: Any = reader.stored.get(name)
    upload = reader.files.get(name)
    kept = form.get(f"{name}.keep", "") or form.get(name, "")
    id = "" if form.get(f"{name}.remove") == "true" else kept
    if upload is not None and upload.filename:
        file = _keep(reader, field, upload)
        if file is not None:
            id = file.id
            into.shown[name] = stored_input(field, file, reader.locale)
    elif id and now is not None and id == now.id:
        into.shown[name] = stored_input(field, now, reader.locale)
    elif id:
        into.shown[name] = {"id": id, "name": _("The file you chose"), "size_text": "", "url": ""}
    if id != (now.id if now is not None else ""):
        into.sent[name] = id


def _keep(reader: Reader, field: Field, upload: Any) -> FileRef | None:
    state = reader.state
    _ = reader.say
    limit: int = field.type.max_size  # type: ignore[attr-defined]
    try:
        kept = store_upload(
            state.store, upload.filename, upload.stream, owner=state.who.id, limit=limit, now=state.now, new_id=state.site.new_id
        )
    except TooLarge:
        message = _("The file is larger than this field takes.")
        reader.into.errors.append(FieldError(field.name, "file_too_large", message))
        return None
    remove_unlinked(state.store, state.now)
    return kept


_READERS: Mapping[str, Callable[[Reader, Field], None]] = {
    "choices": _choices, "boolean": _boolean, "link": _link, "attachment": _attachment,
}
