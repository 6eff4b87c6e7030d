"""The state of one request: who asks, under which release, when, in which language; made once, before the view runs."""

from __future__ import annotations

import contextlib
import dataclasses
import enum
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import g, request

from runtime.access import Access
from runtime.audit.keys import Keys
from runtime.audit.views import View, ViewWriter
from runtime.identity.actor import Actor
from runtime.records.commands import RequestInfo
from runtime.store.compiled import Release
from runtime.store.database import Store
from runtime.store.errors import NoRelease
from runtime.web.errors import HttpProblem
from runtime.web.site import Site

if TYPE_CHECKING:
    from runtime.records.service import Records

__all__ = ["LANGUAGE_COOKIE", "Credential", "RequestState", "here"]

LANGUAGE_COOKIE = "carework-language"
_LANGUAGES = ("zh", "en")
"""What Carework itself can say, before a release names the organisation's languages."""


class Credential(enum.Enum):
    """How the caller said who it is."""

    NONE = "none"
    COOKIE = "cookie"
    BEARER = "bearer"


class RequestState:
    """`release` is pinned for the whole request; `actor` is None for somebody who is not signed in."""

    __slots__ = (
        "_access", "_language", "_release", "_snapshot", "actor", "credential", "now", "request_id", "secret", "site", "views_seen",
    )

    def __init__(self, site: Site, request_id: str, now: datetime) -> None:
        self.site = site
        self.request_id = request_id
        self.now = now
        self.actor: Actor | None = None
        self.credential = Credential.NONE
        self.secret = ""
        """The secret of the session cookie or token that `actor` was found by."""
        self.views_seen: list[View] = []
        self._snapshot: contextlib.AbstractContextManager[object] | None = None
        self._release: Release | None = None
        self._access: Access | None = None
        self._language = ""

    @property
    def store(self) -> Store:
        return self.site.store

    @property
    def keys(self) -> Keys:
        return self.site.keys

    @property
    def views(self) -> ViewWriter:
        return self.site.views

    @property
    def records(self) -> Records:
        return self.site.records

    @property
    def release(self) -> Release:
        """The pinned release. Raises NoRelease (503) while nothing has been published."""
        if self._release is None:
            self._release = self.site.store.release()
        return self._release

    @property
    def who(self) -> Actor:
        """The actor of a route that is not anonymous. Raises HttpProblem 401."""
        if self.actor is None:
            raise HttpProblem("sign_in")
        return self.actor

    @property
    def access(self) -> Access:
        """The rights of the actor under the pinned release. Raises HttpProblem 401."""
        if self._access is None:
            self._access = Access.of(self.release, self.who)
        return self._access

    @property
    def language(self) -> str:
        """The user's language, else the cookie's, else what the browser asks for, else the organisation's first."""
        if not self._language:
            self._language = self._choose_language()
        return self._language

    def _choose_language(self) -> str:
        try:
            offered: tuple[str, ...] = self.release.model.organisation.languages
        except Exception:  # no release, or no database: an error page still needs a language
            offered = _LANGUAGES
        own = self.actor.language if self.actor is not None else ""
        if own in offered:
            return own
        wanted = request.cookies.get(LANGUAGE_COOKIE, "")
        return wanted if wanted in offered else request.accept_languages.best_match(offered) or offered[0]

    def info(self, channel: str, release: str = "") -> RequestInfo:
        """Where commands of this request come from; `release` is the hash that the caller's form was made for."""
        return RequestInfo(id=self.request_id, channel=channel, release=release)

    def seen(self, kind: str, object: str | None, ids: Sequence[str], detail: Mapping[str, Any] | None = None) -> None:
        """Note what this response shows; it is durable before the response leaves, or 503 leaves instead.

        `object` is the object's element id; `detail` holds names and numbers, never a value of a record. What several panels of a
        page show of one object makes one entry.
        """
        for place, before in enumerate(self.views_seen if detail is None else ()):
            if before.kind == kind and before.object == object and before.detail is None:
                self.views_seen[place] = dataclasses.replace(before, ids=tuple(dict.fromkeys([*before.ids, *ids])))
                return
        self.views_seen.append(
            View(
                id=self.site.new_id(), at=self.now, actor=self.who.id, kind=kind, ids=ids, detail=detail,
                request_id=self.request_id, release=self.release.hash, object=object,
            )
        )

    def share_reads(self) -> None:
        """Let everything that this request reads from now on be read in one transaction; for requests that change nothing."""
        snapshot = self.site.store.together()
        snapshot.__enter__()
        self._snapshot = snapshot

    def end_reads(self) -> None:
        """End that transaction; what reads later does so by itself."""
        if self._snapshot is not None:
            snapshot, self._snapshot = self._snapshot, None
            snapshot.__exit__(None, None, None)

    def pin(self) -> None:
        """Take the live release for this request; without one the views that need it answer 503."""
        try:
            self._release = self.site.store.release()
        except NoRelease:
            self._release = None


def here() -> RequestState:
    """The state of the request being served."""
    found: RequestState = g.carework
    return found
