"""The elements of a definition as rows of a table, the few words that tell them apart, and the names that their keys can take."""

from __future__ import annotations

import dataclasses
from typing import Any

from designer.drafts.draft import Draft
from designer.edits.said import section_said
from designer.layers import Layers, label_of
from designer.said_options import option_words
from designer.said_types import TYPES, category_words
from designer.schema_form import Input
from designer.starts.parts import rows_of
from engine.text.kinds import KINDS
from runtime.web.state import RequestState

__all__ = ["element_label", "missing_of", "names_of", "object_at", "section_of", "spoken", "type_words"]


def section_of(state: RequestState, draft: Draft, layers: Layers, folder: str, name: str, section: tuple[str, ...]) -> dict[str, Any]:
    """The elements of one map as rows."""
    elements = layers.elements(folder, name, section)
    order = [n for n, v in elements.items() if not (v.get("retired") or v.get("hidden"))]
    rows = []
    states = {n: label_of(v, state.language) or n for n, v in layers.elements(folder, name, ("states",)).items()}
    for element, value in elements.items():
        gone = bool(value.get("retired") or value.get("hidden"))
        place = order.index(element) if element in order else -1
        rows.append({
            "name": element, "label": element_label(layers, folder, name, section, element, value, state.language), "gone": gone,
            "pack": layers.owner(folder, name, (*section, element)), "facts": _facts(section, value, state.language, states),
            "width": value.get("width", "full") if folder == "forms" and not value.get("heading") and not value.get("step") else "",
            "up": order[place - 2] if place > 1 else "" if place == 1 else None,
            "down": order[place + 1] if 0 <= place < len(order) - 1 else None,
            "url": f"/design/{draft.id}/element?kind={folder}&name={name}&section={'.'.join(section)}&element={element}",
        })
    keeps = (folder, section[-1]) in {("objects", "fields"), ("choices", "options"), ("workflows", "states")}
    return {"at": list(section), "id": section[-1], "word": section_said(section, state.language), "rows": rows, "keeps": keeps}


def element_label(
    layers: Layers, folder: str, name: str, section: tuple[str, ...], element: str, value: dict[str, Any], language: str,
) -> str:
    """An item of a form and a column of a list speak with the label of their field."""
    own = label_of(value, language)
    if own:
        return own
    for key in ("heading", "step", "note"):
        if isinstance(value.get(key), dict | str):
            return label_of({"label": value[key]}, language)
    if folder in ("forms", "views"):
        about = object_at(layers, folder, name, section)
        if value.get("rows"):
            return layers.label("objects", rows_of(layers, about).get(str(value["rows"]), ("", ""))[0], language) or element
        field = str(value.get("field") or value.get("path") or element).partition(".")[0]
        return label_of(layers.elements("objects", about, ("fields",)).get(field, {}), language) or element
    return element


def object_at(layers: Layers, folder: str, name: str, section: tuple[str, ...]) -> str:
    """The object whose fields the elements of a section name: that of the definition, or that of the rows of a form."""
    about = str(layers.merged(folder, name).get("object") or "")
    if folder == "forms" and len(section) == 3:
        rows = layers.elements(folder, name, section[:1]).get(section[1], {}).get("rows")
        return rows_of(layers, about).get(str(rows), ("", ""))[0]
    return about


def _facts(section: tuple[str, ...], value: dict[str, Any], language: str, states: dict[str, str]) -> list[str]:
    """The few words that tell an element from its neighbours."""
    shown = {"fields": ("type",), "states": ("category",), "grants": ("object", "can"), "steps": ("at", "every"), "columns": ("path",),
             "timers": ("in", "at"), "rules": ("then",), "checks": ("rule",), "denials": ("object", "can")}.get(section[-1], ())
    if section[-1] == "transitions":
        began = value.get("from")
        froms = began if isinstance(began, list) else [began]
        return [f"{', '.join(states.get(str(n), str(n)) for n in froms)} → {states.get(str(value.get('to')), value.get('to'))}"]
    found = []
    for key in shown:
        held = value.get(key)
        if held is not None:
            text = ", ".join(map(str, held)) if isinstance(held, list) else str(held)
            words = type_words(language) if key == "type" else category_words(language) if key == "category" else {}
            found.append(words.get(text, text))
    return found


def type_words(language: str) -> dict[str, str]:
    """Field types in the words of people."""
    return {name: chinese if language.startswith("zh") else english for name, (english, chinese) in TYPES.items()}


def spoken(found: list[Input], layers: Layers, folder: str, whole: dict[str, Any], language: str) -> list[Input]:
    """The inputs with their options in the words of people."""
    return [dataclasses.replace(one, labels=option_words(layers, folder, whole, one.key, one.options, language)) if one.kind == "choice" else one
            for one in found]


def names_of(layers: Layers, value: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The names that keys can take."""
    objects = tuple(layers.names("objects"))
    about = str(value.get("object") or value.get("on") or "")
    fields = tuple(layers.elements("objects", about, ("fields",))) if about else ()
    forms = tuple(n for n in layers.names("forms") if layers.merged("forms", n).get("object") == about) if about else tuple(layers.names("forms"))
    inputs = value.get("inputs")
    states = tuple(value.get("states") or ()) if isinstance(value.get("states"), dict) else ()
    return {"to": states or objects, "object": objects, "of": tuple(layers.names("choices")), "on": objects, "create": objects,
            "field": fields, "ask": forms, "form": forms, "message": tuple(layers.names("messages")) if "messages" in KINDS else (),
            "initial": states, "start": fields, "end": fields, "input": (*(inputs if isinstance(inputs, dict) else ()), *fields)}


def missing_of(layers: Layers, folder: str, name: str, section: tuple[str, ...], said: str, language: str) -> list[dict[str, str]]:
    """Fields of the object that the form or list does not have yet, and rows that lead to it, under the words `said`."""
    about, items = object_at(layers, folder, name, section), layers.elements(folder, name, section)
    there = {str(item.get("field") or item.get("path") or element) for element, item in items.items()}
    leading = rows_of(layers, about)
    link = {link for held, link in rows_of(layers, str(layers.merged(folder, name).get("object"))).values() if held == about and len(section) > 1}
    found = [{"value": field, "label": label_of(value, language) or field} for field, value in layers.elements("objects", about, ("fields",)).items()
             if field not in there | link and not value.get("retired") and not value.get("hidden")]
    if folder != "forms" or len(section) > 1:
        return found
    taken = {str(item.get("rows")) for item in items.values()}
    return found + [{"value": f"rows:{rows}", "label": said % {"name": layers.label("objects", held, language)}}
                    for rows, (held, _) in leading.items() if rows not in taken]
