"""A form that comes in: what its conditions say to the values, for every way in which forms are filled.

Values of items that are not shown are never stored: by the item's policy the record keeps what it has, or is emptied. What is given for them is
refused when a program sends it, and left out with a word when a page does, whose inputs may have been shown without scripts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Mapping, Sequence
from typing import Any

from engine.fields.base import Invalid
from engine.model import Form, FormItem
from engine.model.form import WhenHidden
from engine.targets.sheet import Answers, Sheet
from runtime.records.answers import RecordAnswers, live_form
from runtime.records.commands import Encoding
from runtime.records.messages import text
from runtime.records.outcomes import FieldError
from runtime.records.query import Reading
from runtime.records.values import Inputs
from runtime.records.writing.loading import prepared_once

__all__ = ["Filled", "Filling", "fill"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What somebody filled in: `values` by field, as a command takes them; `writable` are the fields that she may write here.

    `id` is None for a new record, whose `defaults` (in memory) then count. `rows` are those of the items that have some.
    """

    values: Mapping[str, object]
    id: str | None = None
    encoding: Encoding = Encoding.TEXT
    writable: Container[str] = ()
    defaults: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    rows: Mapping[str, Sequence[Filling]] | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What is left to do: `values` to send, what must not be empty, what is wrong; `ignored` are fields whose values were left out."""

    sheet: Sheet
    values: Mapping[str, object]
    required: frozenset[str]
    missing: tuple[str, ...]
    """Of `required`, those that would be empty."""
    errors: tuple[FieldError, ...]
    ignored: tuple[str, ...]
    rows: Mapping[str, tuple[Filled, ...]] = dataclasses.field(default_factory=dict)


def fill(reading: Reading, form: Form, filling: Filling) -> Filled:
    """Decide a form over what was filled in. Values that cannot be read count as untouched; saving refuses them."""
    live = live_form(reading.release, form)
    rows: dict[str, list[RecordAnswers]] | None = None
    if filling.rows is not None:
        rows = {name: [_answers(reading, form, name, each, None) for each in several] for name, several in filling.rows.items()}
    answers = _answers(reading, form, "", filling, rows)
    sheet = live.decide(answers)
    found = _Settling(reading, form, "", filling, answers).settled(sheet)
    below = {
        name: tuple(
            _Settling(reading, form, name, each, there).settled(state)
            for each, there, state in zip(several, (rows or {})[name], sheet.groups[name], strict=True)
        )
        for name, several in (filling.rows or {}).items()
    }
    return dataclasses.replace(found, rows=below)


def _answers(reading: Reading, form: Form, group: str, filling: Filling, rows: Mapping[str, Sequence[Answers]] | None) -> RecordAnswers:
    inputs = _inputs(reading, _object_of(form, group))
    typed = {}
    for name, value in filling.values.items():
        try:
            typed[name] = inputs.read(inputs.object.fields[name], value, filling.encoding)[0]
        except Invalid:
            continue
    return RecordAnswers(
        reading, live_form(reading.release, form), filling.id, typed, group=group, defaults=filling.defaults, rows=rows if not group else {})


def _object_of(form: Form, group: str) -> str:
    return form.items[group].row_object if group else form.object


def _inputs(reading: Reading, object_name: str) -> Inputs:
    model, language = reading.release.model, reading.locale.language
    made: Inputs = prepared_once(reading.release, ("form inputs", object_name, language), lambda: Inputs(model, model.objects[object_name], language))
    return made


class _Settling:
    """One level of a form: what its sheet does to the values."""

    def __init__(self, reading: Reading, form: Form, group: str, filling: Filling, answers: RecordAnswers) -> None:
        self._items: Mapping[str, FormItem] = form.items[group].items if group else form.items
        self._form = form
        self._filling = filling
        self._answers = answers
        self._language = reading.locale.language
        self._values = dict(filling.values)
        self._errors: list[FieldError] = []
        self._ignored: list[str] = []

    def settled(self, sheet: Sheet) -> Filled:
        required = set()
        for name, item in self._items.items():
            state = sheet.items[name]
            if not item.field:
                continue
            if not state.shown:
                self._turn_away(item.field, "not_asked")
                if self._form.policy(item) is WhenHidden.CLEAR:
                    self._clear(item.field)
            elif state.read_only:
                self._turn_away(item.field, "fixed_now")
            elif state.required and item.field in self._filling.writable:
                required.add(item.field)
        missing = tuple(item.field for item in self._items.values() if item.field in required and self._empty(item.field))
        return Filled(
            sheet=sheet, values=self._values, required=frozenset(required), missing=missing, errors=tuple(self._errors),
            ignored=tuple(self._ignored))

    def _turn_away(self, field: str, code: str) -> None:
        if field not in self._values:
            return
        value = self._values.pop(field)
        if self._filling.encoding is Encoding.JSON:
            self._errors.append(FieldError(field, code, text(code, self._language)))
        elif value not in ("", [], None) and self._answers.typed.get(field, value) != self._answers.lookup((field,)):
            self._ignored.append(field)

    def _clear(self, field: str) -> None:
        """Empties the record's value; where she may not write it, it stays."""
        filling = self._filling
        if field in filling.writable and (filling.id is None or self._answers.lookup((field,)) is not None):
            self._values[field] = None

    def _empty(self, field: str) -> bool:
        """Whether the record would have no value; one that cannot be read has an error of its own."""
        if field not in self._values:
            return self._answers.lookup((field,)) is None
        return field in self._answers.typed and self._answers.typed[field] is None
