"""Cells of tables: what a rule asks and gives, and the points of each answer of a score, with an input for each."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from designer.edits.refused import EditRefused
from designer.layers import Layers, label_of
from designer.schema_form import Input

__all__ = ["cell_inputs", "posted_cells"]

_UNASKED = frozenset({"attachment", "sequence", "long_text"})
_HELPS: Mapping[str, tuple[str, str]] = {
    "when": ("For each answer a value or a range: 7, > 7, 18..65, != null; empty: anything",
             "每个回答填写取值或范围：7、> 7、18..65、!= null；留空表示任意"),
    "then": ("What the rule gives", "此规则的结果"),
    "points": ("Whole numbers; every answer needs one, 0 where it does not count", "整数；每个回答都要填写，不计分填 0"),
}
Named = Mapping[str, Mapping[str, Any]]


@dataclasses.dataclass(frozen=True, slots=True)
class _Table:
    layers: Layers
    name: str
    whole: Mapping[str, Any]
    element: str
    value: Mapping[str, Any]
    language: str

    def section(self, name: str) -> Named:
        found = self.whole.get(name)
        return {key: part for key, part in found.items() if isinstance(part, dict)} if isinstance(found, dict) else {}

    def fields(self) -> Named:
        """The fields that a table over an object can read: all but long texts, and what it computes itself."""
        found = self.layers.elements("objects", str(self.whole.get("on") or ""), ("fields",))
        return {name: field for name, field in found.items()
                if field.get("type") not in _UNASKED and not field.get("retired") and f"{self.name}(" not in str(field.get("formula"))}

    def asked(self) -> Named:
        return {**self.section("inputs"), **{name: field for name, field in self.fields().items() if name not in self.section("inputs")}}

    def input(self, key: str, named: Named, held: Any) -> Input | None:
        """An input for each name; None where something stands there that a line of text cannot say."""
        if not isinstance(held, dict) or not all(_plain(value) for value in held.values()) or not named:
            return None
        labels = {name: label_of(part, self.language) or name for name, part in named.items()}
        names = (*(name for name in named if name in held), *(name for name in named if name not in held), *(n for n in held if n not in named))
        return Input(key, "cells", dict(held), _HELPS[key][self.language.startswith("zh")], options=names, labels=labels)


def _plain(value: object) -> bool:
    return isinstance(value, str | int | Decimal | bool)


def cell_inputs(layers: Layers, folder: str, name: str, section: tuple[str, ...], element: str, language: str) -> list[Input]:
    """The keys of an element that are cells, instead of those that a form can only name."""
    value = layers.elements(folder, name, section).get(element, {})
    table = _Table(layers, name, layers.merged(folder, name), element, value, language)
    if (folder, section) == ("decisions", ("rules",)):
        return [one for one in (table.input("when", table.asked(), value.get("when") or {}), _gives(table)) if one]
    if (folder, section) == ("scores", ("items",)) and not value.get("if"):
        points = value.get("points")
        found = table.input("points", _answers(table), points if isinstance(points, dict) else {})
        return [found] if found else []
    return []


def _gives(table: _Table) -> Input | None:
    """What a rule gives: one value, or one for each output."""
    outputs, then = table.section("outputs"), table.value.get("then")
    held = then if isinstance(then, dict) else {next(iter(outputs), ""): then} if then is not None else {}
    if isinstance(then, dict) and len(outputs) == 1:
        return None
    return table.input("then", outputs, held)


def _answers(table: _Table) -> Named:
    """The answers that an item of a score can have."""
    asked = table.asked().get(str(table.value.get("input") or table.element), {})
    if asked.get("type") == "boolean":
        words = {"true": ("Yes", "是"), "false": ("No", "否")}
        return {name: {"label": said[table.language.startswith("zh")]} for name, said in words.items()}
    options = asked.get("options") or table.layers.merged("choices", str(asked.get("of") or "")).get("options")
    return {name: option if isinstance(option, dict) else {} for name, option in options.items()} if isinstance(options, dict) else {}


def posted_cells(layers: Layers, folder: str, name: str, section: tuple[str, ...], element: str, form: Mapping[str, str]) -> dict[str, Any]:
    """What a form changed in cells: key → value. An empty cell is none. Raises EditRefused for points that are no number."""
    outputs = layers.elements(folder, name, ("outputs",)) if folder == "decisions" else {}
    changes: dict[str, Any] = {}
    for one in cell_inputs(layers, folder, name, section, element, "en"):
        if not any(f"{one.key}.{cell}" in form for cell in one.options):
            continue
        found = {}
        for cell in one.options:
            text = form.get(f"{one.key}.{cell}", "").strip()
            old = one.value.get(cell)
            if text:
                found[cell] = old if old is not None and _text(old) == text else _read(one.key, str(outputs.get(cell, {}).get("type")), text)
        if found != one.value:
            single = one.key == "then" and len(outputs) == 1
            changes[one.key] = next(iter(found.values()), None) if single else found or None
    return changes


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(key: str, kind: str, text: str) -> Any:
    """Points are whole numbers; what a rule gives is of its output's type; cells are read by the table."""
    if key == "then" and kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if key == "points" or key == "then" and kind in ("integer", "decimal"):
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise EditRefused("bad_edit", why=f"{text[:40]}") from None
        if not number.is_finite():
            raise EditRefused("bad_edit", why=text[:40])
        return int(number) if number == number.to_integral_value() else number
    return text
