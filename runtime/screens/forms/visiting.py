"""Shows a form to somebody who is not signed in: its inputs alone, decided on the server, without whatever scripts would have to
know of the record to decide it in the browser."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response
from jinja2 import Template

from engine.model import Form, Object
from engine.targets.screens import Mode, form_source, inputs
from runtime.records.outcomes import FieldError
from runtime.screens.environment import environment
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
    errors: Sequence[FieldError] = ()


def show_visitor_sheet(state: RequestState, sheet: VisitorSheet, status: int = 200) -> Response:
    """The page."""
    _ = words(state.language)
    errors: Blank[list[str]] = Blank()
    for error in sheet.errors:
        errors.setdefault(error.field if error.field in sheet.modes else "", []).append(error.message)  # type: ignore[union-attr]
    form = {"errors": _summary(state, sheet, errors), "notice": None, **sheet.about}
    text = _template(state, sheet).render(
        ui=frame(state), form=form, values=sheet.shown, errors=errors, warnings=Blank(), matches=Blank(), typed=Blank(), kept=Blank(),
        reasons={"computed": "", "given": "", "not_yours": ""},
    )
    return answer(text, status)


def _template(state: RequestState, sheet: VisitorSheet) -> Template:
    language = state.language
    key = ("visitor form", sheet.form.name, language, tuple(sheet.modes.items()))

    def make() -> Template:
        plain = dataclasses.replace(sheet.form, items={name: item for name, item in sheet.form.items.items() if not item.rows})
        parts = inputs(plain, dict(sheet.object.fields), dict(sheet.modes))
        return environment(language).from_string(form_source("visitor_form.html", parts, language))

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
