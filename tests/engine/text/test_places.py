"""A place within a scalar: the character of an expression at which a problem lies, as an editor counts it."""

from __future__ import annotations

import pytest

from engine.problems import Problems
from engine.text.json_text import parse_json
from engine.text.nodes import MapNode, ScalarNode, SourceText
from engine.text.places import place_within
from engine.text.yaml_text import parse_yaml


@pytest.mark.parametrize(("ending", "text"), [
    ("yaml", "rule: a == «b"),
    ("yaml", "rule: 'a == ''x'' && «b'"),
    ("yaml", 'rule: "a == \\"x\\" && \\u4e2d \\x41 \\U0001F600 «b"'),
    ("yaml", "rule: {deep: [\"中文 == '患者' && «b\"]}"),
    ("yaml", "rule: |\n  a == 1 &&\n  c == 2 &&\n    «b\n"),
    ("json", '{"rule": "a == \\"\\ud83d\\ude00\\" && «b"}'),
    ("json", '{"rule":\n "\\u4e2d\\t\\\\ «b"}'),
])
def test_a_character_of_a_value_is_found_in_its_file(ending: str, text: str) -> None:
    """Exact for plain, quoted and literal scalars, escapes and Chinese included."""
    at = text.index("«")
    clean = text.replace("«", "")
    node = (parse_json if ending == "json" else parse_yaml)(SourceText("p/objects/x", "x", clean), Problems())
    while not isinstance(node, ScalarNode):
        node = next(iter(node.entries.values())).node if isinstance(node, MapNode) else node.items[0]  # type: ignore[union-attr]
    place = place_within(node, str(node.value).index("b"))
    before = text[:at]
    assert (place.line, place.column) == (before.count("\n") + 1, at - before.rfind("\n"))


@pytest.mark.parametrize(("text", "line"), [("rule: >\n  a &&\n  b\n", 2), ("rule: 'a &&\n  b'\n", 1), ("rule: a &&\n  b\n", 1)])
def test_folded_scalars_give_a_line_within_them(text: str, line: int) -> None:
    """Folding loses where lines ended, so the place is the scalar's line and never beyond it."""
    node = parse_yaml(SourceText("p/objects/x.yaml", "x", text), Problems())
    assert isinstance(node, MapNode)
    scalar = node.get("rule")
    assert isinstance(scalar, ScalarNode)
    assert line <= place_within(scalar, 5).line <= 3
