"""Boards and calendars: what their files say beside what every view says, and those made for objects without a default one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.fields.base import FieldType, StorageKind
from engine.fields.choice import Choice
from engine.model import BoardView, CalendarView, Field, ListView, Object, SortKey
from engine.problems import Code, suggest
from engine.text.compile.context import Context
from engine.text.link import Definition
from engine.text.nodes import ScalarNode

__all__ = ["MAKERS", "Common", "generated_board", "generated_calendar"]

Common = Mapping[str, Any]
"""What every kind of view has, by the names of ListView."""

LIMIT = 20
_DAYS = frozenset({StorageKind.DATE, StorageKind.INSTANT})


def _list(context: Context, definition: Definition, common: Common) -> ListView:
    if not common["columns"] and not _emptied(definition):
        context.problems.add(Code.VIEW_003.at(definition.place, name=definition.name))
    return ListView(**common)


def _emptied(definition: Definition) -> bool:
    """Whether columns are written, and only what later layers did took them away."""
    node = definition.node.map("columns")
    return node is not None and bool(node.entries)


def _board(context: Context, definition: Definition, common: Common) -> BoardView | None:
    """None where the object has no workflow, which is reported."""
    states = context.states.get(common["object"])
    if states is None or not context.drafts[common["object"]].state_field:
        context.problems.add(Code.VIEW_006.at(definition.node.place_of("object"), object=common["object"]))
        return None
    known = {name: option for name, option in states.options.items() if not option.retired}
    wanted = []
    for node in definition.node.scalars("states"):
        if str(node.value) in known:
            wanted.append(str(node.value))
        elif str(node.value) not in states.options:
            context.problems.add(Code.FLOW_001.at(
                node.place, name=str(node.value), object=common["object"], suggestion=suggest(str(node.value), known), known=", ".join(known)))
    limit = definition.node.value("limit")
    return BoardView(**common, states=tuple(wanted) or tuple(known), limit=limit if isinstance(limit, int) else LIMIT)


def _calendar(context: Context, definition: Definition, common: Common) -> CalendarView | None:
    """None where nothing says when, which is reported."""
    node = definition.node.get("start")
    start = _field(context, definition, common["object"], "start", _is_day, "a date or an instant")
    if not isinstance(node, ScalarNode):
        context.problems.add(Code.VIEW_007.at(definition.place, name=definition.name))
    if not start:
        return None
    kind = context.drafts[common["object"]].types[start].name
    end = _field(context, definition, common["object"], "end", lambda found: found.name == kind, f"of type {kind} like 'start'")
    minutes = _field(context, definition, common["object"], "minutes", lambda found: found.name == "integer", "an integer")
    color_by = _field(context, definition, common["object"], "color_by", lambda found: isinstance(found, Choice), "a choice or the state")
    sort = common["sort"] or (SortKey((start,)),)
    return CalendarView(**{**common, "sort": sort}, start=start, end=end, minutes=minutes, color_by=color_by)


def _is_day(kind: FieldType) -> bool:
    return kind.columns[0].storage.kind in _DAYS


def _field(
    context: Context, definition: Definition, object_name: str, key: str, fits: Callable[[FieldType], bool], wanted: str,
) -> str:
    """The field that a key names; '' for none, and for one that does not fit, which is reported."""
    node = definition.node.get(key)
    if not isinstance(node, ScalarNode):
        return ""
    for name, kind in context.fields(object_name, [node]).items():
        if fits(kind):
            return name
        context.problems.add(Code.VIEW_008.at(node.place, key=key, field=name, type=kind.name, wanted=wanted))
    return ""


MAKERS: Mapping[str, tuple[tuple[str, ...], Callable[[Context, Definition, Common], ListView | None]]] = {
    "list": (("columns",), _list),
    "board": (("card", "states", "limit"), _board),
    "calendar": (("card", "start", "end", "minutes", "color_by"), _calendar),
}
"""By `kind`: the keys of its own, and what makes it."""


def generated_board(found: Object, common: Common, states: Iterable[str]) -> BoardView | None:
    """The board of an object that has no default one; None without a workflow."""
    if not found.workflow:
        return None
    order = when(found)
    return BoardView(**common, states=tuple(states), sort=(SortKey((order.name,)),) if order else ())


def generated_calendar(found: Object, common: Common) -> CalendarView | None:
    """The calendar of an object that has no default one; None where nothing says when."""
    start = when(found)
    if start is None:
        return None
    minutes = next((f.name for f in found.fields.values() if f.type.name == "integer" and getattr(f.type, "unit", "") == "min"), "")
    return CalendarView(**common, start=start.name, minutes=minutes, color_by=found.workflow, sort=(SortKey((start.name,)),))


def when(found: Object) -> Field | None:
    """When a record is due: what the object's task says, else the first required date or instant of one with a workflow."""
    if found.task is not None and found.task.due in found.fields:
        return found.fields[found.task.due]
    if not found.workflow:
        return None
    return next((f for f in found.fields.values() if f.stored and f.required and _is_day(f.type)), None)
