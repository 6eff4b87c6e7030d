"""Views: those of files, and those generated for each object without a default list, board or calendar."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.expressions import Position, refs
from engine.model import Label, ListColumn, ListView, Object, SortKey
from engine.problems import Code
from engine.text.compile.boards import MAKERS, generated_board, generated_calendar
from engine.text.compile.context import Context, label
from engine.text.compile.paths import follow, leads_through_hidden
from engine.text.compile.rules import Rules
from engine.text.elements import Named
from engine.text.link import Definition
from engine.text.nodes import ListNode, ScalarNode

__all__ = ["compile_view", "default_views"]

GENERATED_COLUMNS = 6
CARD_FIELDS = 3
_WIDE = ("long_text", "attachment")
_RUNTIME_COLUMNS = ("created_at", "updated_at")


def compile_view(context: Context, rules: Rules, definition: Definition) -> ListView | None:
    """The view; None when its object is not known, or cannot be shown that way."""
    node = definition.node
    object_name = context.over(node.get("object"))
    if object_name is None or object_name not in context.drafts:
        return None
    kind = node.text("kind", "list")
    keys, make = MAKERS.get(kind, MAKERS["list"])
    for other in sorted({key for others, _make in MAKERS.values() for key in others} - set(keys)):
        if other in node.entries:
            context.problems.add(Code.VIEW_005.at(node.entries[other].place, key=other, kind=kind))
    columns = {}
    for named in context.ids.elements("column", definition.id, node.map(keys[0])):
        column = None if named.gone else _column(context, object_name, named)
        if column is not None:
            columns[named.name] = column
    common: dict[str, Any] = {
        "id": definition.id, "name": definition.name, "label": label(node.get("label"), definition.name), "place": definition.place,
        "former": definition.former, "object": object_name, "columns": columns,
        "filter": rules.rule(object_name, node.get("filter"), Position.FILTER), "sort": _sort(context, object_name, node.get("sort")),
        "filters": _filters(context, object_name, node.scalars("filters")), "default": node.flag("default"),
    }
    return make(context, definition, common)


def _column(context: Context, object_name: str, named: Named) -> ListColumn | None:
    node = named.node.get("path")
    text = named.node.text("path", named.name)
    if leads_through_hidden(context, object_name, text):
        return None
    if not isinstance(node, ScalarNode):
        node = ScalarNode(named.node.source, named.place.line, named.place.column, 0, len(named.name), named.name)
    followed = follow(context, object_name, node, text)
    if followed is None:
        return None
    own = named.node.get("label")
    return ListColumn(
        id=named.id, name=named.name, label=label(own, named.name) if own else _field_label(context, object_name, followed[0]),
        place=named.place, former=named.former, path=followed[0],
    )


def _field_label(context: Context, object_name: str, path: tuple[str, ...]) -> Label:
    """The label of the field at the end, of the link for `doctor.name`: people read 'Doctor' above the name."""
    name = path[-2] if len(path) > 1 and path[-1] == "name" else path[-1]
    steps = path[: path.index(name)]
    for step in steps:
        object_name = context.drafts[object_name].types[step].link_to
    named = next(field for field in context.drafts[object_name].named if field.name == name)
    return label(named.node.get("label"), name)


def _sort(context: Context, object_name: str, node: object) -> tuple[SortKey, ...]:
    items = node.items if isinstance(node, ListNode) else (node,) if isinstance(node, ScalarNode) else ()
    keys = []
    for item in items:
        if not isinstance(item, ScalarNode) or not isinstance(item.value, str):
            continue
        descending = item.value.startswith("-")
        text = item.value[1:] if descending else item.value
        if text in _RUNTIME_COLUMNS:
            keys.append(SortKey((text,), descending))
            continue
        if leads_through_hidden(context, object_name, text):
            continue
        followed = follow(context, object_name, item, text, int(descending))
        if followed is None:
            continue
        if not followed[1].sortable:
            context.problems.add(Code.VIEW_002.at(item.place, path=text, type=followed[1].name))
        keys.append(SortKey(followed[0], descending))
    return tuple(keys)


def _filters(context: Context, object_name: str, nodes: Iterable[ScalarNode]) -> tuple[str, ...]:
    found = []
    for node in nodes:
        kinds = context.fields(object_name, [node])
        for name, kind in kinds.items():
            if not kind.operators:
                context.problems.add(Code.VIEW_004.at(node.place, field=name, why=f"fields of type {kind.name} cannot be filtered"))
            found.append(name)
    return tuple(found)


def default_views(context: Context, objects: Iterable[Object], views: dict[str, ListView]) -> None:
    """Give every object a default list and where it can have one a board and a calendar; report objects with two of a kind."""
    first: dict[tuple[str, str], ListView] = {}
    for view in views.values():
        if view.default and (view.object, view.kind) in first:
            node = context.namespace["view"].current[view.name].node
            other = first[view.object, view.kind].place
            context.problems.add(Code.VIEW_001.at(node.place_of("default"), object=view.object, kind=view.kind, other=other))
        elif view.default:
            first[view.object, view.kind] = view
    for found in objects:
        if (found.name, "list") not in first:
            name = f"{found.name}__" if found.name in views else found.name
            views[name] = _generated(found, name)
        if (found.name, "board") not in first:
            states = context.states.get(found.name)
            _add(views, generated_board(found, _common(found, "board"), [o.name for o in states.current] if states else ()))
        if (found.name, "calendar") not in first:
            _add(views, generated_calendar(found, _common(found, "calendar")))


def _add(views: dict[str, ListView], view: ListView | None) -> None:
    if view is not None:
        views[view.name] = view


def _common(found: Object, kind: str) -> dict[str, Any]:
    """What a generated board and calendar have of their object. Two underscores at the end are no name of a file."""
    said = {path[0] for part in found.title.parts if not isinstance(part, str) for path in refs(part)} | {found.workflow}
    columns = (c for c in _generated(found, "").columns.values() if c.name not in said)
    kept = [c for c in columns if not found.fields[c.name].type.personal]
    return {
        "id": f"{found.id}_{kind}__", "name": f"{found.name}_{kind}__", "label": found.plural, "place": found.place, "object": found.name,
        "columns": {column.name: column for column in kept[:CARD_FIELDS]}, "default": True, "generated": True,
        "filters": tuple(f.name for f in found.links if f.type.link_to and f.name not in found.belongs_to.root_path)[:2],
    }


def _generated(found: Object, name: str) -> ListView:
    """What the title is made of first, then fields in their order up to six, and the state."""
    titled = [path[0] for part in found.title.parts if not isinstance(part, str) for path in sorted(refs(part))]
    wanted = [n for n, field in found.fields.items() if field.type.name not in _WIDE]
    names = list(dict.fromkeys([n for n in titled if n in wanted] + wanted))
    kept = [n for n in names if n != found.workflow][: GENERATED_COLUMNS - bool(found.workflow)]
    if found.workflow:
        kept.append(found.workflow)
    columns = {
        n: ListColumn(id=f"{found.id}.{n}", name=n, label=found.fields[n].label, place=found.fields[n].place, path=(n,)) for n in kept
    }
    filters = (found.workflow,) if found.workflow else ()
    return ListView(id=f"{found.id}__", name=name, label=found.plural, place=found.place, object=found.name, columns=columns,
                    filters=filters, default=True, generated=True)
