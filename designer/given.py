"""What people type for a field's value, as an expression and back: an option by its label, a day, a text; anything else is an
expression already. And times that count from a date: `due + days(2)`."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping
from typing import Any

from designer.layers import Layers, label_of
from engine.expressions.errors import ExpressionError
from engine.expressions.syntax import nodes
from engine.expressions.syntax.parse import parse

__all__ = ["UNITS", "Moment", "moment_of", "options_of", "shown", "typed"]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY_SAID = re.compile(r"""date\(["'](\d{4}-\d{2}-\d{2})["']\)""")
_NAME = re.compile(r"(?<![\w.'\"])([a-z_][a-z0-9_]*)(?!\w|\()")
_TODAY = re.compile(r"today(\s*[+-]\s*days\(\d+\))?")
"""For a field that holds an instant: that day, at the time of the step."""
_YES = {"yes": "true", "no": "false", "是": "true", "否": "false", "true": "true", "false": "false"}
UNITS = ("days", "workdays", "months", "hours")
_MOMENT = re.compile(rf"([a-z_][a-z0-9_]*)(?:\s*([+-])\s*({'|'.join(UNITS)})\((\d{{1,6}})\))?")


@dataclasses.dataclass(frozen=True, slots=True)
class Moment:
    """`number` units after `base`, before it when negative."""

    base: str
    number: int = 0
    unit: str = "days"

    @property
    def text(self) -> str:
        return f"{self.base} {'-' if self.number < 0 else '+'} {self.unit}({abs(self.number)})" if self.number else self.base


def moment_of(text: str) -> Moment | None:
    """None for what is more than a base and a span."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    base, sign, unit, number = found.groups()
    return Moment(base, -int(number) if sign == "-" else int(number or 0), unit or "days")


def options_of(layers: Layers, field: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a field of choices by name."""
    if isinstance(field.get("of"), str):
        return dict(layers.elements("choices", field["of"].rpartition(":")[2], ("options",)))
    return dict(field.get("options") or {}) if isinstance(field.get("options"), dict) else {}


def typed(text: str, field: Mapping[str, Any], options: Mapping[str, Any], known: Collection[str]) -> str:
    """The expression that a person's text means as the value of a field; `known` are the names that expressions here may use."""
    text, kind = text.strip(), field.get("type")
    for name, option in options.items():
        labels = option.get("label") if isinstance(option, dict) else None
        if text == name or text in (labels.values() if isinstance(labels, dict) else (labels,)):
            return _quoted(name)
    if kind == "boolean" and text.lower() in _YES:
        return _YES[text.lower()]
    if kind == "date" and _DAY.fullmatch(text):
        return f'date("{text}")'
    if kind == "datetime" and _TODAY.fullmatch(text):
        return f"now{text.removeprefix('today')}"
    if kind in ("text", "long_text", "phone", "email") and not _is_expression(text, known):
        return _quoted(text)
    return text


def _is_expression(text: str, known: Collection[str]) -> bool:
    try:
        parse(text)
    except ExpressionError:
        return False
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "''", text)
    return not re.fullmatch(r"[\d.,\s+-]+", text) and all(name in known for name in _NAME.findall(bare))


def shown(expression: object, field: Mapping[str, Any], options: Mapping[str, Any], known: Collection[str], language: str) -> str:
    """What stands in the input for an expression, such that `typed` gives the same back."""
    text = str(expression).lower() if isinstance(expression, bool) else str(expression)
    literal = _literal(text)
    day = _DAY_SAID.fullmatch(text)
    found = text
    if literal is not None:
        option = options.get(literal)
        found = (label_of(option, language) or literal) if isinstance(option, dict) else literal
    elif day is not None:
        found = day[1]
    return found if typed(found, field, options, known) in (text, _quoted(literal) if literal is not None else text) else text


def _literal(text: str) -> str | None:
    try:
        tree = parse(text)
    except ExpressionError:
        return None
    value = getattr(tree, "value", None) if isinstance(tree, nodes.Constant) else None
    return value if isinstance(value, str) else None


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\r\n", "\\n").replace("\n", "\\n")
    return f"'{escaped}'"
