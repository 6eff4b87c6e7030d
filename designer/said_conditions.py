"""Conditions in a sentence: "Pain 0-10 is at least 7 and Channel is Phone"; what rows cannot say stands as it is written."""

from __future__ import annotations

from collections.abc import Mapping

from designer.conditions import Group, Literal, Row, Said, rows_of
from designer.layers import Layers
from designer.operands import About, Operand, operands
from designer.words import words

__all__ = ["condition_said", "operator_words"]


def operator_words(language: str, *, dates: bool = False) -> dict[str, str]:
    """What stands between a field and its value, by the operator; `dates` for fields that hold days."""
    _ = words(language)
    found = {
        "is": _("is"), "is_not": _("is not"), "less": _("is less than"), "at_most": _("is at most"), "more": _("is more than"),
        "at_least": _("is at least"), "filled": _("is filled in"), "empty": _("is empty"), "one_of": _("is one of"),
        "none_of": _("is none of"), "contains": _("includes"), "contains_not": _("does not include"), "within": _("is one of"),
        "true": _("is yes"), "false": _("is no"),
    }
    days = {"less": _("is before"), "at_most": _("is on or before"), "more": _("is after"), "at_least": _("is on or after")}
    return found | days if dates else found


def condition_said(layers: Layers, about: About, text: str, language: str) -> str:
    """The condition that stands at a place."""
    group = rows_of(text)
    if group is None or not group.items:
        return text
    return _group(group, {one.path: one for one in operands(layers, about, language)}, language)


def _group(group: Group, known: Mapping[str, Operand], language: str) -> str:
    _ = words(language)
    parts = [f"({_group(item, known, language)})" if isinstance(item, Group) else _row(item, known, language) for item in group.items]
    joint = _("and") if group.every else _("or")
    return f" {joint} ".join(parts)


def _row(row: Row, known: Mapping[str, Operand], language: str) -> str:
    operand = known.get(row.field)
    said = operator_words(language, dates=operand is not None and operand.kind in ("date", "instant")).get(row.operator, row.operator)
    value = _value(row.value, operand, known)
    gap = "" if language.startswith("zh") else " "
    return gap.join(part for part in (operand.label if operand else row.field, said, value) if part)


def _value(value: Literal | Said | tuple[Literal, ...] | None, operand: Operand | None, known: Mapping[str, Operand]) -> str:
    if isinstance(value, tuple):
        return ", ".join(_value(item, operand, known) for item in value)
    if isinstance(value, Said):
        return known[value.text].label if value.text in known else value.text
    return dict(operand.options if operand else ()).get(str(value.value), str(value.value)) if value is not None else ""
