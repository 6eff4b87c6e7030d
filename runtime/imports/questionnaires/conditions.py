"""`enableWhen` as an expression of the language.

By the specification of `Questionnaire.item.enableWhen.operator`, `=` holds where some answer equals, `!=` where none does (so also without an
answer), the others where some answer compares so; `exists` asks whether there is one.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from runtime.imports.questionnaires.reading import EnableWhen, Item

__all__ = ["Answered", "condition"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=False)
class Answered:
    """Where the answer to a question stands: a field of the object, or of the rows of a group; `many` for a list of options."""

    group: str
    field: str
    many: bool = False
    options: Mapping[str, str] = dataclasses.field(default_factory=dict)
    type: str = "string"


def condition(item: Item, answered: Mapping[str, Answered], group: str, parent: str) -> str:
    """When an item of a level (`group`, "" for the form's own) is enabled; '' for always. `parent` is the link of rows to their record."""
    parts = [_one(each, answered[each.question], group, parent) for each in item.enable_when if each.question in answered]
    joined = (" || " if item.any_of else " && ").join(f"({part})" if len(parts) > 1 else part for part in parts)
    return joined


def _one(each: EnableWhen, answer: Answered, group: str, parent: str) -> str:
    if answer.group and answer.group != group:  # some row of the group answers so
        path = answer.group if not group else f"{parent}.{answer.group}"
        some = f"{path}.exists(r, {_said(dataclasses.replace(each, operator=_positive(each)), answer, f'r.{answer.field}')})"
        return f"!{some}" if _negative(each) else some
    return _said(each, answer, answer.field if answer.group == group else f"{parent}.{answer.field}")


def _negative(each: EnableWhen) -> bool:
    return each.operator == "!=" or (each.operator == "exists" and each.value is False)


def _positive(each: EnableWhen) -> str:
    return "=" if each.operator == "!=" else each.operator


def _said(each: EnableWhen, answer: Answered, path: str) -> str:
    if each.operator == "exists":
        return f"{path} != null" if each.value is not False else f"{path} == null"
    value = _literal(each.value, answer)
    if value is None:  # nothing that this question can be answered with
        return "true" if each.operator == "!=" else "false"
    if answer.many:
        found = f"{value} in {path}" if each.operator in ("=", "!=") else f"{path}.exists(x, x {each.operator} {value})"
        return f"{path} == null || !({found})" if each.operator == "!=" else found
    if each.operator == "!=":
        return f"{path} == null || {path} != {value}"
    return f"{path} {'==' if each.operator == '=' else each.operator} {value}"


def _literal(value: Any, answer: Answered) -> str | None:
    """The answer as the language writes it, None for one that the question does not take."""
    if answer.options:
        name = answer.options.get(str(value))
        return f"'{name}'" if name else None
    reader = _READERS.get(answer.type, _text)
    return reader(value)


def _text(value: Any) -> str | None:
    return json.dumps(str(value), ensure_ascii=False) if isinstance(value, str | int) else None


def _boolean(value: Any) -> str | None:
    return {True: "true", False: "false"}.get(value) if isinstance(value, bool) else None


def _integer(value: Any) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _decimal(value: Any) -> str | None:
    try:
        return format(Decimal(str(value)), "f") if not isinstance(value, bool) else None
    except InvalidOperation:
        return None


def _date(value: Any) -> str | None:
    try:
        return f'date("{datetime.date.fromisoformat(str(value)).isoformat()}")'
    except ValueError:
        return None


def _instant(value: Any) -> str | None:
    try:
        at = datetime.datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return f'timestamp("{at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}")' if at.tzinfo else None


def _time(value: Any) -> str | None:
    return f'time("{str(value)[:5]}")' if isinstance(value, str) else None


_READERS = {
    "boolean": _boolean, "integer": _integer, "decimal": _decimal, "quantity": _decimal, "date": _date, "dateTime": _instant, "time": _time,
}
