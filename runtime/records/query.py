"""What somebody asks to read, and who reads under which release."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from engine.fields.base import Locale
from runtime.access import Access
from runtime.identity.actor import Actor
from runtime.records.rows import Page
from runtime.store.compiled import Release

__all__ = ["COUNT_CAP", "MAX_LIMIT", "ListQuery", "Reading"]

MAX_LIMIT = 200
COUNT_CAP = 501
"""A count stops here: "more than 500" is all that a person needs, and it costs 29 microseconds instead of 1,200."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """A list that somebody asks for.

    `fields` are names or dotted paths; without them the view's columns, without a view every field that is shown.
    `sort` is written like `-due,name`; '' is the view's order, else newest first. `after` is a cursor of a page of the
    same list. `linked` keeps rows whose link field (name) points to a record (id). `ids` keeps these records only.
    """

    object: str
    fields: tuple[str, ...] | None = None
    view: str | None = None
    filter: str = ""
    sort: str = ""
    limit: int = 50
    after: str | None = None
    count: bool = False
    linked: tuple[str, str] | None = None
    linked_shown: bool = True
    """Whether the column of `linked` is a column of the rows too; False leaves it out where there are others."""
    ids: tuple[str, ...] | None = None
    whole: bool = False
    """Takes the view's columns without its filter and order."""
    actions: tuple[str, ...] = ("read",)
    """Rights that every row needs: `("read",)` or `("read", "export")`; a field is seen by the worst of them."""


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """Who reads under which release, through which connection."""

    release: Release
    access: Access
    actor: Actor
    connection: Connection
    now: datetime.datetime
    key: bytes
    """Signs cursors."""
    binds: Mapping[str, Any]
    """Values for what expressions and access rules name: the user, today, now."""
    rows: dict[tuple[str, str, tuple[str, ...] | None], Page] = dataclasses.field(default_factory=dict)
    """Single records (object, id, fields; None for all of them) that this snapshot has been asked for."""
    there: set[tuple[str, str]] = dataclasses.field(default_factory=set)
    """Records (object, id) that the reader may read, as far as this snapshot has been asked."""

    @property
    def locale(self) -> Locale:
        organisation = self.release.model.organisation
        language = self.actor.language or organisation.languages[0]
        return Locale(organisation.timezone, organisation.country, language)
