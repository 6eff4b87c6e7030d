"""A form ready to be shown: its compiled page and everything the page takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response
from jinja2 import Template

from engine.fields.choice import Choice, ChoiceList
from engine.model import Form, Object
from engine.targets.screens import Mode, form_source, inputs
from runtime.records.outcomes import FieldError
from runtime.screens.environment import environment
from runtime.screens.forms.values import Blank
from runtime.screens.plans import cached
from runtime.screens.shell import answer, frame
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["Sheet", "show_sheet"]

CLINIC, REASON = "_clinic", "_reason"
"""Inputs that are no fields; names of fields never begin so."""


@dataclasses.dataclass(slots=True, kw_only=True)
class Sheet:
    """One showing of a form. `base` is the page it extends; `about` the page's own words (title, action, cancel_url …)."""

    object: Object
    form: Form
    modes: Mapping[str, Mode]
    shown: Blank[Any]
    about: dict[str, Any]
    base: str = "form.html"
    version: int | None = None
    errors: Sequence[FieldError] = ()
    typed: Blank[str] = dataclasses.field(default_factory=Blank)
    matches: Blank[list[dict[str, str]]] = dataclasses.field(default_factory=Blank)


def show_sheet(state: RequestState, sheet: Sheet, status: int = 200) -> Response:
    """The page."""
    _ = words(state.language)
    errors = _by_field(sheet)
    form = {
        "version": sheet.version, "release": state.release.hash, "errors": _summary(state, sheet, errors), "notice": None,
        "multipart": any(sheet.object.fields[name].type.widget == "attachment" for name in sheet.modes), **sheet.about,
    }
    text = _template(state, sheet).render(
        ui=frame(state, sheet.object.name), form=form, values=sheet.shown, errors=errors, warnings=Blank(), matches=sheet.matches,
        typed=sheet.typed, kept=_kept(state, sheet),
        reasons={"computed": _("computed"), "given": _("set by the system"), "not_yours": _("not yours to change here")},
    )
    return answer(text, status)


def _template(state: RequestState, sheet: Sheet) -> Template:
    """The compiled page for these modes; forms that look alike share one."""
    language = state.language
    key = ("form", sheet.base, sheet.object.name, sheet.form.name, language, tuple(sheet.modes.items()))

    def make() -> Template:
        parts = inputs(sheet.form, dict(sheet.object.fields), dict(sheet.modes))
        return environment(language).from_string(form_source(sheet.base, parts, language))

    made: Template = cached(state.release).get(key, make)
    return made


def _by_field(sheet: Sheet) -> Blank[list[str]]:
    """Messages by input; what is said of the clinic or the reason stands at their inputs."""
    found: Blank[list[str]] = Blank()
    for error in sheet.errors:
        found.setdefault(_input_name(sheet, error), []).append(error.message)  # type: ignore[union-attr]
    return found


def _input_name(sheet: Sheet, error: FieldError) -> str:
    if error.field in sheet.object.fields:
        return error.field
    return {"clinic": CLINIC, "reason": REASON}.get(error.field, "")


def _summary(state: RequestState, sheet: Sheet, errors: Blank[list[str]]) -> list[dict[str, Any]]:
    """Everything that is wrong, in the order of the form; without a link where the form has no such input."""
    _ = words(state.language)
    fields = sheet.object.fields
    order = [CLINIC, *sheet.form.fields, REASON]
    labels = {CLINIC: _("Clinic"), REASON: _("Reason")}
    found = []
    for name in sorted(errors, key=lambda name: order.index(name) if name in order else -1):
        label = labels.get(name) or (fields[name].label(state.language) if name in fields else "")
        on_form = name in (CLINIC, REASON) or name in sheet.modes
        for message in errors[name] or ():
            text = message if on_form or not label else f"{label}: {message}"
            found.append({"name": name if on_form else None, "label": label, "message": text})
    return found


def _kept(state: RequestState, sheet: Sheet) -> Blank[list[dict[str, str]]]:
    """Options that stand in the row but can no longer be chosen: offered so that saving the form does not take them away."""
    found: Blank[list[dict[str, str]]] = Blank()
    for name, mode in sheet.modes.items():
        kind = sheet.object.fields[name].type
        value = sheet.shown[name]
        if mode is not Mode.WRITE or not value or not isinstance(kind, Choice | ChoiceList):
            continue
        by_name = {option.name: option for option in kind.choices.options.values()}
        names = [value] if isinstance(value, str) else value
        gone = [n for n in names if n not in kind.table.choosable]
        found[name] = [{"value": n, "label": by_name[n].label(state.language) if n in by_name else n} for n in gone] or None
    return found
