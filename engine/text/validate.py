"""Documents against the schema of their kind: every fault at the key or value it is about, one code per sort of fault.

A walk over the nodes with the keywords that our schemas use. `tests/engine/text/test_schemas.py` holds it against jsonschema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.names import NAME, reserved
from engine.problems import Code, Place, Problems, suggest
from engine.text.nodes import ListNode, MapNode, Node, ScalarNode, plain
from engine.text.schemas import Schema

__all__ = ["Validator"]

_WORDS = {
    "object": "a map", "array": "a list", "string": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "null": "nothing",
}


class Validator:
    """Checks nodes against one schema with its `$defs`. `owner` names the kind in messages."""

    def __init__(self, schema: Schema, owner: str) -> None:
        self._schema = schema
        self._defs: Mapping[str, Schema] = schema.get("$defs", {})
        self._owner = owner

    def document(self, root: Node, problems: Problems) -> None:
        """A whole file."""
        _Walk(self._defs, problems).check(root, self._schema, self._owner)

    def whole(self, root: Node, problems: Problems) -> None:
        """A definition after its layers are merged: now nothing may be missing."""
        _Walk(self._defs, problems).check(root, self._defs["whole"], self._owner)

    def part(self, name: str, node: Node, owner: str, problems: Problems) -> bool:
        """A node against one of the `$defs`; whether it is free of faults."""
        before = len(problems)
        _Walk(self._defs, problems).check(node, self._defs[name], owner)
        return len(problems) == before


class _Walk:
    def __init__(self, defs: Mapping[str, Schema], problems: Problems) -> None:
        self._defs = defs
        self._problems = problems

    def check(self, node: Node, schema: Schema, owner: str, at: Place | None = None) -> None:
        """`at` is where the key of the value stands, for faults of what is missing in it."""
        schema = self._resolved(schema)
        if "discriminator" in schema:
            # Fields are checked once their layers are merged, when their type is known (see compile/drafts.py).
            if not isinstance(node, MapNode):
                self._wrong_type(node, ("object",))
            return
        if "anyOf" in schema:
            branch = self._branch(node, schema["anyOf"])
            if branch is not None:
                self.check(node, branch, owner, at)
            return
        if "if" in schema:
            has = isinstance(node, MapNode) and all(key in node.entries for key in schema["if"]["required"])
            self._exclusive(node, has)
            self.check(node, schema["then" if has else "else"], owner, at)
            return
        kinds = _types(schema)
        if kinds and not any(_is(node, kind) for kind in kinds):
            self._wrong_type(node, kinds)
        elif "enum" in schema or "const" in schema:
            self._among(node, schema.get("enum") or [schema["const"]])
        elif isinstance(node, ScalarNode):
            self._scalar(node, schema)
        elif isinstance(node, ListNode):
            self._list(node, schema, owner)
        else:
            self._map(node, schema, owner, at)

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._defs[schema["$ref"].rpartition("/")[2]]
        return schema

    def _branch(self, node: Node, branches: Sequence[Schema]) -> Schema | None:
        resolved = [self._resolved(branch) for branch in branches]
        found = next((branch for branch in resolved if any(_is(node, kind) for kind in _types(branch))), None)
        if found is None:
            self._wrong_type(node, tuple(kind for branch in resolved for kind in _types(branch)))
        return found

    def _exclusive(self, node: Node, extends: bool) -> None:
        if extends and isinstance(node, MapNode) and "name" in node.entries:
            self._problems.add(Code.SHAPE_009.at(node.entries["name"].place, one="extend", other="name"))

    def _wrong_type(self, node: Node, kinds: Sequence[str]) -> None:
        wanted = " or ".join(dict.fromkeys(_WORDS[kind] for kind in kinds))
        self._problems.add(Code.SHAPE_002.at(node.place, found=_words(node), wanted=wanted))

    def _among(self, node: Node, known: Sequence[object]) -> None:
        value = plain(node)
        if value in known and type(value) in {type(each) for each in known}:
            return
        words = [str(each) for each in known]
        hint = suggest(value, words) if isinstance(value, str) else ""
        self._problems.add(Code.SHAPE_004.at(node.place, found=_words(node), suggestion=hint, known=", ".join(words)))

    def _scalar(self, node: ScalarNode, schema: Schema) -> None:
        value = node.value
        if isinstance(value, str):
            self._text(node.place, value, schema)
        elif isinstance(value, int | Decimal) and not isinstance(value, bool):
            low, high = schema.get("minimum"), schema.get("maximum")
            if low is not None and value < low or high is not None and value > high:
                self._problems.add(Code.SHAPE_005.at(node.place, found=value, wanted=_range("a number", low, high)))

    def _text(self, place: Place, value: str, schema: Schema) -> None:
        low, high = schema.get("minLength", 0), schema.get("maxLength")
        pattern = schema.get("pattern")
        if len(value) < low or high is not None and len(value) > high:
            wanted = _range("text", low, high) + " characters"
            self._problems.add(Code.SHAPE_006.at(place, found=f"{len(value)} characters", wanted=wanted))
        elif pattern == NAME:
            self._name(place, value)
        elif pattern is not None and not re.search(pattern, value):
            self._problems.add(Code.SHAPE_007.at(place, found=f"'{value[:60]}'", pattern=pattern))

    def _name(self, place: Place, value: str) -> None:
        if not re.fullmatch(NAME[1:-1], value):
            self._problems.add(Code.NAME_001.at(place, name=value[:60]))
        elif reserved(value):
            self._problems.add(Code.NAME_002.at(place, name=value, why=reserved(value)))

    def _list(self, node: ListNode, schema: Schema, owner: str) -> None:
        if len(node.items) < schema.get("minItems", 0):
            self._problems.add(Code.SHAPE_006.at(node.place, found=f"{len(node.items)} items", wanted=f"at least {schema['minItems']}"))
        seen = set()
        for item in node.items:
            self.check(item, schema.get("items", {}), owner)
            value = item.value if isinstance(item, ScalarNode) else None
            if schema.get("uniqueItems") and value is not None and (type(value), value) in seen:
                self._problems.add(Code.SHAPE_008.at(item.place, found=_words(item)))
            seen.add((type(value), value))

    def _map(self, node: MapNode, schema: Schema, owner: str, at: Place | None) -> None:
        properties: Mapping[str, Schema] = schema.get("properties", {})
        others = schema.get("additionalProperties", {})
        names = schema.get("propertyNames")
        for key, entry in node.entries.items():
            if key in properties:
                self.check(entry.node, properties[key], f"'{key}'", entry.place)
            elif others is False:
                self._unknown_key(entry.place, key, owner, properties)
            else:
                if names is not None:
                    self._text(entry.place, key, self._resolved(names))
                self.check(entry.node, others, f"'{key}'", entry.place)
        for key in schema.get("required", ()):
            if key not in node.entries:
                self._problems.add(Code.SHAPE_003.at(at or node.place, key=key, owner=owner))
        if len(node.entries) < schema.get("minProperties", 0):
            self._problems.add(Code.SHAPE_006.at(node.place, found="no key", wanted="at least one"))

    def _unknown_key(self, place: Place, key: str, owner: str, properties: Mapping[str, Schema]) -> None:
        if key == "object" and "extend" in properties:
            self._problems.add(Code.SHAPE_009.at(place, one="extend", other=key))
            return
        self._problems.add(Code.SHAPE_001.at(
            place, key=key[:60], owner=owner, suggestion=suggest(key[:60], properties), known=", ".join(properties)))


def _types(schema: Schema) -> tuple[str, ...]:
    """The JSON types that a schema takes."""
    kind = schema.get("type")
    if isinstance(kind, str):
        return (kind,)
    if kind:
        return tuple(kind)
    values = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    return ("string",) if values and all(isinstance(value, str) for value in values) else ()


_TESTS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | Decimal) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def _is(node: Node, kind: str) -> bool:
    if isinstance(node, MapNode):
        return kind == "object"
    if isinstance(node, ListNode):
        return kind == "array"
    return kind in _TESTS and _TESTS[kind](node.value)


def _words(node: Node) -> str:
    """What stands at a node, in words."""
    if isinstance(node, MapNode):
        return "a map"
    if isinstance(node, ListNode):
        return "a list"
    value = node.value
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"the text '{value[:60]}'" if isinstance(value, str) else f"the number {value}"


def _range(what: str, low: object, high: object) -> str:
    if low is not None and high is not None:
        return f"{what} from {low} to {high}"
    return f"{what} of at least {low}" if low is not None else f"{what} of at most {high}"
