"""Reads a FHIR Questionnaire (R4 or R5, as JSON or YAML) into items, and refuses one whose conditions make no sense.

Which item is enabled follows the specification of `Questionnaire.item.enableWhen`: conditions on an item that is itself disabled, or below one
that is, are judged as if it had no answer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.problems import Code, Place, Problems, circle
from engine.text.nodes import plain
from engine.text.parse import parse
from engine.text.source import Source

__all__ = ["EnableWhen", "Item", "Questionnaire", "read_questionnaire"]

TYPES = frozenset({
    "group", "display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url", "choice", "open-choice",
    "coding", "question", "attachment", "reference", "quantity",
})
OPERATORS = frozenset({"exists", "=", "!=", ">", "<", ">=", "<="})
_WEIGHTS = ("ordinalValue", "itemWeight")
_HIDDEN = "questionnaire-hidden"
_EXPRESSION = "enableWhenExpression"


@dataclasses.dataclass(frozen=True, slots=True)
class EnableWhen:
    """One condition: what is said of the answer to `question`. `value` is a plain value; of a coding its code."""

    question: str
    operator: str
    value: Any


@dataclasses.dataclass(frozen=True, slots=True)
class AnswerOption:
    """An answer to choose: what conditions compare with, its words, and what it weighs in a score."""

    value: Any
    label: str
    weight: int | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item of a questionnaire."""

    link_id: str
    type: str
    text: str
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    hidden: bool = False
    max_length: int | None = None
    unit: str = ""
    options: tuple[AnswerOption, ...] = ()
    enable_when: tuple[EnableWhen, ...] = ()
    any_of: bool = False
    """Whether one of the conditions is enough."""
    items: tuple[Item, ...] = ()
    unread: tuple[str, ...] = ()
    """Keys and extensions that mean something and have no counterpart here."""

    def walk(self) -> Iterator[Item]:
        """The item and all below it."""
        yield self
        for item in self.items:
            yield from item.walk()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Questionnaire:
    """A questionnaire whose conditions are sound."""

    name: str
    title: str
    items: tuple[Item, ...]

    def walk(self) -> Iterator[Item]:
        """Every item, parents before what is below them."""
        for item in self.items:
            yield from item.walk()


def read_questionnaire(path: Path, problems: Problems) -> Questionnaire | None:
    """The questionnaire of a file; None with problems."""
    documents, _ = parse(Source({path.name: path.read_bytes()}), problems)
    found = plain(documents[0].root) if documents else None
    if problems.errors:
        return None
    if not isinstance(found, dict) or found.get("resourceType") != "Questionnaire":
        problems.add(Code.IMPORT_040.at(Place(path.name)))
        return None
    reader = _Reader(path.name, found, problems)
    items = tuple(reader.items(found.get("item"), 1))
    reader.check(items)
    if problems.errors:
        return None
    return Questionnaire(name=str(found.get("name") or path.stem), title=str(found.get("title") or found.get("name") or path.stem), items=items)


class _Reader:
    def __init__(self, file: str, resource: Mapping[str, Any], problems: Problems) -> None:
        self._place = Place(file)
        self._problems = problems
        self._sets = {f"#{each.get('id')}": each for each in _list(resource.get("contained")) if each.get("resourceType") == "ValueSet"}

    def items(self, found: Any, depth: int) -> Iterator[Item]:
        for each in _list(found):
            link, kind = str(each.get("linkId") or ""), str(each.get("type") or "")
            if not link or kind not in TYPES or depth > 20:
                self._problems.add(Code.IMPORT_041.at(self._place, item=link or each.get("text") or "?", type=kind or "?"))
                continue
            yield self._item(each, link, kind, depth)

    def _item(self, each: Mapping[str, Any], link: str, kind: str, depth: int) -> Item:
        extensions = {str(e.get("url", "")).rpartition("/")[2]: e for e in _list(each.get("extension"))}
        options, unread = self._options(each)
        conditions = tuple(self._condition(link, one) for one in _list(each.get("enableWhen")))
        behavior = each.get("enableBehavior")
        if len(conditions) > 1 and behavior not in ("any", "all"):
            self._problems.add(Code.IMPORT_042.at(self._place, item=link))
        names = (*each, *(name.removeprefix("sdc-questionnaire-") for name in extensions))
        unread += tuple(name for name in ("enableWhenExpression", "calculatedExpression", "initialExpression", "answerExpression") if name in names)
        return Item(
            link_id=link, type=kind, text=str(each.get("text") or ""), required=_flag(each.get("required")), repeats=_flag(each.get("repeats")),
            read_only=_flag(each.get("readOnly")), hidden=_flag(each.get("hidden")) or _value(extensions.get(_HIDDEN, {})) is True,
            max_length=each.get("maxLength") if isinstance(each.get("maxLength"), int) else None, unit=_unit(extensions), options=options,
            enable_when=conditions, any_of=behavior == "any", items=tuple(self.items(each.get("item"), depth + 1)), unread=unread,
        )

    def _options(self, each: Mapping[str, Any]) -> tuple[tuple[AnswerOption, ...], tuple[str, ...]]:
        reference = each.get("answerValueSet")
        if not reference:
            return tuple(_option(one) for one in _list(each.get("answerOption"))), ()
        found = self._sets.get(str(reference))
        if found is None:
            return (), ("answerValueSet",)
        held = [*_list(found.get("expansion", {}).get("contains"))]
        for part in _list(found.get("compose", {}).get("include")):
            held += _list(part.get("concept"))
        return tuple(AnswerOption(one.get("code"), str(one.get("display") or one.get("code"))) for one in held), ()

    def _condition(self, link: str, one: Mapping[str, Any]) -> EnableWhen:
        operator, question = str(one.get("operator") or ""), str(one.get("question") or "")
        answer = next((value for key, value in one.items() if key.startswith("answer")), None)
        if isinstance(answer, dict) and len(answer) == 1 and not answer.keys() & {"code", "value"}:
            answer = next(iter(answer.values()))  # {answer: {boolean: true}}, as some servers write it
        if operator not in OPERATORS or answer is None:
            self._problems.add(Code.IMPORT_043.at(self._place, item=link, operator=operator or "?"))
        if isinstance(answer, dict):
            answer = answer.get("code", answer.get("value"))
        return EnableWhen(question, operator, answer)

    def check(self, items: tuple[Item, ...]) -> None:
        """Every item once, every question there, no circle of conditions."""
        known: dict[str, Item] = {}
        above: dict[str, tuple[str, ...]] = {}
        for item, path in _with_parents(items, ()):
            if item.link_id in known:
                self._problems.add(Code.IMPORT_044.at(self._place, item=item.link_id))
            known[item.link_id] = item
            above[item.link_id] = path
        needs: dict[str, list[str]] = {}
        for link, item in known.items():
            for condition in item.enable_when:
                if condition.question not in known:
                    self._problems.add(Code.IMPORT_045.at(self._place, item=link, question=condition.question or "?"))
            needs[link] = [*above[link][-1:], *(c.question for c in item.enable_when if c.question in known)]
        loop = _circle(needs)
        if loop:
            self._problems.add(Code.IMPORT_046.at(self._place, item=loop[0], path=circle(loop)))


def _with_parents(items: tuple[Item, ...], above: tuple[str, ...]) -> Iterator[tuple[Item, tuple[str, ...]]]:
    for item in items:
        yield item, above
        yield from _with_parents(item.items, (*above, item.link_id))


def _circle(needs: Mapping[str, list[str]]) -> list[str]:
    """The first circle of items, its first again at its end; [] without one."""
    done: set[str] = set()
    for start in needs:
        path: dict[str, Iterator[str]] = {start: iter(needs[start])} if start not in done else {}
        while path:
            here = next(reversed(path))
            need = next(path[here], None)
            if need is None:
                done.add(here)
                del path[here]
            elif need in path:
                return [*list(path)[list(path).index(need):], need]
            elif need not in done:
                path[need] = iter(needs[need])
    return []


def _list(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _flag(value: Any) -> bool:
    """A flag, also where it was written as a text."""
    return value is True or value == "true"


def _value(extension: Mapping[str, Any]) -> Any:
    return next((value for key, value in extension.items() if key.startswith("value")), None)


def _option(one: Mapping[str, Any]) -> AnswerOption:
    value = next((held for key, held in one.items() if key.startswith("value")), None)
    weight = None
    holders = [one, value] if isinstance(value, dict) else [one]
    if isinstance(value, dict) and len(value) == 1 and isinstance(next(iter(value.values())), dict):
        value = next(iter(value.values()))
        holders.append(value)
    for holder in holders:
        for extension in _list(holder.get("extension")):
            if str(extension.get("url", "")).endswith(_WEIGHTS):
                weight = _whole(_value(extension))
    if isinstance(value, dict):
        return AnswerOption(value.get("code", value.get("display")), str(value.get("display") or value.get("code") or "?"), weight)
    return AnswerOption(value, str(value), weight)


def _whole(value: Any) -> int | None:
    try:
        return int(value) if value is not None and int(value) == float(value) else None
    except (TypeError, ValueError):
        return None


def _unit(extensions: Mapping[str, Mapping[str, Any]]) -> str:
    coding = _value(extensions.get("questionnaire-unit", {}))
    found = coding.get("display") or coding.get("code") if isinstance(coding, dict) else ""
    return str(found or "")[:12]
