"""What all requests of a process share: the store, the keys, the audit of views, the records service."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app

from runtime.audit.keys import Keys
from runtime.audit.views import ViewWriter
from runtime.identity.callers import Callers
from runtime.settings import Settings
from runtime.store.database import Store
from runtime.web.limits import Limits
from runtime.web.routes import Declaration

if TYPE_CHECKING:
    from runtime.records.service import Records
    from runtime.web.errors import HttpProblem

__all__ = ["Site", "site_of"]

EXTENSION = "carework"


@dataclasses.dataclass(slots=True, kw_only=True)
class Site:
    """Made by `create_app`, kept in `app.extensions["carework"]`; only `error_page` and `declarations` are set later."""

    settings: Settings
    store: Store
    keys: Keys
    views: ViewWriter
    records: Records
    callers: Callers
    limits: Limits
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    error_page: Callable[[HttpProblem], Response] | None = None
    """Draws a page for people; screens set it. May answer 401 with a redirect to the sign-in page."""
    declarations: Mapping[str, Declaration] = dataclasses.field(default_factory=dict)
    """By endpoint, complete once the application is built."""
    cookie: str = "carework"
    """The name of the session cookie."""
    responses: dict[int, int] = dataclasses.field(default_factory=dict)
    """Counts by the first digit of the status, of this process; approximate under threads."""
    views_written: int = 0
    begin: Callable[[], None] = lambda: None
    """Starts the threads of this process that watch and do jobs; a server calls it after forking, else the first request does."""
    end: Callable[[], None] = lambda: None
    """Ends them, before the store is closed."""


def site_of(app: Flask | None = None) -> Site:
    """The site of an application, by default of the one that serves this request."""
    found: Site = (app or current_app).extensions[EXTENSION]
    return found
