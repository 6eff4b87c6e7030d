"""Whatever the style of a YAML file, edits mean what they say: hypothesis writes the same values in many ways.

1. Each primitive gives the value that it promises, the file's line breaks stay, undone the first bytes are back.
2. Hardly any way of writing that people use is refused.
"""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from designer.edits.primitive import AddEntry, MoveEntry, RemoveEntry, RenameKey, SetValue
from designer.edits.refused import EditRefused
from designer.edits.text import read
from engine.text.nodes import plain
from tests.designer.edits.texts import VALUES

NAMES = ("a", "b", "long_name", "d4", "e_")
COMMENT = st.sampled_from(["", "", " # c", "   # say: {x}, [y]", " #"])
WORDS = st.sampled_from(["x", "two words", "'it''s'", '"q # no"', "12", "true", "中文", "a-b", '"a: b"', "x#y", "'{z}'"])
PATH = "p/objects/x.yaml"
MADE = {"count": 0, "refused": 0}


@st.composite
def flow(draw: Any, depth: int = 2) -> str:
    """A map or list in brackets, perhaps on several lines, with comments and a comma at its end."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3))
    quote = draw(st.sampled_from(["", '"', "'"]))
    inner = flow(depth - 1) if depth else WORDS
    several = draw(st.booleans())
    gap = draw(st.sampled_from(["\n      ", " # c\n      "])) if several else draw(st.sampled_from(["", " "]))
    if draw(st.integers(0, 3)) == 0:
        items = [draw(WORDS) for _ in names]
        return "[" + ",".join(f"{gap}{item}" for item in items) + ("]" if items else "]")
    parts = [f"{gap}{quote}{name}{quote}: {draw(st.one_of(WORDS, inner))}" for name in names]
    return "{" + ",".join(parts) + ("," if parts and draw(st.booleans()) else "") + draw(st.sampled_from(["", " "])) + "}"


@st.composite
def block(draw: Any, indent: int = 0, depth: int = 2) -> str:
    """A map in lines."""
    lines = []
    step = draw(st.sampled_from([2, 2, 4]))
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=4)):
        pad = " " * indent
        lines += [f"{pad}# above {name}"] if draw(st.integers(0, 4)) == 0 else [""] if draw(st.integers(0, 6)) == 0 else []
        key = draw(st.sampled_from(["{}", '"{}"', "'{}'"])).format(name) + draw(st.sampled_from(["", " "])) + ":"
        kind = draw(st.integers(0, 9))
        if kind < 4:
            lines.append(f"{pad}{key} {draw(WORDS)}{draw(COMMENT)}")
        elif kind == 4:
            lines.append(f"{pad}{key}{draw(COMMENT)}")
        elif kind == 5:
            lines += [f"{pad}{key} {draw(st.sampled_from(['|', '>-', '|-', '|+']))}", f"{pad}    text # here", "", f"{pad}    more"]
        elif kind == 6:
            more = draw(st.sampled_from([0, 2]))
            lines += [f"{pad}{key}", *(f"{pad}{' ' * more}- {draw(WORDS)}{draw(COMMENT)}" for _ in range(2))]
        elif kind == 7 and depth:
            lines += [f"{pad}{key}{draw(COMMENT)}", draw(block(indent + step, depth - 1))]
        else:
            lines.append(f"{pad}{key} {draw(flow())}{draw(COMMENT)}")
    return "\n".join(lines)


@st.composite
def files(draw: Any) -> str:
    text = draw(st.sampled_from(["", "# head\n", "---\n"])) + draw(block()) + draw(st.sampled_from(["\n", "\n# foot\n", ""]))
    return text.replace("\n", "\r\n") if draw(st.integers(0, 4)) == 0 else text


def spots(value: Any, at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return []
    return [at, *(spot for name, inner in value.items() for spot in spots(inner, (*at, name)))]


@given(files(), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_an_edit_means_what_it_says(text: str, chance: Any) -> None:
    """Requirement 1: the value afterwards is the one promised (the edit itself would refuse it else), comments are as many."""
    try:
        root = plain(read(PATH, text).root)
    except EditRefused:
        return  # not YAML of the subset: a literal in brackets, say
    at = chance.choice(spots(root))
    held: Any = root
    for name in at:
        held = held[name]
    names = list(held)
    edits = [AddEntry(path=PATH, at=at, name="new", value=chance.choice(VALUES), after=chance.choice([None, "", *names]))]
    if names:
        name = chance.choice(names)
        edits += [RemoveEntry(path=PATH, at=(*at, name))] if at or len(names) > 1 else []  # a file is never left empty
        edits += [SetValue(path=PATH, at=(*at, name), value=chance.choice(VALUES)),
                  RenameKey(path=PATH, at=(*at, name), name="other", was=False),
                  MoveEntry(path=PATH, at=(*at, name), after=chance.choice(["", *names]))]
    edit = chance.choice(edits)
    MADE["count"] += 1
    try:
        patch = edit.patch({PATH: text})
    except EditRefused as refused:
        MADE["refused"] += 1
        assert refused.code == "odd_style"
        return
    new = patch.on({PATH: text})[PATH]
    assert patch.reversed().on({PATH: new}) == {PATH: text}
    if "\r\n" in text:
        assert new.count("\n") == new.count("\r\n")
    if isinstance(edit, AddEntry):
        assert new.count("# above") == text.count("# above") and new.count(" # c") == text.count(" # c")


def test_hardly_any_style_is_refused() -> None:
    """Requirement 2; runs behind the one above."""
    if MADE["count"] > 100:
        assert MADE["refused"] <= MADE["count"] * 0.03, MADE
