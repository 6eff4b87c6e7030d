"""Who gets a message: how she is reached, what she refuses, and whether she may be told of the record at all."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.model import Model, Object
from runtime.channels import Reach
from runtime.identity.actor import Actor, system_actor
from runtime.identity.callers import clinic_day
from runtime.identity.loading import load_actor
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


def by_id(model: Model, element_id: str) -> Object | None:
    """The object of an element id, None for one that is gone."""
    return next((obj for obj in model.objects.values() if obj.id == element_id), None)


def stands(connection: Connection, release: Release, obj: Object, id: str) -> bool:
    """Whether the record is there."""
    table = release.tables.object(obj.name)
    return connection.execute(select(table.column("id")).where(table.column("id") == id)).one_or_none() is not None


def find_recipient(connection: Connection, release: Release, obj: Object, id: str, now: datetime.datetime) -> Recipient | None:
    """None for a record that is gone, and for somebody who may not sign in any more.

    A person who signs in reads with her own rights. A patient has none: what she is told was checked with the definitions, so it is
    read by the built-in account, in her language.
    """
    contact = obj.contact
    named = {key: getattr(contact, key) for key in ("email", "phone", "language", "refuses", "refused_channels")} if contact else {}
    fields = {key: obj.fields[name] for key, name in named.items() if name in obj.fields}
    table = release.tables.object(obj.name)
    statement = select(table.column("id"), *(table.column(field.name) for field in fields.values())).where(table.column("id") == id)
    row = connection.execute(statement).one_or_none()
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
        dataclasses.replace(actor, language=language, kept={}), bool(values.get("refuses")), frozenset(names),
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
    first, second = (_clinics(connection, release, obj, id, today) for obj, id in (one, other))
    return first is None or second is None or bool(first & second)


def _clinics(connection: Connection, release: Release, obj: Object, id: str, today: datetime.date) -> frozenset[str] | None:
    belongs = obj.belongs_to
    if belongs.root_scope == "organisation":
        return None
    if belongs.root_scope == "clinic":
        table = release.tables.object(obj.name)
        return frozenset(filter(None, connection.scalars(select(table.column("clinic_id")).where(table.column("id") == id))))
    root: Any = id
    current = obj
    for step in belongs.root_path:
        table = release.tables.object(current.name)
        root = connection.scalar(select(table.column(step)).where(table.column("id") == root))
        current = release.model.objects[current.fields[step].type.link_to]
    stay = system.record_clinic
    held = select(stay.c.clinic_id).where(
        stay.c.record_id == root, (stay.c.from_date.is_(None)) | (stay.c.from_date <= today),
        (stay.c.until_date.is_(None)) | (stay.c.until_date >= today))
    return frozenset(connection.scalars(held))
