"""From a questionnaire to definitions, as plain values ready to be written: an object, its form, rows for what repeats, a score."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from engine.problems import Code, Place, Problem
from runtime.imports.questionnaires.conditions import Answered, condition
from runtime.imports.questionnaires.naming import Names
from runtime.imports.questionnaires.reading import Item, Questionnaire

__all__ = ["Converted", "Target", "convert"]

_TYPES: Mapping[str, dict[str, Any]] = {
    "boolean": {"type": "boolean"}, "decimal": {"type": "decimal", "places": 4}, "quantity": {"type": "decimal", "places": 4},
    "integer": {"type": "integer"}, "date": {"type": "date"}, "dateTime": {"type": "datetime"}, "time": {"type": "time"},
    "string": {"type": "text", "max": 500}, "text": {"type": "long_text"}, "url": {"type": "text", "max": 500},
    "reference": {"type": "text", "max": 500}, "attachment": {"type": "attachment"},
}
_LONGEST_TEXT = 500
_SCORE, _DAY = "score", "filled_on"


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """Where the definitions go: `about` is the object whose records they are about ('' for nobody), `language` of the texts."""

    name: str
    about: str = ""
    language: str = "en"


@dataclasses.dataclass(frozen=True, slots=True)
class Converted:
    """Files by path within a pack, as values. `answered` says by linkId where the answers of questions stand, `items` which item of the
    form (group or "", name) what is shown became; `notes` say what was left out."""

    files: Mapping[str, dict[str, Any]]
    answered: Mapping[str, Answered]
    items: Mapping[str, tuple[str, str]]
    notes: tuple[Problem, ...]


def convert(questionnaire: Questionnaire, target: Target, file: str) -> Converted:
    """The definitions of a questionnaire; every name is new within them."""
    return _Converting(questionnaire, target, file).convert()


class _Converting:
    def __init__(self, questionnaire: Questionnaire, target: Target, file: str) -> None:
        self._questionnaire = questionnaire
        self._target = target
        self._file = file
        self._answered: dict[str, Answered] = {}
        self._names = {"": Names({target.about, _SCORE, _DAY})}
        self._items: dict[str, Names] = {"": Names()}
        self._notes: list[Problem] = []
        self._drawn: dict[str, tuple[str, str]] = {}
        self._fields: dict[str, dict[str, Any]] = {"": {}}
        self._groups: dict[str, Item] = {}
        self._points: dict[str, dict[str, int]] = {}

    def convert(self) -> Converted:
        for item in self._questionnaire.items:
            self._name(item, "")
        items = {"": dict(self._form(self._questionnaire.items, "", []))}
        files = {f"objects/{self._target.name}.yaml": self._object()}
        for group, item in self._groups.items():
            files[f"objects/{self._object_of(group)}.yaml"] = self._row_object(group, item)
        label = self._label(self._questionnaire.title)
        files[f"forms/{self._target.name}.yaml"] = {
            "name": self._target.name, "object": self._target.name, "default": True, "label": label, "when_hidden": "clear",
            "items": {**({self._target.about: {"width": "half"}} if self._target.about else {}), _DAY: {"width": "half"}, **items[""],
                      **({_SCORE: {"read_only": True}} if self._points else {})},
        }
        if self._points:
            files[f"scores/{self._target.name}_score.yaml"] = self._score()
        return Converted(files, self._answered, self._drawn, tuple(self._notes))

    # --- names first, since conditions name what comes later ---

    def _name(self, item: Item, group: str) -> None:
        if item.type in ("group", "display"):
            inner = group
            if item.repeats and item.type == "group":
                inner = group or self._open_group(item)
            for below in item.items:
                self._name(below, inner)
            return
        rows = item.repeats and not item.options and not group
        where = self._open_group(item) if rows else group
        name = self._names[where].give(item.link_id, item.text, "question")
        options = self._option_names(item)
        self._answered[item.link_id] = Answered(where, name, many=item.repeats and bool(item.options), options=options, type=item.type)
        self._fields[where][name] = self._field(item, options)
        if options and not where and not (item.repeats and item.options) and all(o.weight is not None for o in item.options):
            self._points[name] = {options[str(o.value)]: o.weight or 0 for o in item.options}
        for below in item.items:
            self._name(below, where if rows else group)

    def _open_group(self, item: Item) -> str:
        name = self._names[""].give(item.link_id, item.text, "rows")
        self._names[name], self._items[name] = Names({self._target.name}), Names()
        self._fields[name], self._groups[name] = {}, item
        return name

    def _option_names(self, item: Item) -> dict[str, str]:
        names = Names()
        return {str(option.value): names.give(option.label, str(option.value), "option") for option in item.options}

    # --- objects ---

    def _field(self, item: Item, options: Mapping[str, str]) -> dict[str, Any]:
        label = self._label(item.text or item.link_id)
        if item.options:
            kind = "choices" if item.repeats else "choice"
            return {"type": kind, "label": label,
                    "options": {options[str(o.value)]: {"label": self._label(o.label)} for o in item.options}}
        found = dict(_TYPES.get(item.type, {"type": "text", "max": 500}))
        if item.max_length and found["type"] == "text":
            found["max"] = min(max(item.max_length, 1), 2000)
        if item.unit and found["type"] in ("decimal", "integer"):
            found["unit"] = item.unit
        if item.type in ("choice", "open-choice", "coding", "question"):
            self._note(item, "its answers to choose from, which stand elsewhere: type them as options")
        return {**found, "label": label}

    def _object(self) -> dict[str, Any]:
        about, target = self._target.about, self._target
        fields: dict[str, Any] = {}
        if about:
            fields[about] = {"type": "link", "to": about, "required": True}
        fields |= {_DAY: {"type": "date", "default": {"formula": "today"}, "label": {"en": "Filled in on", "zh": "填写日期"}}, **self._fields[""]}
        if self._points:
            fields[_SCORE] = {"type": "integer", "formula": f"{target.name}_score()", "label": {"en": "Score", "zh": "得分"}}
        return {
            "name": target.name, "label": self._label(self._questionnaire.title),
            "title": f"{{{about}}} · {{{_DAY}}}" if about else f"{{{_DAY}}}",
            **({"belongs_to": {"via": about}, "subject": about} if about else {"belongs_to": "organisation"}),
            "fields": fields,
        }

    def _row_object(self, group: str, item: Item) -> dict[str, Any]:
        name, about = self._target.name, self._target.about
        link = {"type": "link", "to": name, "required": True, "on_delete": "cascade", "inverse": group}
        return {
            "name": self._object_of(group), "label": self._label(item.text or item.link_id),
            **({"belongs_to": {"via": name}, "subject": f"{name}.{about}"} if about else {"belongs_to": "organisation"}),
            "fields": {name: link, **self._fields[group]},
        }

    def _object_of(self, group: str) -> str:
        return f"{self._target.name}_{group}"[:41].rstrip("_")

    def _score(self) -> dict[str, Any]:
        return {
            "name": f"{self._target.name}_score", "label": self._label(self._questionnaire.title), "on": self._target.name,
            "items": {name: {"points": points} for name, points in self._points.items()}, "missing": {"at_least": 1},
        }

    # --- the form ---

    def _form(self, items: tuple[Item, ...], group: str, above: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        for item in items:
            if item.hidden:
                continue
            self._left_out(item)
            own = condition(item, self._answered, group, self._target.name)
            shown = [*above, own] if own else above
            show = {"show": " && ".join(f"({each})" if len(shown) > 1 else each for each in shown)} if shown else {}
            yield from self._parts(item, group, shown, show)

    def _parts(self, item: Item, group: str, shown: list[str], show: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        rows = next((name for name, held in self._groups.items() if held is item), None)
        if rows is not None and item.type == "group":
            inner = dict(self._form(item.items, rows, []))
            self._drawn[item.link_id] = "", rows
            yield rows, {"rows": rows, "label": self._label(item.text or item.link_id), **show, "items": inner}
        elif item.type in ("group", "display"):
            if item.text:
                kind = "heading" if item.type == "group" and not group else "note"
                name = self._item_name(item, group)
                self._drawn[item.link_id] = group, name
                yield name, {kind: self._label(item.text), **show}
            if item.repeats and group:
                self._note(item, "repeating, since rows hold no rows")
            yield from self._form(item.items, group, shown)
        else:
            answered = self._answered[item.link_id]
            asked = {"read_only": True} if item.read_only else {"required": True} if item.required else {}
            self._drawn[item.link_id] = ("", rows) if rows is not None else (group, answered.field)
            if rows is not None:
                yield rows, {"rows": rows, "label": self._label(item.text or item.link_id), **show, "items": {answered.field: asked}}
            else:
                yield answered.field, {**asked, **show}
            yield from self._form(item.items, group, shown)

    def _item_name(self, item: Item, group: str) -> str:
        """A name for a heading or note that no field of the level has."""
        taken = {*self._fields[group], *self._groups, self._target.about, _SCORE, _DAY}
        name = self._items[group].give(item.link_id, item.text, "part")
        while name in taken:
            name = f"{name[:36]}_part"
        return name

    def _label(self, text: str) -> dict[str, str]:
        return {self._target.language: " ".join(text.split())[:_LONGEST_TEXT] or "–"}

    def _left_out(self, item: Item) -> None:
        for what in item.unread:
            if what != "answerValueSet":
                self._note(item, what)

    def _note(self, item: Item, what: str) -> None:
        problem = Code.IMPORT_048.at(Place(self._file), item=item.link_id, what=what)
        self._notes.append(dataclasses.replace(problem, warning=True))
