"""The mapping file: which column of a table goes into which field, and how rows are found again."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from engine.problems import Code, Place, Problems, suggest
from engine.text.nodes import ListNode, MapNode, Node, ScalarNode
from engine.text.parse import parse
from engine.text.source import Source

__all__ = ["ColumnRule", "ImportMapping", "read_mapping"]

_KEYS = ("object", "key", "columns", "ignore", "country", "clinic")
_COLUMN_KEYS = ("from", "join", "with", "values", "date", "match", "default")
_EXAMPLES = {
    "object": "object: patient", "key": "key: [external_id]", "columns": "columns: {name: full_name}", "ignore": "ignore: [notes]",
    "country": "country: US", "clinic": "clinic: XH", "from": "{from: sex}", "join": "join: [given, family]", "with": "with: ' '",
    "values": "values: {M: male, F: female}", "date": "date: '%d.%m.%Y'", "match": "match: code", "default": "default: phone",
}


@dataclasses.dataclass(frozen=True, slots=True)
class ColumnRule:
    """Where a field's text comes from. `sources` are headers; several are joined with `glue`, empty ones left out."""

    field: str
    sources: tuple[str, ...]
    place: Place
    glue: str = " "
    values: Mapping[str, str] | None = None
    """Their texts → ours; a text that is not there is refused."""
    date: str = ""
    """The form of a date or time for `strptime`; the day counts as it is written, whatever zone stands behind it."""
    match: str = ""
    """For links: the field of the linked object that has the text."""
    default: str = ""
    """What an empty cell means."""


@dataclasses.dataclass(frozen=True, slots=True)
class ImportMapping:
    """A checked mapping; the names of fields and headers are checked later, when both are known."""

    object: str
    key: tuple[str, ...]
    columns: tuple[ColumnRule, ...]
    ignore: tuple[str, ...]
    country: str
    clinic: str
    places: Mapping[str, Place]
    """Where each top-level key stands, for problems."""


def read_mapping(path: Path, problems: Problems) -> ImportMapping | None:
    """Read a YAML or JSON mapping; None when problems were added."""
    name = path.name if path.suffix == ".json" else f"{path.stem}.yaml"
    documents, _ = parse(Source({name: path.read_bytes()}, {name: path.name}), problems)
    if not documents:
        return None
    root = documents[0].root
    if not isinstance(root, MapNode):
        problems.add(Code.IMPORT_003.at(Place(path.name), key="the file", wanted="a map", example="object: patient"))
        return None
    before = len(problems)
    _known(root, _KEYS, "the mapping", problems)
    mapping = ImportMapping(
        object=_text(root, "object", problems, needed=True), key=_texts(root, "key", problems), columns=_columns(root, problems),
        ignore=_texts(root, "ignore", problems), country=_text(root, "country", problems), clinic=_text(root, "clinic", problems),
        places={key: entry.place for key, entry in root.entries.items()},
    )
    return mapping if len(problems) == before else None


def _known(node: MapNode, keys: Sequence[str], owner: str, problems: Problems) -> None:
    for key, entry in node.entries.items():
        if key not in keys:
            problems.add(Code.IMPORT_001.at(entry.place, key=key, owner=owner, suggestion=suggest(key, keys), known=", ".join(keys)))


def _wrong(node: Node, key: str, wanted: str, problems: Problems) -> None:
    problems.add(Code.IMPORT_003.at(node.place, key=key, wanted=wanted, example=_EXAMPLES[key]))


def _text(node: MapNode, key: str, problems: Problems, *, needed: bool = False) -> str:
    value = node.get(key)
    if value is None:
        if needed:
            problems.add(Code.IMPORT_002.at(node.place, key=key, owner="the mapping", example=_EXAMPLES[key]))
        return ""
    if isinstance(value, ScalarNode) and value.value is not None and not isinstance(value.value, bool):
        return str(value.value)
    _wrong(value, key, "a text", problems)
    return ""


def _texts(node: MapNode, key: str, problems: Problems) -> tuple[str, ...]:
    value = node.get(key)
    items: Collection[Node] = value.items if isinstance(value, ListNode) else [value] if value is not None else []
    if all(isinstance(item, ScalarNode) and item.value is not None for item in items):
        return tuple(str(item.value) for item in items if isinstance(item, ScalarNode))
    if value is not None:
        _wrong(value, key, "a list of names", problems)
    return ()


def _columns(root: MapNode, problems: Problems) -> tuple[ColumnRule, ...]:
    node = root.get("columns")
    if not isinstance(node, MapNode) or not node.entries:
        if node is None:
            problems.add(Code.IMPORT_002.at(root.place, key="columns", owner="the mapping", example=_EXAMPLES["columns"]))
        else:
            _wrong(node, "columns", "a map from fields to columns", problems)
        return ()
    found = (_column(field, entry.node, entry.place, problems) for field, entry in node.entries.items())
    return tuple(rule for rule in found if rule is not None)


def _column(field: str, node: Node, place: Place, problems: Problems) -> ColumnRule | None:
    if isinstance(node, ScalarNode) and node.value is not None:
        return ColumnRule(field, (str(node.value),), place)
    if not isinstance(node, MapNode):
        _wrong(node, "from", "the name of a column, or a map", problems)
        return None
    _known(node, _COLUMN_KEYS, f"the column of '{field}'", problems)
    sources = (*_texts(node, "from", problems), *_texts(node, "join", problems))
    if not sources and node.get("default") is None:
        problems.add(Code.IMPORT_002.at(place, key="from", owner=f"the column of '{field}'", example=_EXAMPLES["from"]))
    glue = _text(node, "with", problems) if node.get("with") is not None else " "
    return ColumnRule(
        field, sources, place, glue=glue, values=_values(node, problems), date=_text(node, "date", problems),
        match=_text(node, "match", problems), default=_text(node, "default", problems))


def _values(node: MapNode, problems: Problems) -> Mapping[str, str] | None:
    values = node.get("values")
    if values is None:
        return None
    if not isinstance(values, MapNode):
        _wrong(values, "values", "a map from their texts to ours", problems)
        return None
    return {theirs: _text(values, theirs, problems) if _is_text(values.get(theirs)) else "" for theirs in values.entries}


def _is_text(node: Node | None) -> bool:
    return isinstance(node, ScalarNode) and node.value is not None and not isinstance(node.value, bool)
