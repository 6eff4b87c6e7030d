"""The start page: the panels of the page for my role, else the usual ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import Response

from engine.model import Label, Page, Panel
from engine.problems import Place
from runtime.screens.blueprint import screens
from runtime.screens.panels.contract import draw_all, placed
from runtime.screens.plans import locale_of
from runtime.screens.shell import show
from runtime.screens.words import Say, words
from runtime.web.routes import Audit, Policy, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []


@screens.get("/")
@declare(policy=Policy.SIGNED_IN, audit=Audit.VIEW)
def home() -> Response:
    """What waits for me, what is on today, what I opened last."""
    state = here()
    _ = words(state.language)
    with state.records.together(state.who, state.release):
        drawn = draw_all(state, panels_of(state))
    day = state.who.today
    return show(
        "home.html", current="home", greeting=_greeting(state, _), today_text=f"{day.isoformat()} · {_weekday(day, _)}",
        panels=placed(state, drawn),
    )


def panels_of(state: RequestState) -> Sequence[Panel]:
    """Of the home page of the first of my roles that has one, else of the one for everybody, else the usual ones."""
    pages = [page for page in state.release.model.pages.values() if page.home]
    roles = {role.id: role.name for role in state.release.model.roles.values()}
    for membership in state.who.memberships:
        for page in pages:
            if roles.get(membership.role) in page.roles:
                return tuple(page.panels.values())
    everybody = next((page for page in pages if not page.roles), _USUAL)
    return tuple(everybody.panels.values())


def _panel(kind: str, *, side: bool = False, limit: int = 12) -> Panel:
    return Panel(id="", name=kind, label=Label({"en": kind}), place=_PLACE, kind=kind, side=side, limit=limit)


_PLACE = Place("")
_USUAL = Page(
    id="", name="", label=Label({"en": "Home"}), place=_PLACE,
    panels={p.name: p for p in (_panel("tasks"), _panel("inbox", side=True), _panel("agenda", side=True), _panel("create", side=True),
                                _panel("recent", side=True))},
)


def _greeting(state: RequestState, _: Say) -> str:
    hour = state.now.astimezone(locale_of(state.release, state.language).zone).hour
    text = _("Good morning, %(name)s") if hour < 12 else _("Good afternoon, %(name)s") if hour < 18 else _("Good evening, %(name)s")
    return text % {"name": state.who.name}


def _weekday(day: date, _: Say) -> str:
    return (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))[day.weekday()]
