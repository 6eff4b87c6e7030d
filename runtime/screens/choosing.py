"""What stands above a list, a board or a calendar: filters, what is filtered now, and what of the address says nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from engine.model import Object
from runtime.records.query import ListQuery
from runtime.screens.clinics import named
from runtime.screens.environment import environment
from runtime.screens.filters import ME, ClinicFilter, PersonFilter, QuickFilter, search_expression
from runtime.screens.list_state import FILTER, ListState, address
from runtime.screens.people import choices_of
from runtime.screens.plans import ListPlan, parts_of
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["above", "bar", "filter_expression", "kept"]


def above(state: RequestState, plan: ListPlan, chosen: ListState, path: str) -> dict[str, Any]:
    """The part of a page's context that parts/filters.html and the empty states take; `path` is where the form goes."""
    _ = words(state.language)
    every = [control for name, quick in plan.filters.items() if (control := _control(state, plan.object, name, quick, chosen))]
    bare = ListState(view=chosen.view, sort=chosen.sort, own=chosen.own)
    return {
        "action": path, "q": chosen.q, "q_label": _("Search"), "search": bool(plan.search_texts), "controls": every,
        "keep": {name: value for name, value in kept(chosen).items() if value}, "chips": _chips(state, path, plan, chosen, every),
        "clear_url": address(path, bare), "filtered": bool(chosen.q or chosen.filters or chosen.linked), "unknown": _unknown(state, plan, chosen),
    }


def _unknown(state: RequestState, plan: ListPlan, chosen: ListState) -> str | None:
    """What the address says in vain; a filter that this person may not use reads like one that does not exist."""
    vain = [*chosen.unknown, *(FILTER + name for name, value in chosen.filters.items()
                               if name not in plan.filters or not plan.filters[name].expression(value, state.who.today))]
    if not vain:
        return None
    _ = words(state.language)
    return _("This address says something that is not known here and was left out: %(names)s") % {"names": ", ".join(n[:60] for n in vain[:5])}


def filter_expression(plan: ListPlan, chosen: ListState, state: RequestState) -> str:
    """Everything chosen, as one expression; a filter that this person may not use says nothing."""
    today = state.who.today
    parts = [plan.filters[name].expression(value, today) for name, value in chosen.filters.items() if name in plan.filters]
    parts.append(search_expression(chosen.q, plan.search_texts, plan.search_phones))
    return " && ".join(f"({part})" for part in parts if part)


def bar(state: RequestState, context: dict[str, Any]) -> Markup:
    """The filter bar of a list nobody searches in, kept as long as it says the same: drawing its options costs more than the rows."""
    controls = context["controls"]
    said = tuple((c["name"], c["label"], c["value"], *((o["value"], o["label"]) for o in c["options"])) for c in controls)
    key = ("filter bar", state.language, context["action"], context["search"], said, tuple(context["keep"].items()))

    def draw() -> Markup:
        macros: Any = environment(state.language).get_template("parts/filters.html").module
        return Markup(macros.filter_bar(context["action"], controls, "", context["q_label"], context["search"], context["keep"]))

    made: Markup = parts_of(state.release).get(key, draw)
    return made


def kept(chosen: ListState) -> dict[str, str]:
    """What the form of the filters sends along unseen."""
    return dataclasses.replace(chosen, q="", filters={}, after="").parameters()


def _control(state: RequestState, object: Object, name: str, quick: QuickFilter, chosen: ListState) -> dict[str, Any] | None:
    _ = words(state.language)
    options = list(quick.options)
    if isinstance(quick, PersonFilter):
        options = choices_of(state, quick.to)
        if quick.account:
            options.insert(0, (ME, _("Me")))
    elif isinstance(quick, ClinicFilter):
        options = named(state, state.who.clinics) if len(state.who.clinics) > 1 else []
    if not options:
        return None
    field, clinic = object.fields.get(name), state.release.model.clinic
    label = field.label(state.language) if field is not None else clinic.label(state.language) if clinic is not None else name
    return {
        "name": FILTER + name, "field": name, "label": label, "value": chosen.filters.get(name, ""),
        "options": [{"value": value, "label": label} for value, label in options],
    }


def _chips(
    state: RequestState, path: str, plan: ListPlan, chosen: ListState, controls: Sequence[dict[str, Any]],
) -> list[dict[str, str]]:
    """What is filtered now; an answer that is not offered any more is named as it stands in the address."""
    _ = words(state.language)
    found = []
    for control in controls:
        if control["value"]:
            label = next((o["label"] for o in control["options"] if o["value"] == control["value"]), control["value"])
            found.append({"label": f"{control['label']}: {label}", "remove_url": address(path, chosen.without(control["field"]))})
    if chosen.linked:
        cleared = dataclasses.replace(chosen, linked=None, whole=False, after="")
        found.append({"label": _linked_label(state, plan.object, *chosen.linked), "remove_url": address(path, cleared)})
    if chosen.q:
        cleared = dataclasses.replace(chosen, q="", after="")
        found.append({"label": _("Search: %(text)s") % {"text": chosen.q}, "remove_url": address(path, cleared)})
    return found


def _linked_label(state: RequestState, object: Object, name: str, id: str) -> str:
    field = object.fields.get(name)
    if field is None or not field.type.link_to or not state.access.object(field.type.link_to).allows("read"):
        return name
    page = state.records.list(ListQuery(object=field.type.link_to, fields=(), ids=(id,), limit=1), state.who, state.release)
    state.seen("lookup", state.release.model.objects[field.type.link_to].id, page.ids)
    return f"{field.label(state.language)}: {page.rows[0].title or id[-6:] if page.rows else '–'}"

