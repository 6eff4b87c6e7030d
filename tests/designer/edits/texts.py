"""Files to edit, shipped and odd ones, and random edits of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

from designer.edits.edit import Edit
from designer.edits.entries import FIRST
from designer.edits.primitive import AddEntry, MoveEntry, RemoveEntry, RenameKey, SetValue
from designer.edits.text import read
from engine.text.nodes import MapNode

ROOT = Path(__file__).parents[3]

ODD: Mapping[str, str] = {
    "odd/objects/comments.yaml": (
        "# head\nname: a   # its name\n\n# about the label\nlabel: {en: A, zh: 甲} # both\nfields:  # the fields\n  # one\n  one: {type: text}\n"
        "  # two\n  # goes on\n  two:   # why\n    type: integer\n    # between\n    min: 0\n\n  three: {}\n# foot\n"),
    "odd/objects/quoted.yaml": (
        "\"name\": 'it''s'\n'label': \"a \\\"b\\\"\"\nfields: {\"one\": {'type': text}, two: {\"type\":text,\"max\":3}}\n"),
    "odd/objects/flow.yaml": (
        "name: b\nfields: {\n  one: {type: text}, # first\n  two: {type: date\n  , required: true}, # second\n  # last\n  three: {},\n}\n"
        "unique: {a: [one,\n  two], b: [one], }\n"),
    "odd/objects/windows.yaml": "name: c\r\n# note\r\nfields:\r\n  one: {type: text}\r\n  two:\r\n    type: date\r\n",
    "odd/objects/no_break.yaml": "name: d\nfields:\n  one: {type: text}\n  two:\n    type: text",
    "odd/objects/lists.yaml": (
        "name: e\ntags:\n- a\n# mid\n- b   # bee\n-  c\nmore:\n  - 'x'\n  - y\nflow: [a, 'b', \"c\"]\nlong: [\n  a, # one\n  b # two\n]\nnone:\n"
        "null_: ~\n"),
    "odd/objects/literals.yaml": (
        "name: f\nhelp: |\n  First line\n\n  # no comment\n  last\n\nfolded: >-\n  a\n  b\nnote: |+\n  kept\n\n# after\nplain: several\n  words on\n"
        "  lines\nquoted: \"a\n  b\"\nend: x\n"),
    "odd/objects/bare.yaml": "---\nname: g\nfields: {one, two: , three: {type: text}}\nitems:\n  a:\n  b: # nothing\n  c: null\n...\n",
    "odd/objects/h.json":
        '{\n  "name": "h",\n  "fields": {\n    "one": {"type": "text"},\n    "two": {\n      "type": "date"\n    }\n  },\n  '
        '"tags": ["a", "b"]\n}\n',
    "odd/objects/i.json": '{"name":"i","fields":{},"n":1.50,"deep":{"a":{"b":[1,2]}}}',
    "odd/objects/long.yaml": (
        "name: j\nfields: {one: {type: text, label: {en: A rather long label, zh: 很长的标签}}, two: {type: text, label: {en: Another one, zh: 又}}"
        "}"
        "  # wide\nend: 1\n"),
}


def shipped() -> dict[str, str]:
    """Every definition that comes with Carework, by its path in a release."""
    found = {}
    for root in (ROOT / "definitions" / "packs", ROOT / "examples" / "hexin"):
        for path in sorted(root.rglob("*")):
            if path.suffix in (".yaml", ".json"):
                found[path.relative_to(root).as_posix()] = path.read_bytes().decode("utf-8")
    return found


VALUES: tuple[Any, ...] = (
    None, True, 7, -3, "text", "two words", "no: colon", "# no comment", "", " edge ", "a, b", "yes", "12:30", "017", "1e3", "2026-11-22",
    "x == 'y' && n > 3", 'say "hi"', "中文，标点", "it's", "[a]", "{b}", "- c", "*d", "a\nb", "a\nb\n", "trailing:", "%", "@x", "`", "\\d", "?",
    [], ["a"], ["a", "b c", 3], ["x, y"], {}, {"a": 1}, {"en": "A", "zh": "甲"}, {"type": "text", "label": {"en": "A: b", "zh": "乙"}},
    {"type": "choice", "options": {"a": {}, "b": {"label": "B"}}}, {f"key_{n}": f"a longer value number {n}" for n in range(8)},
)


def places(text: str, path: str) -> Iterator[tuple[tuple[str, ...], MapNode]]:
    """Every map of a file with where it stands."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), read(path, text).root)]
    while waiting:
        at, node = waiting.pop()
        if isinstance(node, MapNode):
            yield at, node
            waiting += [((*at, name), entry.node) for name, entry in node.entries.items()]


def random_edit(chance: Random, path: str, text: str) -> Edit:
    """Some edit of some place of a file."""
    maps = sorted(places(text, path), key=lambda pair: pair[0])
    at, node = chance.choice(maps)
    names = list(node.entries)
    what = chance.randrange(6) if names else 0
    if what == 0:
        after = chance.choice([None, FIRST, *names])
        return AddEntry(path=path, at=at, name=f"n{chance.randrange(10_000)}", value=chance.choice(VALUES), after=after)
    name = chance.choice(names)
    if what == 1:
        return RemoveEntry(path=path, at=(*at, name))
    if what == 2:
        return MoveEntry(path=path, at=(*at, name), after=chance.choice([FIRST, *names]))
    if what == 3:
        return RenameKey(path=path, at=(*at, name), name=f"r{chance.randrange(10_000)}", was=chance.random() < 0.5)
    return SetValue(path=path, at=(*at, name), value=chance.choice(VALUES))
