"""A condition in words: `pain >= 4` as “Pain is at least 4”. What rows cannot say stays an expression."""

from __future__ import annotations

from typing import Any

from designer.conditions import Group, Literal, Row, Said, rows_of
from designer.layers import Layers
from designer.operands import About, Operand, operands
from designer.words import words

__all__ = ["condition_said"]


def condition_said(layers: Layers, about: About, text: object, language: str) -> str:
    """In a person's language; '' for no condition."""
    said = str(text).lower() if isinstance(text, bool) else str(text or "")
    group = rows_of(said)
    if not said.strip() or group is None:
        return said
    return _Words(layers, about, language).group(group)


class _Words:
    def __init__(self, layers: Layers, about: About, language: str) -> None:
        self._known = {one.path: one for one in operands(layers, about, language)}
        self._say = words(language)

    def group(self, group: Group) -> str:
        _ = self._say
        parts = [f"({self.group(item)})" if isinstance(item, Group) else self._row(item) for item in group.items]
        return (_(" and ") if group.every else _(" or ")).join(parts)

    def _row(self, row: Row) -> str:
        one = self._known.get(row.field)
        label = one.label if one is not None else row.field
        operator = self._operator(row.operator, one)
        value = self._value(row.value, one)
        return f"{label} {operator} {value}".rstrip()

    def _operator(self, operator: str, one: Operand | None) -> str:
        _ = self._say
        dates = {"less": _("is before"), "at_most": _("is on or before"), "more": _("is after"), "at_least": _("is on or after")}
        said = {
            "is": _("is"), "is_not": _("is not"), "less": _("is less than"), "at_most": _("is at most"), "more": _("is more than"),
            "at_least": _("is at least"), "filled": _("is filled in"), "empty": _("is empty"), "one_of": _("is one of"),
            "none_of": _("is none of"), "contains": _("includes"), "contains_not": _("does not include"), "within": _("is one of"),
            "true": _("is yes"), "false": _("is no"),
        }
        return dates.get(operator, said[operator]) if one is not None and one.kind in ("date", "instant") else said[operator]

    def _value(self, value: Any, one: Operand | None) -> str:
        if isinstance(value, tuple):
            return ", ".join(self._value(item, one) for item in value)
        if isinstance(value, Said):
            other = self._known.get(value.text)
            return other.label if other is not None else value.text
        if isinstance(value, Literal):
            options = dict(one.options) if one is not None else {}
            _ = self._say
            return (_("Yes") if value.value else _("No")) if isinstance(value.value, bool) else options.get(str(value.value), str(value.value))
        return ""
