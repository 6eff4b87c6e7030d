"""A form ready to be shown: its compiled page and everything the page takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response
from jinja2 import Template
from markupsafe import Markup

from engine.fields.choice import Choice, ChoiceList
from engine.model import Form, Object
from engine.targets.screens import Mode, form_source, inputs, rows_source
from engine.targets.sheet import ItemState
from engine.targets.sheet import Sheet as Decided
from runtime.records.defaults import defaults
from runtime.records.outcomes import FieldError
from runtime.screens.environment import environment, page
from runtime.screens.forms.live import follows, live_attributes, marks_of, script_addresses
from runtime.screens.forms.rows import FormRow, Group
from runtime.screens.forms.values import Blank
from runtime.screens.plans import cached
from runtime.screens.shell import answer, frame
from runtime.screens.words import Say, words
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
    record_id: str | None = None
    """The record that the form is about, None for a new one."""
    decided: Decided | None = None
    """How the items stand with what was typed; None: with what is stored."""
    groups: Mapping[str, Group] = dataclasses.field(default_factory=dict)
    typed: Blank[str] = dataclasses.field(default_factory=Blank)
    matches: Blank[list[dict[str, str]]] = dataclasses.field(default_factory=Blank)


def show_sheet(state: RequestState, sheet: Sheet, status: int = 200) -> Response:
    """The page."""
    _ = words(state.language)
    errors = _by_field(sheet)
    live = follows(state.release, sheet.form)
    form = {
        "version": sheet.version, "release": state.release.hash, "errors": _summary(state, sheet, errors), "notice": None,
        "multipart": _multipart(sheet), "scripts": script_addresses(live=live), "draft": _draft_place(sheet), **sheet.about,
    }
    more = _live_parts(state, sheet, form) if live else {}
    text = _template(state, sheet, live=live).render(
        ui=frame(state, sheet.object.name), form=form, values=sheet.shown, errors=errors, warnings=Blank(), matches=sheet.matches,
        typed=sheet.typed, kept=kept_options(state, sheet.object, sheet.modes, sheet.shown), reasons=reasons(_), **more,
    )
    return answer(text, status)


def _multipart(sheet: Sheet) -> bool:
    fields = sheet.object.fields
    return any(fields[name].type.widget == "attachment" for name in sheet.modes) or any(
        group.object.fields[name].type.widget == "attachment" for group in sheet.groups.values() for name in group.form.fields)


def _draft_place(sheet: Sheet) -> str:
    """Where what is typed is kept before it is saved: the page's own address says of what."""
    return f"{sheet.about['action']}/draft"


def _live_parts(state: RequestState, sheet: Sheet, form: dict[str, Any]) -> dict[str, Any]:
    """What live forms take beside: how each item stands, the rows drawn, and the conditions for scripts."""
    base = defaults(state.release, sheet.object, state.who, state.now) if sheet.record_id is None else {}
    opened = state.records.opened(sheet.form, sheet.record_id, state.who, state.release, defaults=base)
    decided = sheet.decided or opened.sheet
    groups, rows = {}, {}
    for name, group in sheet.groups.items():
        groups[name] = drawn_rows(state, group, decided.groups.get(name, ()))
        rows[name] = rows_known(state, sheet.form, group)
    behind = f"/o/{sheet.object.name}/behind?form={sheet.form.name}"
    form["live"] = live_attributes(state, sheet.form, opened, rows, behind)
    return {"marks": marks_of(decided), "groups": Blank(groups)}


def reasons(say: Say) -> dict[str, str]:
    """Why an input is fixed, by the word that sources have for it."""
    _ = say
    return {"computed": _("computed"), "given": _("set by the system"), "not_yours": _("not yours to change here")}


def _template(state: RequestState, sheet: Sheet, *, live: bool) -> Template:
    """The compiled page for these modes; forms that look alike share one."""
    language = state.language
    key = ("form", sheet.base, sheet.object.name, sheet.form.name, language, tuple(sheet.modes.items()), tuple(sheet.groups))

    def make() -> Template:
        parts = inputs(sheet.form, dict(sheet.object.fields), dict(sheet.modes), sheet.groups)
        return environment(language).from_string(form_source(sheet.base, parts, language, live=live))

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


def kept_options(state: RequestState, object: Object, modes: Mapping[str, Mode], shown: Blank[Any]) -> Blank[list[dict[str, str]]]:
    """Options that stand in the row but can no longer be chosen: offered so that saving the form does not take them away."""
    found: Blank[list[dict[str, str]]] = Blank()
    for name, mode in modes.items():
        kind = object.fields[name].type
        value = shown[name]
        if mode is not Mode.WRITE or not value or not isinstance(kind, Choice | ChoiceList):
            continue
        by_name = {option.name: option for option in kind.choices.options.values()}
        names = [value] if isinstance(value, str) else value
        gone = [n for n in names if n not in kind.table.choosable]
        found[name] = [{"value": n, "label": by_name[n].label(state.language) if n in by_name else n} for n in gone] or None
    return found


def drawn_rows(state: RequestState, group: Group, states: Sequence[Decided]) -> Markup:
    """The rows of an item, and a blank one for scripts."""
    kept = {id(row): each for row, each in zip(group.kept, states, strict=False)}
    blank = Decided({name: ItemState(True, False, False) for name in group.form.items})
    part: Any = page("parts/rows.html", state.language).module
    rows = [_drawn_row(state, group, row, kept.get(id(row), blank)) for row in group.rows]
    new = _drawn_row(state, group, group.blank, blank) if group.blank is not None else None
    return Markup(part.rows({
        "name": group.item.name, "label": group.item.label(state.language), "rows": rows, "blank": new, "min": group.item.min,
        "max": group.item.max, "ordered": bool(group.item.order), "more": group.more, "error": group.error,
    }))


def _drawn_row(state: RequestState, group: Group, row: FormRow, decided: Decided) -> dict[str, Any]:
    language = state.language
    key = ("row", group.form.name, language, tuple(row.modes.items()))

    def make() -> Template:
        return environment(language).from_string(rows_source(inputs(group.form, dict(group.object.fields), dict(row.modes)), language))

    template: Template = cached(state.release).get(key, make)
    errors: Blank[list[str]] = Blank()
    for error in row.errors:
        errors.setdefault(error.field, []).append(error.message)  # type: ignore[union-attr]
    html = template.render(
        prefix=f"{group.item.name}.{row.key}.", values=row.posted.shown, errors=errors, warnings=Blank(), matches=row.posted.matches,
        typed=row.posted.typed, kept=kept_options(state, group.object, row.modes, row.posted.shown), reasons=reasons(words(language)),
        marks=marks_of(decided),
    )
    return {"key": row.key, "id": row.id, "version": row.version, "html": Markup(html), "removed": row.removed, "deletable": row.deletable,
            "error": " ".join(errors[""] or ())}


def rows_known(state: RequestState, form: Form, group: Group) -> dict[str, Any]:
    """What the conditions read of each row, by its key, and of a new one."""
    base = defaults(state.release, group.object, state.who, state.now)
    found = {}
    for row in (*group.rows, *((group.blank,) if group.blank is not None else ())):
        opened = state.records.opened(form, row.id, state.who, state.release, group=group.item.name, defaults={} if row.id else base)
        found[row.key] = {"known": opened.known, "opaque": opened.opaque}
    return found
