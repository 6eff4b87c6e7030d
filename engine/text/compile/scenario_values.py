"""Values and moments of scenarios: fields with literals and names of records, days, instants and spans."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping

from engine.expressions import values
from engine.fields.base import Invalid
from engine.model import Field, Object
from engine.model.scenario import Named, Span, Value
from engine.problems import Code
from engine.text.compile.context import Context
from engine.text.nodes import MapNode, ScalarNode, plain

__all__ = ["DAY_BEGINS", "moment", "span", "values_of"]

DAY_BEGINS = datetime.time(9)
"""When something happens on a day without a time."""
_SPAN = re.compile(r"\+(\d{1,4})(mo|min|[wdh])")


def moment(text: str) -> datetime.datetime | None:
    """The moment of `2026-11-02` or `2026-11-02T14:30`, by the clinics' clocks; None for another text."""
    day, _, time = text.partition("T")
    date, clock = values.parse_date(day), values.parse_time(time) if time else DAY_BEGINS
    return datetime.datetime.combine(date, clock) if date is not None and clock is not None else None


def span(text: str) -> Span | None:
    """The span of `+7d`, `+12h`, `+2w`, `+1mo`, `+30min`, several in a row too; None for another text."""
    parts = _SPAN.findall(text)
    if not parts or "".join(f"+{count}{unit}" for count, unit in parts) != text:
        return None
    total = {"mo": 0, "w": 0, "d": 0, "h": 0, "min": 0}
    for count, unit in parts:
        total[unit] += int(count)
    return Span(total["mo"], total["d"] + 7 * total["w"], total["min"] + 60 * total["h"])


def values_of(
    context: Context, made: Object, node: MapNode | None, record: Callable[[ScalarNode, str], str | None], *, written: bool,
) -> dict[str, Value]:
    """The values of an object's fields. `record` resolves the name of a record that a link leads to; with `written` they are to be set."""
    found = {}
    for name, entry in node.entries.items() if node is not None else ():
        if context.field(made.name, entry.key) is None:
            continue
        field = made.fields[name]
        why = _not_settable(field) if written else ""
        if why:
            context.problems.add(Code.DATA_005.at(entry.place, field=name, why=why))
            continue
        if field.type.link_to:
            target = entry.node.get("record") if isinstance(entry.node, MapNode) else entry.node
            known = record(target, field.type.link_to) if isinstance(target, ScalarNode) and target.value is not None else None
            found[name] = Value(Named(known) if known else None, entry.node.place)
            continue
        try:
            value = field.type.parse(plain(entry.node))
            found[name] = Value(None if value is None else field.type.dump(value), entry.node.place)
        except Invalid as error:
            context.problems.add(Code.DATA_003.at(entry.node.place, field=name, code=error.code))
    return found


def missing(made: Object, given: Mapping[str, Value]) -> list[str]:
    """Required fields without a value."""
    return [field.name for field in made.fields.values()
            if field.required and field.stored and not field.filled and field.type.writable and field.name not in given]


def _not_settable(field: Field) -> str:
    if field.formula is not None:
        return "it is computed"
    if field.type.name == "attachment":
        return "it holds a file"
    return "" if field.type.writable else f"the runtime sets fields of type {field.type.name}"
