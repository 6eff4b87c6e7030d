"""What a new element of a definition begins as: its label, and what it must have besides so that the draft goes on compiling."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from designer.edits.refused import EditRefused
from designer.layers import Layers
from designer.schema_form import field_types
from designer.starts.wish import Wish

__all__ = ["SAID", "Part", "first_value", "rows_of"]


SAID = ("note:", "step:")
"""What may be added to a form besides a heading that only says something."""


class Part:
    """An element that somebody adds: of which definition, in which section, under which label, and what was chosen for it."""

    def __init__(self, layers: Layers, folder: str, definition: str, section: tuple[str, ...], label: Mapping[str, str],
                 chosen: Mapping[str, str], element: str) -> None:
        self.layers, self.folder, self.section, self.element = layers, folder, section, element
        self.definition = definition
        self.whole = layers.merged(folder, definition)
        self.label, self.chosen = {"label": dict(label)} if label else {}, chosen
        self.object = definition if folder == "workflows" else str(self.whole.get("object") or self.whole.get("on") or "")
        self.wish = Wish(layers, "", "", {}, self.object)

    def field(self) -> str:
        """A field to begin with: one that is chosen, else the first."""
        return self.chosen.get("field") or next(iter(self.wish.fields(self.definition if self.folder == "objects" else self.object)), "id")

    def elements(self, section: str) -> dict[str, dict[str, Any]]:
        found = self.layers.elements(self.folder, self.definition, (section,))
        return {name: value for name, value in found.items() if not value.get("retired") and not value.get("hidden")}


def _field(part: Part) -> dict[str, Any]:
    kind = part.chosen.get("type", "text")
    if kind not in field_types():
        raise EditRefused("bad_edit", why=f"type '{kind[:40]}'")
    one = {"options": {"first": {"label": {"en": "First", "zh": "第一项"}}}}
    to = part.chosen.get("to") or part.wish.patient() or next(iter(part.wish.objects()), "")
    settings: Mapping[str, dict[str, Any]] = {
        "text": {"max": 200}, "decimal": {"places": 2}, "sequence": {"pattern": "{0000}"}, "choice": one, "choices": one, "link": {"to": to},
    }
    return {"type": kind, **settings.get(kind, {}), **part.label}


def rows_of(layers: Layers, object_name: str) -> dict[str, tuple[str, str]]:
    """The rows that a form of the object can hold: the name that their link gives them → (their object, the link)."""
    found = {}
    for name in layers.names("objects"):
        for link, field in layers.elements("objects", name, ("fields",)).items():
            if field.get("to") == object_name and field.get("inverse") and not field.get("retired") and not field.get("hidden"):
                found[str(field["inverse"])] = (name, link)
    return found


def _item(part: Part) -> dict[str, Any]:
    """A field, a heading, or rows with the fields that are typed into them."""
    field = part.chosen.get("field", "")
    if field.startswith("rows:"):
        rows = field.removeprefix("rows:")
        held, link = rows_of(part.layers, part.object).get(rows, ("", ""))
        if not held:
            raise EditRefused("no_place", at=rows, path=part.object)
        typed = {name: {"width": "half"} for name, value in part.wish.fields(held).items()
                 if name != link and not value.get("formula") and value.get("type") not in ("sequence", "state", "link", "attachment")}
        return {"rows": rows, **({"label": part.layers.merged("objects", held)["plural"]}
                                 if "plural" in part.layers.merged("objects", held) else part.label), "items": typed}
    if field in SAID:
        return {field.rstrip(":"): part.label["label"]}
    if field:
        rows = str(part.elements("items").get(part.section[1], {}).get("rows")) if len(part.section) > 1 else ""
        about = rows_of(part.layers, part.object).get(rows, ("", ""))[0] if rows else part.object
        shown = part.layers.elements("objects", about, ("fields",)).get(field, {})
        given = {"read_only": True} if shown.get("formula") or shown.get("type") == "sequence" else {}
        return {"width": "half", **given, **({"field": field} if field != part.element else {})}
    return {"note": part.label["label"]} if len(part.section) > 1 else {"heading": part.label["label"]}


def _column(part: Part) -> dict[str, Any]:
    field = part.field()
    return {**({"path": field} if field != part.element else {}), **part.label}


def _step(part: Part) -> dict[str, Any]:
    """A week after the one before, and what that one makes."""
    steps = part.elements("steps")
    makes = next((str(step["create"]) for step in steps.values() if step.get("create")), "") or next(iter(part.wish.tasks()), "")
    return {**part.label, "at": f"anchor + days({7 * (len(steps) + 1)})", "window": "days(3)", **({"create": makes} if makes else {})}


def _timer(part: Part) -> dict[str, Any]:
    begins = str(part.whole.get("initial") or "")
    leaving = (name for name, move in part.elements("transitions").items() if begins in (move.get("from"), *_listed(move.get("from"))))
    return {"in": begins, "at": "created_at + days(1)", "fire": next(leaving, next(iter(part.elements("transitions")), "")), **part.label}


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _grant(part: Part) -> dict[str, Any]:
    """Over no record until its rule says which."""
    to = part.chosen.get("object") or part.wish.patient() or next(iter(part.wish.objects()), "")
    return {"object": to, "can": ["read"], "rows": "false", **part.label}


def _counted(part: Part) -> dict[str, Any]:
    """An item of a score: a point where there is an answer."""
    answers = list(part.elements("inputs"))
    return {"if": f"has({part.field() if part.object else answers[0] if answers else 'id'})", "points": 1, **part.label}


def _input(part: Part) -> dict[str, Any]:
    return {"value": f"has({part.field()})", **part.label} if part.object else {"type": "boolean", **part.label}


def _rule(part: Part) -> dict[str, Any]:
    sample = {"boolean": True, "integer": 0, "decimal": "0"}
    gives = {name: sample.get(str(output.get("type")), "–") for name, output in part.elements("outputs").items()}
    return {"then": next(iter(gives.values()), "–") if len(gives) == 1 else gives, **part.label}


def _record(part: Part) -> dict[str, Any]:
    """Found again by its label."""
    said = next(iter(part.label.get("label", {}).values()), part.element)
    texts = [name for name, field in part.wish.fields().items() if field.get("required") and field.get("type") in ("text", "long_text")]
    return dict.fromkeys((*map(str, _listed(part.whole.get("key"))), *texts), said)


_FIRST: Mapping[tuple[str, str], Callable[[Part], dict[str, Any]]] = {
    ("objects", "fields"): _field,
    ("objects", "unique"): lambda part: {"fields": [part.field()], **({"message": part.label["label"]} if part.label else {})},
    ("objects", "indexes"): lambda part: {"fields": [part.field()]},
    ("objects", "checks"): lambda part: {"rule": "true", **({"message": part.label["label"]} if part.label else {})},
    ("forms", "items"): _item,
    ("views", "columns"): _column,
    ("workflows", "states"): lambda part: {**part.label, "category": "open"},
    ("workflows", "transitions"): lambda part: {"from": part.chosen.get("from", ""), "to": part.chosen.get("to", ""), **part.label},
    ("workflows", "timers"): _timer,
    ("plans", "steps"): _step,
    ("roles", "grants"): _grant,
    ("roles", "denials"): _grant,
    ("pages", "panels"): lambda part: {"kind": "facts" if part.object else "recent", **part.label},
    ("scores", "items"): _counted,
    ("scores", "inputs"): _input,
    ("scores", "bands"): lambda part: {"range": part.chosen.get("range") or "1000", **part.label},
    ("decisions", "inputs"): _input,
    ("decisions", "outputs"): lambda part: {"type": "text", **part.label},
    ("decisions", "rules"): _rule,
    ("data", "records"): _record,
}


def first_value(part: Part) -> dict[str, Any]:
    """What the element begins as."""
    begins = _FIRST.get((part.folder, part.section[-1]))
    return begins(part) if begins else part.label
