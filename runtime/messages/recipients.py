"""Who gets a message: how she is reached, what she refuses, and whether she may be told of the record at all."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from engine.model import Model, Object
from runtime.channels import Reach
from runtime.identity.actor import Actor, system_actor
from runtime.identity.callers import clinic_day
from runtime.identity.loading import load_actor
from runtime.records.prepared import PreparedRows
from runtime.records.writing.loading import prepared_once
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["Recipient", "by_id", "find_recipient", "stands", "together_in_a_clinic"]

_CHINESE = ("zh", "chinese", "mandarin", "中文", "汉", "普通话", "粤")
_ENGLISH = ("en", "英")


@dataclasses.dataclass(frozen=True, slots=True)
class Recipient:
    """One person, as she stands now. `reader` is whose rights the text is rendered with."""

    object: Object
    id: str
    reach: Reach
    language: str
    reader: Actor
    refuses: bool
    refused_channels: frozenset[str]
    marketing: bool = False
    """Whether she agreed to messages that are not for her care."""


def by_id(model: Model, element_id: str) -> Object | None:
    """The object of an element id, None for one that is gone."""
    return next((obj for obj in model.objects.values() if obj.id == element_id), None)


def stands(connection: Connection, release: Release, obj: Object, id: str) -> bool:
    """Whether the record is there."""
    return _values(connection, release, obj, ("id",), id) is not None


def _values(connection: Connection, release: Release, obj: Object, names: tuple[str, ...], id: str) -> tuple[Any, ...] | None:
    """Some columns of one record; None when it is gone."""
    rows: PreparedRows = prepared_once(release, ("messages.values", obj.name, names), lambda: _selecting(release, obj, names))
    found = rows.one_or_none(connection, {"b_id": id})
    return None if found is None else tuple(found)


def _selecting(release: Release, obj: Object, names: tuple[str, ...]) -> PreparedRows:
    table = release.tables.object(obj.name)
    columns = (table.column(name).label(f"v{place}") for place, name in enumerate(names))
    return PreparedRows(select(*columns).where(table.column("id") == bindparam("b_id")))


def find_recipient(connection: Connection, release: Release, obj: Object, id: str, now: datetime.datetime) -> Recipient | None:
    """None for a record that is gone, and for somebody who may not sign in any more.

    A person who signs in reads with her own rights. A patient has none: what she is told was checked with the definitions, so it is
    read by the built-in account, in her language.
    """
    contact = obj.contact
    named = {key: getattr(contact, key) for key in ("email", "phone", "language", "refuses", "refused_channels", "marketing")} if contact else {}
    fields = {key: obj.fields[name] for key, name in named.items() if name in obj.fields}
    row = _values(connection, release, obj, ("id", *(field.name for field in fields.values())), id)
    if row is None:
        return None
    values: dict[str, Any] = dict(zip(fields, row[1:], strict=True))
    today = clinic_day(release, now)
    own = _language(release, values.get("language"))
    if obj.account:
        actor = load_actor(connection, release, id, today)
        if actor is None:
            return None
        own = own if own in release.model.organisation.languages and not actor.language else actor.language or own
    else:
        actor = system_actor(today)
    language = own or release.model.organisation.languages[0]
    refused = values.get("refused_channels")
    names: Any = fields["refused_channels"].type.dump(refused) if refused else ()
    return Recipient(
        obj, id, Reach(values.get("email") or "", _phone(fields, values), obj.account), language,
        dataclasses.replace(actor, language=language, kept={}), bool(values.get("refuses")), frozenset(names), values.get("marketing") is True,
    )


def _phone(fields: dict[str, Any], values: dict[str, Any]) -> str:
    value = values.get("phone")
    return str(getattr(value, "e164", value) or "")


def _language(release: Release, text: object) -> str:
    """The organisation's language that a text such as `zh`, `中文` or `English` names, '' for any other."""
    said = str(text or "").strip().casefold()
    found = "zh" if said.startswith(_CHINESE) else "en" if said.startswith(_ENGLISH) else ""
    return found if found in release.model.organisation.languages else ""


def together_in_a_clinic(
    connection: Connection, release: Release, one: tuple[Object, str], other: tuple[Object, str], today: datetime.date,
) -> bool:
    """Whether two records belong to a clinic in common today; what belongs to the whole organisation is everywhere."""
    first, second = (_root(connection, release, obj, id) for obj, id in (one, other))
    if first is None or second is None:
        return True
    found = {root: _clinics(connection, release, *root, today) for root in {first, second}}
    return bool(found[first] & found[second])


def _root(connection: Connection, release: Release, obj: Object, id: str) -> tuple[str, str | None] | None:
    """The object and id of the record by whose clinics a record's are; None for the whole organisation's."""
    belongs = obj.belongs_to
    if belongs.root_scope == "organisation":
        return None
    current, root = obj, id
    for step in belongs.root_path if belongs.root_scope != "clinic" else ():
        row = _values(connection, release, current, (step,), root)
        if row is None or row[0] is None:
            return current.name, None
        root, current = row[0], release.model.objects[current.fields[step].type.link_to]
    return current.name, root


def _clinics(connection: Connection, release: Release, object_name: str, root: str | None, today: datetime.date) -> frozenset[str]:
    """The clinics of such a record today."""
    if root is None:
        return frozenset()
    obj = release.model.objects[object_name]
    if obj.belongs_to.root_scope == "clinic":
        return frozenset(filter(None, _values(connection, release, obj, ("clinic_id",), root) or ()))
    return frozenset(row.clinic_id for row in _stays.all(connection, {"b_root": root, "b_today": today}))


_stay = system.record_clinic
_stays = PreparedRows(select(_stay.c.clinic_id).where(
    _stay.c.record_id == bindparam("b_root"),
    (_stay.c.from_date.is_(None)) | (_stay.c.from_date <= bindparam("b_today", type_=_stay.c.from_date.type)),
    (_stay.c.until_date.is_(None)) | (_stay.c.until_date >= bindparam("b_today", type_=_stay.c.from_date.type))))
