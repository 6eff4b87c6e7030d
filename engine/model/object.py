"""An object: its fields, whose rows it has (`belongs_to`), whom they are about (`subject`), its rules and indexes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from engine.expressions.tree import Node
from engine.model.element import Element, Label
from engine.model.field import Field
from engine.model.rule import Rule

__all__ = ["BelongsTo", "Check", "Contact", "Index", "Inverse", "Object", "Roster", "Task", "Title", "UniqueRule"]


@dataclasses.dataclass(frozen=True, slots=True)
class BelongsTo:
    """Whose row: `clinic`, `clinics`, `organisation`, or `via` a link field (its name) whose target decides."""

    scope: str
    """One of `clinic`, `clinics`, `organisation`, `via`."""
    via: str = ""
    root_path: tuple[str, ...] = ()
    """For `via`: the links to follow to the row that carries the clinics itself, e.g. ("treatment", "patient")."""
    root: str = ""
    """The object that carries the clinics itself (the object's own name unless `via`)."""
    root_scope: str = ""
    """The root's scope: `clinic`, `clinics` or `organisation`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Inverse:
    """The other end of a link with `inverse: tasks`: the records of `object` whose link field `link` points here."""

    name: str
    object: str
    link: str


@dataclasses.dataclass(frozen=True, slots=True)
class Roster:
    """Which link fields of a row say who (`person`) is in which team (`team`); the team's clinic is where it counts."""

    team: str
    person: str


@dataclasses.dataclass(frozen=True, slots=True)
class Task:
    """Which fields make a record something to do: when it is due, who does it, what it is called; '' where it has none."""

    due: str
    assignee: str = ""
    label: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Contact:
    """Which fields say how a person is reached, and what she refuses; '' where it has none."""

    email: str = ""
    phone: str = ""
    language: str = ""
    refuses: str = ""
    """A boolean: no contact at all."""
    refused_channels: str = ""
    """A field of several choices: no contact that way."""
    marketing: str = ""
    """A boolean: she agreed to messages of the purpose `marketing`, which nobody gets without."""


@dataclasses.dataclass(frozen=True, slots=True)
class Title:
    """What a row is called: literal texts and trees, in order; null prints as nothing."""

    text: str
    parts: tuple[str | Node, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class UniqueRule(Element):
    """At most one row per combination of values within `scope` (`clinic` or `organisation`); null never collides."""

    fields: tuple[str, ...]
    scope: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Index(Element):
    """Columns in order; a name is a field or one of `clinic_id`, `subject_id`, `created_at`, `updated_at`, `id`."""

    fields: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Check(Element):
    """A validation of the whole row; unknown passes; `message` is shown beside `field` when it names one."""

    rule: Rule
    message: Label
    field: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Object(Element):
    """An object. `fields` by current name in order, retired ones left out (they are in `retired_fields`)."""

    plural: Label
    title: Title
    belongs_to: BelongsTo
    subject: tuple[tuple[str, ...], ...] = ()
    """Paths of links to the patients the row is about; ((),) is the row itself; () is nobody."""
    account: bool = False
    """Whether a person who signs in is a record of this object."""
    clinic: bool = False
    """Whether its records are the clinics."""
    roster: Roster | None = None
    """For the object whose rows say who is in which team; `user.teams` comes from it."""
    task: Task | None = None
    contact: Contact | None = None
    icon: str = ""
    fields: Mapping[str, Field]
    retired_fields: Mapping[str, Field] = dataclasses.field(default_factory=dict)
    inverses: Mapping[str, Inverse] = dataclasses.field(default_factory=dict)
    """Names for the rows that point here, by name; in expressions they stand beside the fields."""
    unique: Mapping[str, UniqueRule] = dataclasses.field(default_factory=dict)
    indexes: Mapping[str, Index] = dataclasses.field(default_factory=dict)
    checks: Mapping[str, Check] = dataclasses.field(default_factory=dict)
    workflow: str = ""
    """The name of the object's workflow field, '' without one; the Workflow is `model.workflows[object.name]`."""
    help: Label | None = None

    @property
    def links(self) -> tuple[Field, ...]:
        """The fields that hold a link to another record."""
        return tuple(field for field in self.fields.values() if field.type.link_to)
