"""A small evaluator of FHIR's `enableWhen`, and random answers for it; it shares nothing with the product.

An answer set is {linkId: [values]}; of a repeating group {linkId: [answer set, …]}, one for each row. What is visible is a set of
(row or -1, linkId).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Form", "coded", "load", "random_answers", "visible"]

Answers = Mapping[str, list[Any]]
Form = dict[str, Any]


def load(path: Path) -> Form:
    """The resource as it is written."""
    text = path.read_text("utf-8")
    found: Form = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    return found


def coded(value: Any) -> Any:
    """What two answers are compared by: of a coding its code."""
    if isinstance(value, dict):
        inner = value.get("Coding", value)
        return inner.get("code") if isinstance(inner, dict) else inner
    return str(value) if hasattr(value, "isoformat") else value


def options(item: Form) -> list[Any]:
    return [coded(next(held for key, held in one.items() if key.startswith("value"))) for one in item.get("answerOption", [])]


def hidden(item: Form) -> bool:
    marks = [e for e in item.get("extension", []) if e["url"].endswith("questionnaire-hidden")]
    return item.get("hidden") is True or any(e.get("valueBoolean") for e in marks)


def below(form: Form) -> Iterator[Form]:
    for item in form.get("item", []):
        yield item
        yield from below(item)


def visible(form: Form, answers: Answers, *, ghosts: bool = False) -> set[tuple[int, str]]:
    """Every item that is enabled and not hidden. `ghosts` lets disabled items keep their answers, which is wrong."""
    return _Evaluation(form, answers, ghosts).visible()


class _Evaluation:
    def __init__(self, form: Form, answers: Answers, ghosts: bool) -> None:
        self.form = form
        self.answers = answers
        self.ghosts = ghosts
        self.items = {item["linkId"]: item for item in below(form)}
        self.parent = {child["linkId"]: item for item in self.items.values() for child in item.get("item", [])}
        self.known: dict[tuple[int, str], bool] = {}

    def group(self, item: Form) -> Form | None:
        """The repeating group that an item stands in, the outermost."""
        found, here = None, self.parent.get(item["linkId"])
        while here is not None:
            if here.get("repeats") and here["type"] == "group":
                found = here
            here = self.parent.get(here["linkId"])
        return found

    def visible(self) -> set[tuple[int, str]]:
        found = set()
        for item in self.items.values():
            group = self.group(item)
            rows = range(len(self.answers.get(group["linkId"], []))) if group else [-1]
            found |= {(row, item["linkId"]) for row in rows if self.enabled(item, row) and not self.unseen(item)}
        return found

    def unseen(self, item: Form) -> bool:
        return hidden(item) or (item["linkId"] in self.parent and self.unseen(self.parent[item["linkId"]]))

    def enabled(self, item: Form, row: int) -> bool:
        key = row if self.group(item) else -1, item["linkId"]
        if key not in self.known:
            parent = self.parent.get(item["linkId"])
            tests = [self.holds(one, item, row) for one in item.get("enableWhen", [])]
            own = not tests or (any(tests) if item.get("enableBehavior") == "any" else all(tests))
            self.known[key] = own and (parent is None or self.enabled(parent, row))
        return self.known[key]

    def values(self, question: Form, asking: Form, row: int) -> list[Any]:
        group, here = self.group(question), self.group(asking)
        if hidden(question):
            return []
        if group is None:
            there = self.ghosts or self.enabled(question, -1)
            return list(self.answers.get(question["linkId"], [])) if there else []
        sets = self.answers.get(group["linkId"], [])
        rows = [row] if group is here else range(len(sets))
        return [value for each in rows if self.ghosts or self.enabled(question, each) for value in sets[each].get(question["linkId"], [])]

    def holds(self, test: Form, item: Form, row: int) -> bool:
        answer = next(held for key, held in test.items() if key.startswith("answer"))
        if isinstance(answer, dict) and "boolean" in answer:
            answer = answer["boolean"]
        wanted, operator = coded(answer), test["operator"]
        values = self.values(self.items[test["question"]], item, row)
        if operator == "exists":
            return bool(values) is bool(wanted)
        if operator == "!=":
            return all(value != wanted for value in values)
        compare = {"=": lambda x: x == wanted, ">": lambda x: x > wanted, "<": lambda x: x < wanted, ">=": lambda x: x >= wanted,
                   "<=": lambda x: x <= wanted}[operator]
        return any(compare(value) for value in values)


def random_answers(form: Form, chance: random.Random) -> dict[str, list[Any]]:
    """Some answers: mostly those that conditions ask for, or close to them."""
    asked: dict[str, list[Any]] = {}
    for item in below(form):
        for test in item.get("enableWhen", []):
            answer = next(held for key, held in test.items() if key.startswith("answer"))
            if test["operator"] != "exists":
                plain = answer["boolean"] if isinstance(answer, dict) and "boolean" in answer else answer
                asked.setdefault(test["question"], []).append(coded(plain))
    return _filled(form, asked, chance)


def _filled(form: Form, asked: Mapping[str, list[Any]], chance: random.Random) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item in form.get("item", []):
        if item["type"] == "group" and item.get("repeats"):
            found[item["linkId"]] = [_filled(item, asked, chance) for _ in range(chance.randint(0, 3))]
            continue
        if item["type"] not in ("group", "display") and not hidden(item) and not item.get("readOnly") and chance.random() < 0.75:
            held = _values(item, asked.get(item["linkId"], []), chance)
            if held:
                found[item["linkId"]] = held
        found |= _filled(item, asked, chance)
    return found


def _values(item: Form, asked: list[Any], chance: random.Random) -> list[Any]:
    held = options(item)
    if held:
        return [one for one in held if chance.random() < 0.4] if item.get("repeats") else [chance.choice(held)]
    if item["type"] == "boolean":
        return [chance.random() < 0.6]
    if item["type"] in ("attachment", "choice", "open-choice") or (item.get("repeats")):
        return []
    near = [value for one in asked for value in _near(one)]
    return [chance.choice(near or _ANY[item["type"]])]


def _near(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [value]
    if isinstance(value, int):
        return [value - 1, value, value + 1]
    if isinstance(value, float):
        return [float(Decimal(str(value)) + Decimal(step) / 10) for step in (-1, 0, 1)]
    return [value, f"{value}x", value[:-1] or "x"] if isinstance(value, str) and not value[:4].isdigit() else [value]


_ANY: Mapping[str, list[Any]] = {
    "integer": [0, 3, 12], "decimal": [0.5, 12.0], "quantity": [70.0], "string": ["a", "test"], "text": ["a"], "url": ["https://example.org"],
    "date": ["2020-04-30", "2020-05-01", "2021-01-01"], "dateTime": ["2020-05-01T10:00:00Z"], "time": ["08:00:00", "13:30:00"], "reference": ["Li"],
}
