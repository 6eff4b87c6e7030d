"""The elements of a definition as rows of a table, the few words that tell them apart, and the names that their keys can take."""

from __future__ import annotations

from typing import Any

from designer.drafts.draft import Draft
from designer.edits.said import section_said
from designer.layers import Layers, label_of
from designer.said_types import TYPES, category_words
from engine.text.kinds import KINDS
from runtime.web.state import RequestState

__all__ = ["element_label", "missing_of", "names_of", "section_of", "type_words"]


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
        field = str(value.get("field") or value.get("path") or element).partition(".")[0]
        held = layers.elements("objects", str(layers.merged(folder, name).get("object")), ("fields",)).get(field, {})
        return label_of(held, language) or element
    return element


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


def names_of(layers: Layers, value: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The names that keys can take."""
    objects = tuple(layers.names("objects"))
    about = str(value.get("object") or "")
    fields = tuple(layers.elements("objects", about, ("fields",))) if about else ()
    forms = tuple(n for n in layers.names("forms") if layers.merged("forms", n).get("object") == about) if about else tuple(layers.names("forms"))
    states = tuple(value.get("states") or ()) if isinstance(value.get("states"), dict) else ()
    return {"to": states or objects, "object": objects, "of": tuple(layers.names("choices")), "on": objects, "create": objects,
            "field": fields, "ask": forms, "form": forms, "message": tuple(layers.names("messages")) if "messages" in KINDS else (),
            "initial": states, "start": fields, "end": fields}


def missing_of(layers: Layers, value: dict[str, Any], language: str) -> list[dict[str, str]]:
    """Fields of the object that the form does not have yet."""
    items = value.get("items") if isinstance(value.get("items"), dict) else {}
    assert isinstance(items, dict)
    there = {str(item.get("field") or name) if isinstance(item, dict) else name for name, item in items.items()}
    fields = layers.elements("objects", str(value.get("object")), ("fields",))
    return [{"value": name, "label": label_of(field, language) or name} for name, field in fields.items()
            if name not in there and not field.get("retired") and not field.get("hidden")]
