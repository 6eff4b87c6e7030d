"""Records that packs ship: values the fields accept, keys that tell records apart, links that lead to records."""

from __future__ import annotations

from collections.abc import Mapping

from engine.fields.base import Invalid
from engine.model import DataRecord, DataSet, Field, Object, Upgrade
from engine.problems import Code, Place, suggest
from engine.text.compile.context import Context, label
from engine.text.elements import Named
from engine.text.link import Definition
from engine.text.nodes import Entry, MapNode, Node, ScalarNode, plain

__all__ = ["compile_dataset"]

_ABOUT = frozenset({"hidden", "retired", "was", "id", "after"})


def compile_dataset(context: Context, definition: Definition, objects: Mapping[str, Object]) -> DataSet | None:
    """The data set; None when its object is not known."""
    node = definition.node
    object_name = context.over(node.get("object"))
    if object_name is None or object_name not in objects:
        return None
    found = objects[object_name]
    key_nodes = [item for item in node.scalars("key") if context.field(object_name, item) is not None]
    key = tuple(str(item.value) for item in key_nodes)
    for item in key_nodes:
        why = _not_settable(found.fields[str(item.value)])
        if why:
            context.problems.add(Code.DATA_005.at(item.place, field=item.value, why=why))
    records = {}
    by_key: dict[tuple[object, ...], Place] = {}
    for named in context.ids.elements("record", definition.id, node.map("records")):
        if not named.gone:
            records[named.name] = _record(context, found, named, key, by_key)
    known = {each.value: each for each in Upgrade}
    return DataSet(
        id=definition.id, name=definition.name, label=label(node.get("label"), definition.name), place=definition.place,
        former=definition.former, object=object_name, key=key, upgrade=known.get(node.text("upgrade", "keep"), Upgrade.KEEP),
        records=records,
    )


def _not_settable(field: Field) -> str:
    if field.formula is not None:
        return "it is computed"
    return "" if field.type.writable else f"the runtime sets fields of type {field.type.name}"


def _record(context: Context, found: Object, named: Named, key: tuple[str, ...], by_key: dict[tuple[object, ...], Place]) -> DataRecord:
    values: dict[str, object] = {}
    for name, entry in named.node.entries.items():
        if name in _ABOUT and name not in found.fields:
            continue
        if context.hidden(found.name, name) or context.field(found.name, entry.key) is None:
            continue
        field = found.fields[name]
        why = _not_settable(field)
        if why:
            context.problems.add(Code.DATA_005.at(entry.place, field=name, why=why))
            continue
        values[name] = _value(context, field, entry)
    _complete(context, found, named, key, values)
    _told_apart(context, named, key, values, by_key)
    return DataRecord(
        id=named.id, name=named.name, label=label(None, named.name), place=named.place, former=named.former, values=values)


def _value(context: Context, field: Field, entry: Entry) -> object:
    """The literal in its JSON form; a link gives `set.record`."""
    if field.type.link_to:
        return _record_name(context, field, entry.node)
    try:
        value = field.type.parse(plain(entry.node))
    except Invalid as error:
        context.problems.add(Code.DATA_003.at(entry.node.place, field=field.name, code=error.code))
        return None
    return None if value is None else field.type.dump(value)


def _record_name(context: Context, field: Field, node: Node) -> str | None:
    """What `{record: set.record}` names, when there is such a record of the object the field links to."""
    kind = field.type
    target = node.get("record") if isinstance(node, MapNode) else node
    if not isinstance(target, ScalarNode) or target.value is None:
        return None
    name = str(target.value)
    set_name, _, record_name = name.partition(".")
    sets = context.namespace["dataset"]
    there = sets.current.get(set_name)
    records = there.node.map("records") if there else None
    if there is None or records is None or record_name not in records.entries:
        known = [f"{s}.{r}" for s, d in sets.current.items() for r in (d.node.map("records") or node).entries] if isinstance(
            node, MapNode) else []
        if not sets.incomplete:
            context.problems.add(Code.DATA_004.at(target.place, name=name, suggestion=suggest(name, known)))
        return None
    if there.node.text("object") != kind.link_to:
        context.problems.add(Code.DATA_007.at(
            target.place, name=name, found=there.node.text("object"), field=field.name, wanted=kind.link_to))
    return name


def _complete(context: Context, found: Object, named: Named, key: tuple[str, ...], values: Mapping[str, object]) -> None:
    for field in found.fields.values():
        if values.get(field.name) is not None or field.name in named.node.entries and field.name not in key:
            continue
        if field.name in key:
            context.problems.add(Code.DATA_001.at(named.place, field=field.name))
        elif field.required and not field.filled:
            context.problems.add(Code.DATA_006.at(named.place, field=field.name))


def _told_apart(context: Context, named: Named, key: tuple[str, ...], values: Mapping[str, object],
                by_key: dict[tuple[object, ...], Place]) -> None:
    mine = tuple(str(values.get(name)) for name in key)
    if not key or any(values.get(name) is None for name in key):
        return
    other = by_key.setdefault(mine, named.place)
    if other != named.place:
        context.problems.add(Code.DATA_002.at(named.place, other=other))
