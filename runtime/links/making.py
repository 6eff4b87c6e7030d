"""Makes links, finds and ends them. An address holds the link's id and a keyed hash of it; the database holds a hash of the address."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from runtime.audit.keys import Keys
from runtime.store import system

__all__ = ["PATH", "Link", "NewLink", "address_of", "find_link", "link_of", "links_of", "make_link", "mark_opened", "revoke", "token_of", "use"]

PATH = "/f/"
_TAG_BYTES = 24
_link = system.link
Link = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """A link to be made; `form`, `transition` and `object` are element ids."""

    form: str
    object: str
    record_id: str
    created_by: str
    expires_at: datetime.datetime
    transition: str | None = None
    subject_id: str | None = None
    clinic_id: str | None = None
    message_id: str | None = None


def token_of(id: str, keys: Keys) -> str:
    """The secret of a link: its id and what only a holder of the installation's keys can compute of it."""
    raw = bytes.fromhex(id)
    return base64.urlsafe_b64encode(raw + _tag(raw, keys)).rstrip(b"=").decode()


def address_of(base_url: str, id: str, keys: Keys) -> str:
    """The address, of the installation's configured one alone: no header of a request can lead patients elsewhere (A-53)."""
    return f"{base_url.rstrip('/')}{PATH}{token_of(id, keys)}"


def make_link(
    connection: Connection, link: NewLink, keys: Keys, *, now: datetime.datetime, new_id: Callable[[], str], request_id: str = "",
) -> str:
    """Write the link, and who made it into the audit; its id."""
    id = new_id()
    row = {**dataclasses.asdict(link), "id": id, "token_hash": _hash(token_of(id, keys)), "created_at": now}
    connection.execute(insert(_link).values(**row))
    _audit(connection, "make_link", row, link.created_by, now, new_id(), request_id)
    return id


def find_link(connection: Connection, token: str, keys: Keys, now: datetime.datetime) -> Link | None:
    """The link of an address while it is good; None for one that is forged, over, used or revoked, which nobody is told apart."""
    id = _verified(token, keys)
    row = connection.execute(select(_link).where(_link.c.id == id)).mappings().one_or_none() if id else None
    if row is None or not hmac.compare_digest(row["token_hash"], _hash(token)):
        return None
    good = row["used_at"] is None and row["revoked_at"] is None and now < row["expires_at"]
    return dict(row) if good else None


def use(connection: Connection, id: str, now: datetime.datetime) -> bool:
    """Use the link up; whether this was the one that did. In the transaction of what is saved by it."""
    gone = update(_link).where(
        _link.c.id == id, _link.c.used_at.is_(None), _link.c.revoked_at.is_(None), _link.c.expires_at > now).values(used_at=now)
    return connection.execute(gone).rowcount == 1


def over(connection: Connection, id: str | None) -> bool:
    """Whether a link was used or withdrawn."""
    if id is None:
        return False
    row = connection.execute(select(_link.c.used_at, _link.c.revoked_at).where(_link.c.id == id)).one_or_none()
    return row is None or row.used_at is not None or row.revoked_at is not None


def mark_opened(connection: Connection, id: str, now: datetime.datetime) -> None:
    """Note the first time it was opened; opening uses nothing up, since mail programs open links by themselves."""
    connection.execute(update(_link).where(_link.c.id == id, _link.c.opened_at.is_(None)).values(opened_at=now))


def revoke(
    connection: Connection, id: str, by: str, now: datetime.datetime, *, new_id: Callable[[], str], request_id: str = "",
) -> bool:
    """End a link, with an entry of the audit; whether it could still be used."""
    gone = update(_link).where(_link.c.id == id, _link.c.used_at.is_(None), _link.c.revoked_at.is_(None)).values(
        revoked_at=now, revoked_by=by)
    if connection.execute(gone).rowcount != 1:
        return False
    row = connection.execute(select(_link).where(_link.c.id == id)).mappings().one()
    _audit(connection, "revoke_link", {str(key): value for key, value in row.items()}, by, now, new_id(), request_id)
    return True


def _audit(connection: Connection, action: str, link: Mapping[str, Any], by: str, now: datetime.datetime, id: str, request_id: str) -> None:
    """Ids alone: a link opens a part of a record to whoever has its address."""
    connection.execute(insert(system.audit).values(
        id=id, at=now, actor=by, action=action, object=link["object"], record_id=link["record_id"], clinic_id=link["clinic_id"],
        subject_id=link["subject_id"], request_id=request_id or None, outcome="done", detail={"link": link["id"], "form": link["form"]}))


def links_of(connection: Connection, record_id: str, limit: int = 50) -> list[Link]:
    """The links over a record, newest first, those that can still be used before all others: nothing pushes them off the list."""
    ended = or_(_link.c.used_at.is_not(None), _link.c.revoked_at.is_not(None))
    statement = select(_link).where(_link.c.record_id == record_id).order_by(ended, _link.c.id.desc()).limit(limit)
    return [dict(row) for row in connection.execute(statement).mappings()]


def link_of(connection: Connection, record_id: str, id: str) -> Link | None:
    """One link over a record, None for any other."""
    row = connection.execute(select(_link).where(_link.c.id == id, _link.c.record_id == record_id)).mappings().one_or_none()
    return dict(row) if row is not None else None


def _verified(token: str, keys: Keys) -> str:
    """The id in an address that was made here, '' for any other."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return ""
    id, tag = raw[:16], raw[16:]
    right = len(raw) == 16 + _TAG_BYTES and hmac.compare_digest(tag, _tag(id, keys))
    return id.hex() if right and token_of(id.hex(), keys) == token else ""


def _tag(raw: bytes, keys: Keys) -> bytes:
    return hmac.digest(keys.derive("links"), raw, hashlib.sha256)[:_TAG_BYTES]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
