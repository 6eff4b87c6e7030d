"""Parsing: scalars of YAML 1.2, places of keys and values, what a text means in YAML and in JSON."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.problems import Problems
from engine.text.json_text import parse_json
from engine.text.nodes import MapNode, Node, ScalarNode, SourceText, plain
from engine.text.scalars import NotANumber, resolve
from engine.text.yaml_text import parse_yaml


def parsed(text: str, ending: str = "yaml") -> Node:
    problems = Problems()
    source = SourceText(f"p/objects/x.{ending}", f"x.{ending}", text)
    node = (parse_json if ending == "json" else parse_yaml)(source, problems)
    assert node is not None and not list(problems)
    return node


@pytest.mark.parametrize(("text", "value"), [
    ("no", "no"), ("yes", "yes"), ("on", "on"), ("y", "y"), ("12:30", "12:30"), ("190:20:30", "190:20:30"),
    ("2026-11-22", "2026-11-22"), ("1_000", "1_000"), ("0b11", "0b11"), ("1.2.3", "1.2.3"), ("+", "+"), (".", "."), ("-", "-"),
    ("0x", "0x"),
    ("017", 17), ("0o17", 15), ("0x1F", 31), ("-7", -7), ("+7", 7), ("0.10", Decimal("0.10")), (".5", Decimal("0.5")),
    ("1e3", Decimal(1000)),
    ("true", True), ("FALSE", False), ("null", None), ("~", None), ("", None), ("nuLL", "nuLL"), ("男", "男"),
])
def test_plain_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    """The core schema of YAML 1.2, chapter 10.3: `no` and `12:30` are text, decimals are exact."""
    found = resolve(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("text", [".inf", "-.INF", ".NaN", "1e999999999", "9" * 31, "1" + "0" * 5000, "0x" + "f" * 40, "1e-99"])
def test_numbers_without_an_end_are_refused(text: str) -> None:
    """A short number must not become a long computation."""
    with pytest.raises(NotANumber):
        resolve(text)


def test_yaml_and_json_give_the_same_values() -> None:
    """YAML or JSON, same meaning (design, chapter 2)."""
    yaml_text = "name: x\nlist: [1, 2.50, true, null, 'a: b', \"\\u4e2d\\n\"]\nmap: {a: {}, b: []}\nemoji: 😀\n"
    json_text = '{"name": "x", "list": [1, 2.50, true, null, "a: b", "\\u4e2d\\n"], "map": {"a": {}, "b": []}, "emoji": "\\ud83d\\ude00"}'
    assert plain(parsed(yaml_text)) == plain(parsed(json_text, "json"))


@pytest.mark.parametrize(("ending", "text"), [
    ("yaml", 'a: 中\nlong:\n  - {x: "é", y: 5}\n'),
    ("json", '{"a": "中",\n "long":\r\n  [ {"x": "é", "y": 5}]}'),
])
def test_every_key_and_value_knows_its_place(ending: str, text: str) -> None:
    """Lines and columns count characters from 1, so an editor jumps there whatever the script."""
    root = parsed(text, ending)
    assert isinstance(root, MapNode)
    lines = text.replace("\r\n", "\n").split("\n")
    inner = root.entries["long"].node.items[0]  # type: ignore[union-attr]
    for key, entry in [*root.entries.items(), *inner.entries.items()]:
        mark = entry.key
        assert lines[mark.line - 1][mark.column - 1:].lstrip('"').startswith(key)
        if isinstance(entry.node, ScalarNode):
            assert lines[entry.node.line - 1][entry.node.column - 1:].lstrip('"').startswith(str(entry.node.value))
            assert str(entry.node.value) in text[entry.node.start:entry.node.end]


def test_all_problems_of_a_file_and_of_its_neighbours_are_reported_at_once() -> None:
    """A-84: what the subset refuses does not end the reading, and valid neighbours are still checked."""
    from tests.builders import problems_of

    found = problems_of({
        "choices/a.yaml": "name: a\noptions: {x: &one {}, y: *one, z: !!str {}}\nname: b\n",
        "choices/b.yaml": "name: [\n",
        "choices/c.json": '{"name": "c", "options": {}, }',
        "choices/d.yaml": "name: d\noption: {}\n",
    })
    codes = [(p.place.file.rpartition("/")[2], p.code.code) for p in found]
    assert codes == [
        ("a.yaml", "TEXT-007"), ("a.yaml", "TEXT-008"), ("a.yaml", "TEXT-009"), ("a.yaml", "TEXT-011"), ("b.yaml", "TEXT-001"),
        ("c.json", "TEXT-002"), ("d.yaml", "SHAPE-003"), ("d.yaml", "CHOICE-002"), ("d.yaml", "SHAPE-001"),
    ]


def test_a_broken_file_gives_no_problems_where_it_is_mentioned() -> None:
    """Whoever reads the list sees the cause, not its echoes."""
    from tests.builders import problems_of

    found = problems_of({
        "objects/a.yaml": "name: [\n",
        "objects/b.yaml": "name: b\nfields:\n  a: {type: link, to: a}\n  c: {type: txt}\n",
        "forms/b.yaml": "name: b\nobject: b\nitems: {a: {}, c: {}}\n",
        "views/b.yaml": "name: b\nobject: b\ncolumns: {a: {path: a.x}, c: {}}\nfilter: 'c == \"x\"'\n",
        "roles/r.yaml": "name: r\ngrants: {g: {object: a, can: [read]}}\n",
    })
    assert [(p.place.file, p.code.code) for p in found] == [("test/objects/a.yaml", "TEXT-001"), ("test/objects/b.yaml", "FIELD-002")]
