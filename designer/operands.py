"""What a condition at a place of a definition may be about: fields with their labels, types and options, in groups as people see them.

Works on texts that do not check, like `layers.py`. It offers what people compare; an expression may name more, and the compiler judges it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from designer.layers import Layers, label_of
from designer.words import words

__all__ = ["About", "Operand", "about_object", "operands"]

_KINDS: Mapping[str, str] = {
    "text": "text", "long_text": "text", "phone": "text", "email": "text", "id_number": "text", "sequence": "text", "integer": "whole",
    "decimal": "number", "date": "date", "datetime": "instant", "time": "text", "boolean": "flag", "choice": "choice", "choices": "choices",
    "state": "choice", "link": "link",
}
_MOST = 400
"""At most so many are offered: behind links of a wide object there are thousands."""


@dataclasses.dataclass(frozen=True, slots=True)
class About:
    """The place of a condition: a definition, and in it perhaps an element of a section."""

    folder: str
    name: str
    section: tuple[str, ...] = ()
    element: str = ""
    key: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Operand:
    """A path that can be compared. `kind`: text, whole, number, date, instant, flag, choice, choices, link or list; `to` is the object of
    a link or of a list's members."""

    path: str
    label: str
    group: str
    kind: str
    options: tuple[tuple[str, str], ...] = ()
    to: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"path": self.path, "label": self.label, "group": self.group, "kind": self.kind, "options": list(self.options), "to": self.to}


def about_object(layers: Layers, about: About) -> str:
    """The object whose record is judged there, '' where none is."""
    if about.folder == "objects":
        return about.name
    value = layers.merged(about.folder, about.name)
    if about.folder == "workflows":
        return about.name
    if about.folder == "plans":
        return str(value.get("anchor") or "").partition(".")[0]
    if about.folder == "roles":
        return str(layers.elements("roles", about.name, about.section).get(about.element, {}).get("object") or "")
    return str(value.get("on") or value.get("object") or "")


def operands(layers: Layers, about: About, language: str) -> list[Operand]:
    """In the order in which they are offered."""
    return list(_some(_all(layers, about, language)))


def _some(found: Iterator[Operand]) -> Iterator[Operand]:
    seen: set[str] = set()
    for one in found:
        if len(seen) >= _MOST:
            return
        if one.path not in seen:
            seen.add(one.path)
            yield one


def _all(layers: Layers, about: About, language: str) -> Iterator[Operand]:
    _ = words(language)
    name = about_object(layers, about)
    if about.folder in ("scores", "decisions"):
        inputs = layers.elements(about.folder, about.name, ("inputs",))
        for one, value in inputs.items():
            if value.get("type"):
                yield _operand(layers, one, value, _("Inputs"), "", language)
    own = layers.label("objects", name, language)
    yield from _fields(layers, name, "", own, language)
    if about.folder == "plans":
        yield from _of_plan(layers, about, language)
    for link, value in _live(layers, name).items():
        if value.get("type") == "link":
            yield from _fields(layers, str(value.get("to") or ""), f"{link}.", f"{own} · {label_of(value, language) or link}", language)
    if about.folder == "roles":
        yield from _of_user(layers, language)


def _live(layers: Layers, object_name: str) -> dict[str, dict[str, Any]]:
    found = layers.elements("objects", object_name, ("fields",))
    return {name: value for name, value in found.items() if not value.get("retired") and not value.get("hidden")}


def _fields(layers: Layers, object_name: str, before: str, group: str, language: str) -> Iterator[Operand]:
    for name, value in _live(layers, object_name).items():
        if str(value.get("type")) in _KINDS:
            yield _operand(layers, before + name, value, group, object_name, language)
    flow = layers.merged("workflows", object_name)
    if flow.get("field"):
        states = layers.elements("workflows", object_name, ("states",))
        yield Operand(f"{before}{flow['field']}", label_of(flow, language) or str(flow["field"]), group, "choice", _named(states, language))


def _operand(layers: Layers, path: str, value: Mapping[str, Any], group: str, object_name: str, language: str) -> Operand:
    options: tuple[tuple[str, str], ...] = ()
    if value.get("type") in ("choice", "choices"):
        inner = value.get("options")
        shared = layers.elements("choices", str(value.get("of")), ("options",)) if value.get("of") else {}
        options = _named(shared or {n: v if isinstance(v, dict) else {} for n, v in (inner or {}).items()}, language)
        bands = layers.elements("scores", str(value.get("of")), ("bands",)) if value.get("of") and not options else {}
        options = options or _named(bands, language)
    return Operand(path, label_of(value, language) or path, group, _KINDS.get(str(value.get("type")), "text"), options, str(value.get("to") or ""))


def _named(elements: Mapping[str, Mapping[str, Any]], language: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, label_of(value, language) or name) for name, value in elements.items()
                 if not value.get("retired") and not value.get("hidden"))


def _of_plan(layers: Layers, about: About, language: str) -> Iterator[Operand]:
    """The patient's fields, and the answers of the steps that stand before."""
    _ = words(language)
    plan = layers.merged("plans", about.name)
    subject = str(plan.get("subject") or "patient")
    yield from _fields(layers, subject, "subject.", layers.label("objects", subject, language), language)
    if about.section[:1] != ("steps",):
        return
    for name, step in layers.elements("plans", about.name, ("steps",)).items():
        if name == about.element:
            return
        if step.get("create") and not step.get("hidden") and not step.get("retired"):
            group = _("Answers of “%(step)s”") % {"step": label_of(step, language) or name}
            yield from _fields(layers, str(step["create"]), f"answers.{name}.", group, language)


def _of_user(layers: Layers, language: str) -> Iterator[Operand]:
    """Lists in which a link is looked for: `patient.team in user.teams`."""
    _ = words(language)
    group = _("Whoever looks")
    account = next((n for n in layers.names("objects") if layers.merged("objects", n).get("account")), "")
    clinic = next((n for n in layers.names("objects") if layers.merged("objects", n).get("clinic")), "")
    roster: Any = next((found for n in layers.names("objects") if (found := layers.merged("objects", n).get("roster"))), {})
    holder = next((n for n in layers.names("objects") if layers.merged("objects", n).get("roster")), "")
    team = str(layers.elements("objects", holder, ("fields",)).get(str(roster.get("team")), {}).get("to") or "") if roster else ""
    for path, label, kind, to in (
            ("user.id", _("the person herself"), "user", account), ("user.teams", _("her teams"), "list", team),
            ("user.clinics", _("her clinics"), "list", clinic)):
        if to:
            yield Operand(path, label, group, kind, (), to)
