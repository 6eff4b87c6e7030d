"""The frame around every page: navigation, clinic, person, languages, messages of the step before."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from flask import Response, request
from markupsafe import Markup, escape

from engine.model import Object
from runtime.identity.actor import Actor
from runtime.records.rows import UnknownObject
from runtime.screens.assets import icons
from runtime.screens.clinics import named
from runtime.screens.environment import page
from runtime.screens.flashes import take_flashes
from runtime.screens.plans import cached
from runtime.screens.words import html_language, words
from runtime.store.errors import NoRelease
from runtime.web.csrf import csrf_token
from runtime.web.state import RequestState, here

__all__ = ["answer", "frame", "known_object", "object_icon", "readable_objects", "show"]

LANGUAGES = {"zh": "中文", "en": "English"}
FALLBACK_ICON = "circle-dashed"


def show(template: str, /, status: int = 200, **context: Any) -> Response:
    """A page of `templates/` in its frame."""
    state = here()
    return answer(page(template, state.language).render(ui=frame(state, context.pop("current", "")), **context), status)


def answer(text: str, status: int = 200) -> Response:
    """HTML that is ready."""
    return Response(text, status, content_type="text/html; charset=utf-8")


def frame(state: RequestState, current: str = "") -> dict[str, Any]:
    """The context `ui` of layout.html; `current` is the name of the object whose section this is, or `home`."""
    actor, csrf = state.actor, csrf_token()
    back = request.full_path.rstrip("?") if request.method == "GET" else "/"
    found = {"csrf": csrf, "here_url": back, "flashes": take_flashes(state)}
    if actor is None:
        return _said(state, None, None, current) | found
    clinic = _clinics(state, actor)
    # All that is said of the person hangs on the person alone (and on the clinics' names), so it is kept with the actor.
    key = ("screens.frame", state.release.hash, state.language, clinic, current)
    kept: dict[str, Any] | None = actor.kept.get(key)
    if kept is None:
        kept = actor.kept[key] = _drawn(state, _said(state, actor, clinic, current), current)
    top = kept["top"].replace(_TOKEN, csrf).replace(_ADDRESS, str(escape(back)))
    return kept | found | {"top": Markup(top)}


_TOKEN, _ADDRESS = (f"here-{name}-{secrets.token_hex(12)}" for name in ("token", "address"))
"""Stand in what is kept for what each page has of its own; nobody outside this process can write them into a name."""


def _said(state: RequestState, actor: Actor | None, clinic: str | None, current: str) -> dict[str, Any]:
    organisation, languages = _organisation(state)
    return {
        "lang": html_language(state.language), "home_url": "/", "at_home": current == "home",
        "signout_url": "/sign-out", "me_url": "/me", "organisation": organisation, "clinic": clinic,
        "user": {"name": actor.name, "initials": _initials(actor.name), "roles": roles_text(state, actor)} if actor else None,
        "languages": [
            {"code": html_language(code), "label": LANGUAGES.get(code, code), "value": code} for code in languages
        ],
        "language_url": "/language", "nav": _navigation(state, current) if actor else (),
    }


def _drawn(state: RequestState, ui: dict[str, Any], current: str) -> dict[str, Any]:
    """The frame with its parts drawn: `top` is the person's, the others are the same for all of one shape and language."""
    parts: Any = page("parts/shell.html", state.language).module

    def make() -> dict[str, str]:
        return {"assets": parts.assets(), "side": parts.side_nav(ui), "foot": parts.foot(ui), "strings": parts.strings()}

    shared: dict[str, str] = cached(state.release).get(("frame", state.who.shape, state.language, current), make)
    return ui | shared | {"top": str(parts.top(ui | {"csrf": _TOKEN, "here_url": _ADDRESS}))}


def _organisation(state: RequestState) -> tuple[str, Sequence[str]]:
    try:
        organisation = state.release.model.organisation
    except NoRelease:
        return "Carework", tuple(LANGUAGES)
    return organisation.label(state.language), organisation.languages


def _clinics(state: RequestState, actor: Actor) -> str:
    """The clinics a person works in: their names, or how many when there are more than two."""
    ids = dict.fromkeys(m.clinic_id for m in actor.memberships if m.clinic_id)
    names = [name for _id, name in named(state, ids)]
    if len(names) > 2:
        _ = words(state.language)
        return _("%(count)s clinics") % {"count": len(names)}
    return " · ".join(names)


def roles_text(state: RequestState, actor: Actor) -> str:
    """The roles a person holds, each once."""
    key = ("screens.roles", state.release.hash, state.language)
    found: str | None = actor.kept.get(key)
    if found is None:
        labels = {role.id: role.label(state.language) for role in state.release.model.roles.values()}
        found = actor.kept[key] = ", ".join(dict.fromkeys(labels.get(m.role, m.role) for m in actor.memberships))
    return found


def _initials(name: str) -> str:
    """What stands in the round mark: the first character of a Chinese name, the first letters of two words of another."""
    parts = name.split()
    if name and not name[0].isascii():
        return name[0]
    return "".join(part[0] for part in parts[:2]).upper() or "?"


def known_object(name: str) -> Object:
    """The object of an address. Raises UnknownObject for one that does not exist and for one the actor may not read."""
    state = here()
    found = state.release.model.objects.get(name)
    if found is None or not state.access.object(name).allows("read"):
        raise UnknownObject(name)
    return found


def readable_objects(state: RequestState) -> tuple[Object, ...]:
    """The objects the actor may read: patients first, then what has a workflow, what is about patients, the rest; each in the
    order of the packs."""
    key = ("readable", state.who.shape)

    def make() -> tuple[Object, ...]:
        readable = [o for o in state.release.model.objects.values() if state.access.object(o.name).allows("read")]
        return tuple(sorted(readable, key=_rank))

    found: tuple[Object, ...] = cached(state.release).get(key, make)
    return found


def _rank(object: Object) -> int:
    if object.subject == ((),):
        return 0
    return 1 if object.workflow else 2 if object.subject else 3


def object_icon(object: Object) -> str:
    """The object's icon, a neutral one for a name that the sprite lacks."""
    return object.icon if object.icon in icons() else FALLBACK_ICON


def _navigation(state: RequestState, current: str) -> Sequence[dict[str, Any]]:
    key = ("navigation", state.who.shape, state.language, current)

    def make() -> tuple[dict[str, Any], ...]:
        _ = words(state.language)
        groups = (_("Care"), _("Organisation"))
        objects = tuple(
            {"label": o.plural(state.language), "url": f"/o/{o.name}", "icon": object_icon(o), "current": o.name == current,
             "count": None, "group": groups[_rank(o) > 2]}
            for o in readable_objects(state)
        )
        if state.access.system("operate"):
            objects = (*objects, {"label": _("Jobs"), "url": "/jobs", "icon": "activity", "current": current == "jobs", "count": None,
                                  "group": _("Operation")})
        if not state.access.system("design"):
            return objects
        return (*objects, {"label": _("Designer"), "url": "/design", "icon": "settings", "current": current == "design",
                           "count": None, "group": _("Definitions")})

    found: tuple[dict[str, Any], ...] = cached(state.release).get(key, make)
    return found
