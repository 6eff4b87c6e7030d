"""Conditions as rows and as text.

1. What rows can say comes back as the same rows and, written anew, as the same text.
2. What they cannot say gives none, and the text stays a text.
3. Random rows survive the way through text; what is written can be parsed. Planted faults: a lost bracket and a wrong operator are found.
4. Rows that say nothing sensible are refused.
"""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from designer import conditions
from designer.conditions import Group, Literal, Row, Said, group_of_json, rows_of, text_of
from designer.edits.refused import EditRefused
from engine.expressions.syntax.parse import parse

SAME = [
    "has(pain)", "pain >= 7 && status in ['planned', 'due']", "a == 1 || (b == 2 && !c) || (has(d) && (e < 3 || f))", "due < today + days(3)",
    "!(status in ['x'])", "'vip' in tags", "!('vip' in tags)", "assignee == user.id || patient.team in user.teams", "!deceased", "x == y - (z - 1)",
    "kind == 'it\\'s'", "fee > 1.50", "birth == date('2026-01-01')", "patient.doctor.name == 'Li'", "x == null", "n == -3", "",
]
WRITTEN = {
    "x != null": "has(x)", "!has(x)": "x == null", "7 <= pain": "pain >= 7", 'kind=="a"&&(b)': "kind == 'a' && b", "a && (b && c)": "a && b && c",
    "-1 < n": "n > -1",
}
TEXT_ONLY = ["tasks.count(t, !t.done) > 0", "age(birth) > 3", "a ? b : c", "a + 1", "name.matches('^x')", "!(a && b)", "x[0] == 1", "1 == 1", "&&"]


@pytest.mark.parametrize("text", SAME)
def test_rows_give_the_text_back(text: str) -> None:
    """Requirement 1."""
    found = rows_of(text)
    assert found is not None and text_of(found) == text
    assert group_of_json(found.as_json()) == found


@pytest.mark.parametrize("text", WRITTEN)
def test_other_spellings_are_written_in_one_way(text: str) -> None:
    """Requirement 1."""
    found = rows_of(text)
    assert found is not None and text_of(found) == WRITTEN[text] and rows_of(WRITTEN[text]) == found


@pytest.mark.parametrize("text", TEXT_ONLY)
def test_what_rows_cannot_say_stays_text(text: str) -> None:
    """Requirement 2."""
    assert rows_of(text) is None


def random_group(chance: Random, every: bool, depth: int) -> Group:
    items: list[Row | Group] = []
    for _ in range(chance.randint(2, 4)):
        if depth and chance.random() < 0.3:
            items.append(random_group(chance, not every, depth - 1))
        else:
            field = chance.choice(["a", "b.c", "status"])
            value: Any = chance.choice([
                Literal("x'y\\"), Literal(-5), Literal(Decimal("2.50")), Literal(True), Said("today + days(3)"), Said("user.id")])
            operator = chance.choice(["is", "less", "at_least", "filled", "empty", "one_of", "none_of", "contains", "within", "true", "false"])
            bare = operator in ("filled", "empty", "true", "false")
            listed = operator in ("one_of", "none_of")
            plain = Literal("z") if operator == "contains" else Said("user.teams") if operator == "within" else value
            items.append(Row(field, operator, None if bare else (Literal("p"), Literal(2)) if listed else plain))
    return Group(every, tuple(items))


def round_trips(seed: int) -> None:
    group = random_group(Random(seed), seed % 2 == 0, 2)
    text = text_of(group)
    parse(text)
    assert rows_of(text) == group, text


def test_random_rows_survive() -> None:
    """Requirement 3."""
    for seed in range(500):
        round_trips(seed)


def test_a_lost_bracket_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirement 3, the planted fault."""
    right = conditions._group
    monkeypatch.setattr(conditions, "_group", lambda group, depth: right(group, depth).replace("(", "(", 1) if depth == 0 else
                        right(group, depth) + " || a && b")
    with pytest.raises(AssertionError):
        test_random_rows_survive()


@pytest.mark.parametrize("wrong", [{"less": "<="}, {"at_least": ">"}, {"is_not": "=="}])
def test_a_wrong_operator_is_found(monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str]) -> None:
    """Requirement 3, the planted fault."""
    monkeypatch.setattr(conditions, "_COMPARED", conditions._COMPARED | wrong)
    with pytest.raises(AssertionError):
        for text in ("a < 3", "a >= 3", "a != 3"):
            test_rows_give_the_text_back(text)


@pytest.mark.parametrize("sent", [
    None, {"items": 1}, {"items": [1]}, {"items": [{"field": "a b", "operator": "is", "value": 1}]}, {"items": [{"field": "", "operator": "filled"}]},
    {"items": [{"field": "a", "operator": "is"}]}, {"items": [{"field": "a", "operator": "one_of", "value": []}]},
    {"items": [{"field": "a", "operator": "nonsense", "value": 1}]}, {"items": [{"field": "a", "operator": "is", "value": {"said": "1) || (true"}}]},
    {"items": [{"field": "a", "operator": "is", "value": {"decimal": "x"}}]},
])
def test_rows_without_sense_are_refused(sent: Any) -> None:
    """Requirement 4."""
    with pytest.raises(EditRefused):
        text_of(group_of_json(sent))
