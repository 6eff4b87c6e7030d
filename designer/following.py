"""What follows a transition by itself, for people: what can be chosen, what each effect says in a sentence, and its values as inputs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from designer.drawing import live
from designer.edits.refused import EditRefused
from designer.given import options_of, shown, typed
from designer.layers import Layers, label_of
from designer.words import words

__all__ = ["DOES", "Wanted", "effect_of", "effect_said", "offers", "paths_to", "value_rows", "wanted_of"]

ROOTS = frozenset({"user", "today", "now", "subject", "true", "false", "null", "id"})
_FILLED = frozenset({"sequence", "state", "attachment"})


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """The kind of an effect: what is done (`do`), to the record at the end of which links (`on`), and with what (`what`: an object
    that is created, a plan, a message, a transition)."""

    do: str
    on: str = ""
    what: str = ""

    @property
    def key(self) -> str:
        return f"{self.do}/{self.on}/{self.what}"


DOES = ("notify", "enrol", "set", "create", "transition", "assign")
_WHAT = {"create": "object", "transition": "name", "enrol": "plan", "notify": "message"}


def wanted_of(value: Mapping[str, Any]) -> Wanted:
    """The kind of an effect that is there."""
    do = str(value.get("do") or "")
    return Wanted(do, str(value.get("on") or ""), str(value.get(_WHAT.get(do, "")) or ""))


def _fields(layers: Layers, object_name: str) -> dict[str, dict[str, Any]]:
    return {name: field for name, field in layers.elements("objects", object_name, ("fields",)).items()
            if not field.get("retired") and not field.get("hidden")}


def _bare(name: object) -> str:
    return str(name or "").rpartition(":")[2]


def target_of(layers: Layers, object_name: str, on: str) -> str:
    """The object at the end of links, '' where they lead nowhere."""
    if on == "subject":
        on = str(layers.merged("objects", object_name).get("subject") or "")
    for link in on.split(".") if on and on != "self" else ():
        field = _fields(layers, object_name).get(link, {})
        object_name = _bare(field.get("to")) if field.get("type") == "link" else ""
    return object_name


def _links(layers: Layers, object_name: str, language: str) -> list[tuple[str, str, str]]:
    """The links of an object: path, label, object that it leads to."""
    return [(name, label_of(field, language) or name, _bare(field.get("to")))
            for name, field in _fields(layers, object_name).items() if field.get("type") == "link"]


def _places(layers: Layers, object_name: str, language: str) -> list[tuple[str, str, str]]:
    """The records that an effect can be done to: the record itself and those that it links to."""
    _ = words(language)
    return [("", _("this record"), object_name), *_links(layers, object_name, language)]


def paths_to(layers: Layers, object_name: str, language: str, *, contact: bool) -> list[tuple[str, str]]:
    """Paths of one link or two to people: those who sign in, with `contact` also those who can be written to."""
    found = []
    for path, label, there in _links(layers, object_name, language):
        further = [(f"{path}.{name}", f"{label} → {inner}", end) for name, inner, end in _links(layers, there, language)]
        found += [(name, said) for name, said, end in ((path, label, there), *further) if _person(layers, end, contact)]
    return found


def _person(layers: Layers, object_name: str, contact: bool) -> bool:
    whole = layers.merged("objects", object_name)
    return bool(whole.get("account")) or contact and isinstance(whole.get("contact"), dict)


def offers(layers: Layers, flow: str, language: str, *, leave: str = "") -> list[tuple[str, list[tuple[str, str]]]]:
    """What may follow a transition (`leave`): groups of kinds with their labels."""
    _ = words(language)
    places = [place for place in _places(layers, flow, language) if place[2]]
    tasks = [place for place in places if layers.merged("objects", place[2]).get("task")]
    groups = [
        (_("Tell somebody"), _named(layers, "messages", (("", "", flow),), "notify", language)),
        (_("Begin a follow-up plan"), _named(layers, "plans", places, "enrol", language)),
        (_("Change fields"), [(Wanted("set", path).key, label) for path, label, _object in places]),
        (_("Make a record"), [(Wanted("create", "", name).key, layers.label("objects", name, language)) for name in layers.names("objects")
                              if not layers.merged("objects", name).get("retired")]),
        (_("Do another step"), [
            (Wanted("transition", path, name).key, f"{label_of(value, language) or name} · {label}")
            for path, label, there in places for name, value in live(layers, there, ("transitions",)).items()
            if (path or name != leave) and value.get("reason") != "required"]),
        (_("Give a task to somebody"), [(Wanted("assign", path).key, label) for path, label, _object in tasks]),
    ]
    return [(group, listed) for group, listed in groups if listed]


def _named(layers: Layers, folder: str, places: Iterable[tuple[str, str, str]], do: str, language: str) -> list[tuple[str, str]]:
    """Messages about the record, plans of the records that it links to."""
    found = []
    for path, label, there in places:
        for name in layers.names(folder):
            whole = layers.merged(folder, name)
            if _begins(whole) == there and not whole.get("retired"):
                said = layers.label(folder, name, language)
                found.append((Wanted(do, path, name).key, f"{said} · {label}" if path else said))
    return found


def _begins(whole: Mapping[str, Any]) -> str:
    """The object that a message is about, or whose records begin a plan."""
    return _bare(whole.get("object") or str(whole.get("anchor") or "").partition(".")[0])


def effect_said(layers: Layers, flow: str, value: Mapping[str, Any], language: str) -> str:
    """An effect in a sentence, without its condition."""
    _, wanted = words(language), wanted_of(value)
    there = target_of(layers, flow, wanted.on)
    on = next((label for path, label, _object in _places(layers, flow, language) if path == wanted.on), wanted.on)
    to = dict(paths_to(layers, flow, language, contact=True)).get(str(value.get("to")), str(value.get("to") or ""))
    if wanted.do == "set":
        fields = _fields(layers, there)
        named = ", ".join(label_of(fields.get(name, {}), language) or name for name in value.get("values") or ())
        return _("Change %(fields)s of %(record)s") % {"fields": named, "record": on}
    if wanted.do == "create":
        return _("Make a record: %(object)s") % {"object": layers.label("objects", _bare(wanted.what), language)}
    if wanted.do == "transition":
        step = label_of(live(layers, there, ("transitions",)).get(wanted.what, {}), language) or wanted.what
        return _("Do “%(step)s” with %(record)s") % {"step": step, "record": on}
    if wanted.do == "enrol":
        return _("Begin the plan “%(plan)s” for %(record)s") % {"plan": layers.label("plans", _bare(wanted.what), language), "record": on}
    if wanted.do == "assign":
        return _("Give the task to %(person)s") % {"person": _("whoever did the step") if value.get("to") == "user" else to}
    if wanted.do == "notify":
        return _("Tell %(person)s: “%(message)s”") % {"person": to, "message": layers.label("messages", _bare(wanted.what), language)}
    return wanted.do


# Values


def value_rows(layers: Layers, flow: str, wanted: Wanted, values: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """The inputs for fields that are given values: those that have one, those that a new record must have, and one to choose."""
    if wanted.do not in ("set", "create"):
        return []
    there = _bare(wanted.what) if wanted.do == "create" else target_of(layers, flow, wanted.on)
    known = known_names(layers, flow)
    fields = {name: field for name, field in _fields(layers, there).items() if field.get("type") not in _FILLED and not field.get("formula")}
    names = list(values)
    if wanted.do == "create" and not names:
        subject = str(layers.merged("objects", there).get("subject") or "")
        names = [name for name, field in fields.items() if field.get("required") and name != subject and _bare(field.get("to")) != flow]
    return [{
        "field": name, "fields": [(other, label_of(field, language) or other) for other, field in fields.items()],
        "text": shown(values[name], fields.get(name, {}), options_of(layers, fields.get(name, {})), known, language) if name in values else "",
    } for name in [*names, ""]]


def known_names(layers: Layers, flow: str) -> frozenset[str]:
    """The names that a value may use: those of the record of the transition."""
    state = layers.merged("workflows", flow).get("field")
    return frozenset({*_fields(layers, flow), *ROOTS, *([str(state)] if state else [])})


def effect_of(layers: Layers, flow: str, wanted: Wanted, sent: Mapping[str, str], rows: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """What a posted form says: all keys of an effect, None for those that it lacks. Raises EditRefused."""
    if wanted.do not in DOES or wanted.do in _WHAT and not wanted.what:
        raise EditRefused("bad_edit", why=wanted.key[:60])
    found: dict[str, Any] = {"if": sent.get("if", "").strip() or None, "do": wanted.do, "on": wanted.on or None}
    key = _WHAT.get(wanted.do)
    if key:
        found[key] = wanted.what
    if wanted.do in ("notify", "assign"):
        if not sent.get("to", "").strip():
            raise EditRefused("to_whom")
        found["to"] = sent["to"].strip()
    if wanted.do in ("set", "create"):
        there = _bare(wanted.what) if wanted.do == "create" else target_of(layers, flow, wanted.on)
        fields, known = _fields(layers, there), known_names(layers, flow)
        values = {name: typed(text, fields.get(name, {}), options_of(layers, fields.get(name, {})), known) for name, text in rows
                  if name and text.strip()}
        if wanted.do == "set" and not values:
            raise EditRefused("no_values")
        found["values"] = values or None
    return found
