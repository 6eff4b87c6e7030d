"""Questionnaires as compiled forms, with answers in the form of each evaluator."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.model import Model
from engine.problems import Problems
from engine.targets.browser_form import form_to_browser
from engine.targets.browser_values import to_json
from engine.targets.sheet import LiveForm, Sheet
from engine.text import check, read_bytes
from runtime.imports.questionnaires.converting import Converted, Target, convert
from runtime.imports.questionnaires.reading import Questionnaire, read_questionnaire
from runtime.imports.questionnaires.writing import as_yaml

__all__ = ["Imported", "imported"]

PACK = "name: test\nversion: 1.0.0\nlanguage: 1\nlabel: Test\n"


@dataclasses.dataclass
class Typed:
    """Answers of a new record: what was typed, and nothing else."""

    typed: Mapping[str, Any]
    groups: Mapping[str, Sequence[Typed]] = dataclasses.field(default_factory=dict)
    opaque: frozenset[str] = frozenset()

    def lookup(self, path: tuple[str, ...]) -> Any:
        return None

    def behind(self, field: str, id: str, path: tuple[str, ...]) -> Any:
        return None

    def rows(self, item: str) -> Sequence[Typed]:
        return self.groups.get(item, ())

    def as_json(self) -> dict[str, Any]:
        """The same for the browser."""
        rows = {name: [each.as_json() for each in several] for name, several in self.groups.items()}
        return {"typed": {name: to_json(value) for name, value in self.typed.items()}, "known": {}, "rows": rows}


@dataclasses.dataclass
class Imported:
    """A questionnaire, what it was converted to, and the form that came of it."""

    questionnaire: Questionnaire
    converted: Converted
    model: Model
    live: LiveForm

    @property
    def browser(self) -> Any:
        return form_to_browser(self.live, self.model.objects, lambda group, path: True)

    def typed(self, answers: Mapping[str, list[Any]]) -> Typed:
        """Answers by linkId as what was typed into the form."""
        groups: dict[str, list[Typed]] = {}
        own: dict[str, Any] = {}
        for link, values in answers.items():
            if link in self.converted.answered:
                own |= self._value(link, values)
            else:
                groups[self.converted.items[link][1]] = [Typed(self._row(each)) for each in values]
        return Typed(own, groups)

    def _row(self, answers: Mapping[str, list[Any]]) -> dict[str, Any]:
        return {name: value for link, values in answers.items() for name, value in self._value(link, values).items()}

    def _value(self, link: str, values: list[Any]) -> dict[str, Any]:
        answer = self.converted.answered[link]
        if answer.options:
            names = [answer.options[str(value)] for value in values]
            return {answer.field: tuple(names) if answer.many else names[0]}
        return {answer.field: _READ.get(answer.type, str)(values[0])}

    def shown(self, sheet: Sheet) -> set[tuple[int, str]]:
        """What a sheet shows, as the reference says it."""
        found = set()
        for link, (group, name) in self.converted.items.items():
            states = [(n, s) for n, s in enumerate(sheet.groups[group])] if group else [(-1, sheet)]
            found |= {(row, link) for row, state in states if state.items[name].shown}
        return found

    def shown_json(self, sheet: Any) -> set[tuple[int, str]]:
        """The same of a browser's sheet."""
        found = set()
        for link, (group, name) in self.converted.items.items():
            states = list(enumerate(sheet["groups"][group])) if group else [(-1, sheet)]
            found |= {(row, link) for row, state in states if name in state["items"]}
        return found


_READ: Mapping[str, Any] = {
    "integer": int, "decimal": lambda x: Decimal(str(x)), "quantity": lambda x: Decimal(str(x)), "boolean": bool,
    "date": datetime.date.fromisoformat, "dateTime": datetime.datetime.fromisoformat, "time": datetime.time.fromisoformat,
}


def imported(path: Path) -> Imported:
    """The compiled form of a file."""
    problems = Problems()
    questionnaire = read_questionnaire(path, problems)
    assert questionnaire is not None, list(problems)
    converted = convert(questionnaire, Target("asked"), path.name)
    files = {f"test/{name}": as_yaml(values).encode() for name, values in converted.files.items()}
    checked = check(read_bytes({"test/pack.yaml": PACK.encode(), **files}))
    assert checked.model is not None and not checked.problems.errors, list(checked.problems.errors)
    return Imported(questionnaire, converted, checked.model, LiveForm(checked.model.forms["asked"], checked.model.objects))
