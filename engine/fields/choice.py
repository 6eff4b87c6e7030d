"""Values out of a set: one option, several options, the state of a workflow."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from engine.expressions.types import ListOf, OptionOf, Type
from engine.fields.base import BadSetting, ColumnSpec, FieldType, Invalid, Links, Locale, Storage, StorageKind
from engine.problems import suggest

if TYPE_CHECKING:
    from engine.model.field import Choices, Option

__all__ = ["Choice", "ChoiceList", "OptionTable", "State"]

_SEPARATORS = re.compile(r"[,;|\n、，；]")
_OPTIONS_SCHEMA: Mapping[str, Any] = {
    "of": {"$ref": "#/$defs/reference", "description": "The choice set it draws from."},
    "options": {"$ref": "#/$defs/options", "description": "Options of its own, by name, instead of a choice set."},
}


class OptionTable:
    """A choice set turned into look-up tables, made once per set and release."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        options = tuple(choices.options.values())
        self.choosable: dict[str, str] = {o.name: o.stored for o in options if not o.retired}
        """Current name → stored name, of the options that can be chosen."""
        self.names: dict[str, str] = {o.stored: o.name for o in options}
        """Stored name → current name, retired ones included."""
        self.former: dict[str, str] = {was: o.name for o in options for was in o.former}
        """Former name → current name."""
        self.retired = frozenset(o.name for o in options if o.retired)
        self.order: dict[str, int] = {o.stored: place for place, o in enumerate(options)}
        self.by_stored: dict[str, Option] = {o.stored: o for o in options}
        self.typed = self._typed(options)

    @staticmethod
    def _typed(options: tuple[Option, ...]) -> dict[str, tuple[str, ...]]:
        """Name or label, caseless → the stored names it may mean; names win over labels."""
        found: dict[str, tuple[str, ...]] = {}
        current = [o for o in options if not o.retired]
        for option in current:
            for label in option.label.texts.values():
                key = label.strip().casefold()
                if option.stored not in found.get(key, ()):
                    found[key] = (*found.get(key, ()), option.stored)
        for option in current:
            found[option.name] = (option.stored,)
        return found

    def stored(self, name: str) -> str:
        """The stored name of a current one; raises Invalid for former, retired and unknown names."""
        found = self.choosable.get(name)
        if found is not None:
            return found
        raise self._refusal(name)

    def read(self, text: str) -> str:
        """The stored name of an option that a person named, or wrote by its label in any language."""
        means = self.typed.get(text.casefold(), ())
        if len(means) == 1:
            return means[0]
        if means:
            raise Invalid("ambiguous_option", value=text[:60])
        raise self._refusal(text)

    def _refusal(self, name: str) -> Invalid:
        shown = "".join(c if c.isprintable() else "�" for c in name[:60])
        if name in self.former:
            return Invalid("former_option", value=shown, current=self.former[name])
        if name in self.retired:
            return Invalid("retired_option", value=shown)
        near = suggest(shown, self.choosable).partition("'")[2].partition("'")[0]
        if near:
            return Invalid("unknown_option_near", value=shown, suggestion=near)
        return Invalid("unknown_option", value=shown)

    def text(self, stored: str, language: str) -> str:
        option = self.by_stored.get(stored)
        return option.label(language) if option else stored

    @property
    def expression_type(self) -> OptionOf:
        current = {o.name: o.stored for o in self.choices.options.values()}
        return OptionOf(self.choices.id, current, self.former)


@dataclasses.dataclass(frozen=True)
class Choice(FieldType):
    """One option of a set; rows keep its first name, requests and expressions use its current one."""

    name: ClassVar[str] = "choice"
    settings: ClassVar[Mapping[str, Any]] = _OPTIONS_SCHEMA
    widget: ClassVar[str] = "choice"
    example: ClassVar[str] = "{type: choice, options: {phone: {}, visit: {color: green}}}"
    operators: ClassVar[tuple[str, ...]] = ("==", "!=", "in")

    choices: Choices

    _COLUMNS: ClassVar[tuple[ColumnSpec, ...]] = (ColumnSpec("", Storage(StorageKind.TEXT)),)

    @classmethod
    def build(cls, settings: Mapping[str, Any], links: Links) -> Self:
        own, of = links.own_choices(), settings.get("of")
        if own is not None and of:
            raise BadSetting("of", "both 'of' and 'options' are given", "keep one of them")
        if own is not None:
            return cls(own)
        if not of:
            raise BadSetting("type", "it has no options", "name a choice set with 'of', or give 'options'")
        found = links.choices(of)
        if found is None:
            hint = suggest(of, links.known("choices"))
            raise BadSetting("of", f"there is no choice set '{of}'.{hint}", "name a choice set, or give 'options' here")
        return cls(found)

    @functools.cached_property
    def table(self) -> OptionTable:
        """Look-ups over the set."""
        return OptionTable(self.choices)

    @property
    def expression_type(self) -> Type:
        return self.table.expression_type

    def parse(self, value: object) -> str | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.refuse("not_option")
        return self.table.choosable.get(value) or self.table.stored(value)

    def parse_text(self, text: str, locale: Locale) -> str | None:
        text = text.strip()
        return self.table.read(text) if text else None

    def dump(self, value: str) -> str:
        return self.table.names.get(value, value)

    def archive(self, value: str | None) -> str | None:
        return value

    def text(self, value: str, locale: Locale) -> str:
        return self.table.text(value, locale.language)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.table.choosable)}


@dataclasses.dataclass(frozen=True)
class State(Choice):
    """The state of a workflow; made by the workflow, moved by its transitions only."""

    name: ClassVar[str] = "state"
    settings: ClassVar[Mapping[str, Any]] = {}
    widget: ClassVar[str] = "read_only"
    example: ClassVar[str] = "{type: state}"
    writable: ClassVar[bool] = False

    @classmethod
    def build(cls, settings: Mapping[str, Any], links: Links) -> Self:
        own = links.own_choices()
        if own is None:
            raise BadSetting("type", "no workflow has this field", "write a workflow over the object, which adds it")
        return cls(own)


@dataclasses.dataclass(frozen=True)
class ChoiceList(FieldType):
    """Several options of a set, each once, kept in the order of the set."""

    name: ClassVar[str] = "choices"
    settings: ClassVar[Mapping[str, Any]] = _OPTIONS_SCHEMA
    widget: ClassVar[str] = "choices"
    example: ClassVar[str] = "{type: choices, options: {smoker: {}, diabetic: {}}}"
    operators: ClassVar[tuple[str, ...]] = ("in",)
    sortable: ClassVar[bool] = False

    choices: Choices

    _COLUMNS: ClassVar[tuple[ColumnSpec, ...]] = (ColumnSpec("", Storage(StorageKind.TEXTS)),)

    @classmethod
    def build(cls, settings: Mapping[str, Any], links: Links) -> Self:
        return cls(Choice.build(settings, links).choices)

    @functools.cached_property
    def table(self) -> OptionTable:
        """Look-ups over the set."""
        return OptionTable(self.choices)

    @property
    def expression_type(self) -> Type:
        return ListOf(self.table.expression_type)

    def parse(self, value: object) -> tuple[str, ...] | None:
        if value is None:
            return None
        if not isinstance(value, list | tuple):
            self.refuse("not_list")
        if len(value) > len(self.table.order):
            self.refuse("too_many_options", max=len(self.table.order))
        if not all(isinstance(name, str) for name in value):
            self.refuse("not_option")
        return self._ordered([self.table.stored(name) for name in value])

    def parse_text(self, text: str, locale: Locale) -> tuple[str, ...] | None:
        """Names or labels with a comma, semicolon, bar or line break between; a label with one stands alone."""
        text = text.strip()
        if text.casefold() in self.table.typed:
            return (self.table.read(text),)
        parts = [part.strip() for part in _SEPARATORS.split(text)]
        return self._ordered([self.table.read(part) for part in parts if part])

    def _ordered(self, stored: list[str]) -> tuple[str, ...] | None:
        if len(set(stored)) < len(stored):
            self.refuse("duplicate_option")
        return tuple(sorted(stored, key=self.table.order.__getitem__)) or None

    def dump(self, value: tuple[str, ...]) -> list[str]:
        return [self.table.names.get(stored, stored) for stored in value]

    def archive(self, value: tuple[str, ...] | None) -> list[str] | None:
        return None if value is None else list(value)

    def unarchive(self, value: Any) -> tuple[str, ...] | None:
        return tuple(value) if value else None

    def text(self, value: tuple[str, ...], locale: Locale) -> str:
        between = "、" if locale.language == "zh" else ", "
        return between.join(self.table.text(stored, locale.language) for stored in value)

    def input_text(self, value: tuple[str, ...] | None, locale: Locale) -> str:
        return "\n".join(self.dump(value)) if value else ""

    def json_schema(self) -> dict[str, Any]:
        return {"type": "array", "uniqueItems": True, "items": {"type": "string", "enum": list(self.table.choosable)}}
