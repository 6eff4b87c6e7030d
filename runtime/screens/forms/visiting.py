"""Shows a form to somebody who is not signed in.

Its conditions follow what she types where they read nothing but what the page asks or shows anyway; else the server alone decides,
when she sends it: scripts would have to know of the record what she need not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response
from jinja2 import Template
from markupsafe import Markup

from engine.model import Form, Object
from engine.model.answerable import following
from engine.targets.screens import Mode, form_source, inputs
from engine.targets.sheet import Sheet as Decided
from runtime.identity.actor import Actor
from runtime.records.outcomes import FieldError
from runtime.screens.environment import environment
from runtime.screens.forms.live import follows, live_attributes, marks_of, script_addresses
from runtime.screens.forms.values import Blank
from runtime.screens.plans import cached
from runtime.screens.shell import answer, frame
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["VisitorSheet", "show_visitor_sheet"]


@dataclasses.dataclass(slots=True, kw_only=True)
class VisitorSheet:
    """One showing; `about` has the page's own words (title, action, save_label, ends, notice)."""

    object: Object
    form: Form
    modes: Mapping[str, Mode]
    shown: Blank[Any]
    about: dict[str, Any]
    record_id: str
    actor: Actor
    """The service identity that reads for her."""
    decided: Decided
    """How the items stand with what was typed."""
    errors: Sequence[FieldError] = ()


def show_visitor_sheet(state: RequestState, sheet: VisitorSheet, status: int = 200) -> Response:
    """The page."""
    _ = words(state.language)
    errors: Blank[list[str]] = Blank()
    for error in sheet.errors:
        errors.setdefault(error.field if error.field in sheet.modes else "", []).append(error.message)  # type: ignore[union-attr]
    form = {"errors": _summary(state, sheet, errors), "notice": None, **sheet.about}
    live = _live(state, sheet)
    if live is not None:
        form |= {"live": live, "scripts": script_addresses(live=True)}
    text = _template(state, sheet, live=live is not None).render(
        ui=frame(state), form=form, values=sheet.shown, errors=errors, warnings=Blank(), matches=Blank(), typed=Blank(), kept=Blank(),
        reasons={"computed": "", "given": "", "not_yours": ""}, marks=marks_of(sheet.decided), groups=Blank(),
    )
    return answer(text, status)


def _live(state: RequestState, sheet: VisitorSheet) -> Markup | None:
    """What scripts need; None where a condition reads what is not on the page, or the form has rows."""
    if sheet.form.groups or not follows(state.release, sheet.form):
        return None
    opened = state.records.opened(sheet.form, sheet.record_id, sheet.actor, state.release)
    if any(path not in sheet.modes and path not in ("today", "now") for path in opened.known):
        return None
    # What she may fill is empty for her, whatever the record has, and what follows from that unknown.
    follows_hers = following(sheet.object, sheet.form)
    known = {path: value for path, value in opened.known.items() if sheet.modes.get(path) is not Mode.WRITE and path not in follows_hers}
    state.actor = sheet.actor
    try:
        return live_attributes(state, sheet.form, dataclasses.replace(opened, known=known), {}, "")
    finally:
        state.actor = None


def _template(state: RequestState, sheet: VisitorSheet, *, live: bool) -> Template:
    language = state.language
    key = ("visitor form", sheet.form.name, language, tuple(sheet.modes.items()), live)

    def make() -> Template:
        parts = inputs(sheet.form, dict(sheet.object.fields), dict(sheet.modes))
        if not live:  # steps need scripts to go on
            parts = tuple(part for part in parts if part.kind != "step")
        return environment(language).from_string(form_source("visitor_form.html", parts, language, live=live))

    made: Template = cached(state.release).get(key, make)
    return made


def _summary(state: RequestState, sheet: VisitorSheet, errors: Mapping[str, list[str] | None]) -> list[dict[str, Any]]:
    """Everything that is wrong, in the order of the form; what is wrong with no input of it stands first."""
    order = list(sheet.modes)
    fields = sheet.object.fields
    return [
        {"name": name or None, "label": fields[name].label(state.language) if name else "", "message": message}
        for name in sorted(errors, key=lambda name: order.index(name) if name else -1) for message in errors[name] or ()
    ]
