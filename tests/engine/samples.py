"""Small Models made by hand, for tests of what comes after the compiler; real types, no mocks."""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from engine.fields import FIELD_TYPES
from engine.fields.base import FieldType
from engine.model import (
    BelongsTo,
    Choices,
    Field,
    Label,
    ListView,
    Model,
    Object,
    Option,
    Organisation,
    Title,
)
from engine.problems import Place

PLACE = Place("made/by/hand.yaml")


def label(text: str, chinese: str = "") -> Label:
    return Label({"en": text, "zh": chinese} if chinese else {"en": text})


def option(name: str, **given: Any) -> Option:
    """An option whose stored name is `stored`, else its own."""
    stored = given.pop("stored", name)
    shown = given.pop("label", label(name.title()))
    return Option(id=f"core:set.{stored}", name=name, label=shown, place=PLACE, stored=stored, **given)


def choice_set(*options: Option, name: str = "set") -> Choices:
    return Choices(
        id=f"core:{name}", name=name, label=label(name), place=PLACE, options={each.name: each for each in options})


class SampleLinks:
    """What types ask for while they are built: two objects, one choice set, and options of the field's own."""

    def __init__(self, own: Choices | None = None) -> None:
        self.own = own
        self.sets = {"channel": choice_set(option("phone"), option("visit"), name="channel")}

    def choices(self, name: str) -> Choices | None:
        return self.sets.get(name)

    def own_choices(self) -> Choices | None:
        return self.own

    def object(self, name: str) -> str | None:
        return name if name in ("staff", "patient") else None

    def known(self, kind: str) -> Iterable[str]:
        return self.sets if kind == "choices" else ("staff", "patient")


def build(line: str) -> FieldType:
    """The type that a YAML line means, e.g. `{type: integer, min: 0}`."""
    settings: dict[str, Any] = yaml.safe_load(line)
    name = settings.pop("type")
    own = settings.pop("options", None)
    if name == "state":
        own = {"planned": {}, "done": {}}
    links = SampleLinks(choice_set(*(option(each) for each in own)) if own else None)
    return FIELD_TYPES[name].build(settings, links)


def field(name: str, kind: FieldType | str, *, object_name: str = "patient", **given: Any) -> Field:
    """A field of `core:<object>`; `kind` is a type or its YAML line."""
    made = build(kind) if isinstance(kind, str) else kind
    given.setdefault("id", f"core:{object_name}.{name}")
    return Field(name=name, label=label(name), place=PLACE, type=made, **given)


def an_object(name: str, fields: Mapping[str, FieldType | str | Field], scope: str = "clinic", **given: Any) -> Object:
    made = {
        key: kind if isinstance(kind, Field) else field(key, kind, object_name=name) for key, kind in fields.items()}
    given.setdefault("id", f"core:{name}")
    return Object(
        name=name, label=label(name), place=PLACE, plural=label(name), title=Title("", ()),
        belongs_to=BelongsTo(scope, root=name, root_scope=scope), fields=made, **given)


def a_model(*objects: Object, views: Iterable[ListView] = (), **given: Any) -> Model:
    return Model(
        hash="0" * 64, organisation=Organisation(name="test", label=label("Test")), packs={},
        objects={each.name: each for each in objects}, choices={}, forms={}, views={each.name: each for each in views},
        workflows=given.pop("workflows", {}), roles={}, datasets={}, retired=given.pop("retired", {}), **given)
