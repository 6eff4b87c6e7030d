"""The trace of an expression: every part with its text, place, type and value, and why it is null."""

from typing import Any

import pytest

from engine.expressions import check, to_python
from engine.expressions.python.trace import MOST_ITEMS, WHY, Step, trace
from engine.expressions.types import RowsOf
from tests.engine.expressions.clinic import Clinic, values
from tests.engine.expressions.test_cases import CASES, row_of, same, tree_of

ROW = {"n": 3, "m": 0, "d": "1.50", "name": "x", "tags": ["vip", "quiet"], "tasks": [{"minutes": 5}, {"title": "a"}]}


def traced(text: str, row: dict[str, Any] = ROW) -> Step:
    tree = check(text, Clinic()).tree
    assert tree is not None
    return trace(tree, text, values(row))


def told(step: Step) -> Any:
    """A step as (text, value, parts), without parts where there are none."""
    parts = [told(part) for part in step.parts]
    return (step.text, step.value, parts) if parts else (step.text, step.value)


def all_steps(step: Step) -> list[Step]:
    below = [*step.parts, *(part for item in step.items for part in item.parts)]
    return [step, *(each for part in below for each in all_steps(part))]


def test_parts_stand_below_what_they_were_put_into() -> None:
    """The tree of sub-results follows the text; brackets belong to what stands above them."""
    found = traced("(n + 1) * 2 > m && !tags.exists(t, t == 'new')")
    assert told(found) == (
        "(n + 1) * 2 > m && !tags.exists(t, t == 'new')",
        True,
        [
            (
                "(n + 1) * 2 > m",
                True,
                [("(n + 1) * 2", 8, [("n + 1", 4, [("n", 3), ("1", 1)]), ("2", 2)]), ("m", 0)],
            ),
            ("!tags.exists(t, t == 'new')", True, [("tags.exists(t, t == 'new')", False, [("tags", ("vip", "quiet"))])]),
        ],
    )


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("patient.doctor.name", []),
        ("assignee.id == user.id", ["assignee.id", "user.id"]),
        ("date('2026-11-22') + days(n)", ["date('2026-11-22')", "days(n)"]),
        ("name.trim().size()", ["name.trim()"]),
        ("size(name.trim())", ["name.trim()"]),
        ("-(n) - -3", ["-(n)", "-3"]),
        ("[n, (m)][0]", ["[n, (m)]", "0"]),
        ("{'a': n}.a", ["{'a': n}", "a"]),
        ("n == 1e0", ["n", "1e0"]),
        ("has(name) ? n : 1 / 0", ["has(name)", "n"]),
        ("due ?? today ?? born", ["due", "today ?? born"]),
        ("null ?? n ?? m", ["null", "n ?? m"]),
        ("(n > 1 || flag) && (flag)", ["n > 1 || flag", "flag"]),
        ("n in [1, 2]", ["n", "[1, 2]"]),
        ("age(born)", ["born"]),
        ("due != null && flag", ["due != null", "flag"]),
        ("(null == due) || flag", ["null == due", "flag"]),
    ],
)
def test_text_of_parts(text: str, parts: list[str]) -> None:
    """The text of a part is what the author wrote for it; of a choice only what was looked at is shown."""
    found = traced(text, {**ROW, "born": "2000-01-01"})
    assert (found.text, found.start, found.end) == (text, 0, len(text))
    assert [part.text for part in found.parts if part.text != text] == parts


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("null", "null"),
        ("flag", "empty"),
        ("patient.name", "empty"),
        ("flag && n > 1", "undecided"),
        ("n in [1, null]", "undecided"),
        ("!flag", "operand"),
        ("due < today", "operand"),
        ("n + size(note)", "operand"),
        ("flag ? 1 : 2", "test"),
        ("n > 1 ? due : today", "chosen"),
        ("due ?? born", "chosen"),
        ("n / m", "division_by_zero"),
        ("n % m", "division_by_zero"),
        ("n + 9007199254740991", "out_of_range"),
        ("days(n * 1000000)", "out_of_range"),
        ("int(name)", "not_convertible"),
        ("date(name)", "not_convertible"),
        ("age(today + days(1))", "to_come"),
        ("name.substring(5)", "no_place"),
        ("tags[7]", "no_place"),
        ("[n, null][1]", "chosen"),
        ("{'a': 1}[name]", "no_key"),
        ("tasks.max(t, t.due)", "no_items"),
        ("tasks.exists(t, t.minutes > 5)", "undecided"),
        ("patient.tasks.avg(t, t.minutes)", "no_items"),
        ("[n, 9007199254740991].sum()", "out_of_range"),
    ],
)
def test_why_it_is_null(text: str, why: str) -> None:
    """What made a null is named."""
    found = traced(text)
    assert found.value is None
    assert found.why == why and why in WHY


def test_every_reason_is_shown() -> None:
    """No reason is listed that nothing gives."""
    [mark] = [mark for mark in test_why_it_is_null.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]
    assert {why for _text, why in mark.args[1]} == set(WHY)


def test_items_of_a_macro() -> None:
    """Each item has its value, or the id of its row, and the parts of its condition; macros within have items of their own."""
    found = traced("tasks.exists(t, t.minutes > n)")
    [first, second] = found.items
    assert first.value == "0" * 32 and [told(part) for part in first.parts] == [
        ("t.minutes > n", True, [("t.minutes", 5), ("n", 3)])
    ]
    [part] = second.parts
    assert (part.value, part.why, part.parts[0].why) == (None, "operand", "empty")
    assert isinstance(found.parts[0].type, RowsOf) and found.parts[0].value == ("0" * 32, "0" * 31 + "1")
    inner = traced("[[1], [2, n]].map(l, l.map(x, x * n))")
    assert [item.parts[0].items[0].parts[0].text for item in inner.items] == ["x * n", "x * n"]
    assert traced("[n, m].sum()").items[0].parts == ()


def test_at_most_twenty_items() -> None:
    """A long list is cut, and the rest counted."""
    found = traced(f"{list(range(25))}.all(x, x < 30)")
    assert (len(found.items), found.more) == (MOST_ITEMS, 5)


def test_every_case_can_be_traced() -> None:
    """Of each case the trace has the value that the expression has; parts lie within what they are parts of, and say a reason for null."""
    for case in CASES:
        tree, row = tree_of(case), row_of(case)
        found = trace(tree, case["expr"], row)
        assert same(found.value, to_python(tree)(row)) and str(found.type) == case["type"]
        for step in all_steps(found):
            assert step.text == case["expr"][step.start : step.end] and step.text
            assert (step.why in WHY) if step.value is None else step.why == ""
            assert all(step.start <= part.start < part.end <= step.end for part in step.parts)
