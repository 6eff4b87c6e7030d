"""One attempt at a list of commands: who writes what under which release, and what became of each command."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from engine.model import Object, Transition
from runtime.access import Access
from runtime.identity.actor import Actor
from runtime.records.binds import dialect_name, expression_binds
from runtime.records.commands import Command, RequestInfo
from runtime.records.messages import text
from runtime.records.outcomes import FieldError, Kind, Outcome, Refused, Written
from runtime.records.upkeep.keeping import Upkeep
from runtime.records.values import Inputs
from runtime.records.writing.happening import Happening
from runtime.records.writing.journal import Journal
from runtime.store.compiled import Release

__all__ = ["Item", "LateRefusals", "Raced", "Work"]


class Raced(Exception):
    """Somebody else changed a row between our reading and our writing; the transaction is begun again."""


class LateRefusals(Exception):
    """Refusals found after something was written for these commands: the transaction is begun again without them."""

    def __init__(self, refusals: Mapping[int, Refused]) -> None:
        super().__init__()
        self.refusals = refusals


@dataclasses.dataclass(slots=True)
class Item:
    """A command with its place in the list and what is known of its row so far."""

    place: int
    command: Any
    id: str = ""
    old: dict[str, Any] = dataclasses.field(default_factory=dict)
    """The stored row: field or runtime column name → in-memory value; empty for a new row."""
    new: dict[str, Any] = dataclasses.field(default_factory=dict)
    """Field name → in-memory value that differs from `old`."""
    behind: dict[tuple[str, ...], Any] = dataclasses.field(default_factory=dict)
    """Values behind links, by path."""
    flags: tuple[bool, ...] = ()
    warnings: list[FieldError] = dataclasses.field(default_factory=list)

    @property
    def row(self) -> dict[str, Any]:
        """The row as it will be."""
        return {**self.old, **self.new}


@dataclasses.dataclass(kw_only=True)
class Work:
    """What every step needs, and the outcomes as they come in."""

    connection: Connection
    release: Release
    access: Access
    actor: Actor
    now: datetime.datetime
    request: RequestInfo
    new_id: Callable[[], str]
    journal: Journal
    language: str
    precheck: bool = False
    """Look for duplicates before writing; set after the database has refused one."""
    outcomes: dict[int, Outcome] = dataclasses.field(default_factory=dict)
    known_clinics: set[str] = dataclasses.field(default_factory=set)
    """Clinics that commands name and that are there, asked once per transaction."""
    followed: frozenset[str] = frozenset()
    """Names of the objects whose changes somebody follows."""
    happened: list[Happening] = dataclasses.field(default_factory=list)
    """Changes of followed objects, in order."""
    inner: list[Work] = dataclasses.field(default_factory=list)
    """What followers had carried out in the same transaction."""
    depth: int = 0
    """How many changes led to this one."""
    shared: dict[str, Any] = dataclasses.field(default_factory=dict)
    """What followers keep for the length of the attempt, the same in all that follows; by keys of their own."""

    def __post_init__(self) -> None:
        self.dialect = dialect_name(self.connection)
        self.upkeep = Upkeep(self.connection, self.release, self.now, self.new_id)
        self.binds = {
            **expression_binds(self.actor, self.now, self.release.model, self.dialect),
            **self.access.binds(self.actor, self.dialect),
        }

    def inputs(self, object: Object) -> Inputs:
        """The reader of values for an object in the actor's language."""
        key = ("records.inputs", object.name, self.language)
        found: Inputs | None = self.release.cache.get(key)
        if found is None:
            found = self.release.cache[key] = Inputs(self.release.model, object, self.language)
        return found

    def say(self, code: str, **words: object) -> str:
        """The text of a code in the actor's language."""
        return text(code, self.language, **words)

    def error(self, field: str, code: str, **words: object) -> FieldError:
        """A field error with its text."""
        return FieldError(field, code, self.say(code, **words), words)

    def refusal(self, item: Item, kind: Kind, code: str = "", *, errors: Sequence[FieldError] = (), **more: Any) -> Refused:
        """A refusal of an item's command."""
        command: Command = item.command
        words = more.pop("words", {})
        message = self.say(code or kind.value, **words)
        object_name = getattr(command, "object", "")
        id = getattr(command, "id", None) or ""
        return Refused(kind=kind, message=message, errors=tuple(errors), object=object_name, id=id, **more)

    def refuse(self, item: Item, kind: Kind, code: str = "", *, errors: Sequence[FieldError] = (), **more: Any) -> None:
        """Record a refusal; the item must not be worked on further."""
        self.outcomes[item.place] = self.refusal(item, kind, code, errors=errors, **more)

    def open(self, items: Sequence[Item]) -> list[Item]:
        """Those not refused so far."""
        return [item for item in items if item.place not in self.outcomes]

    def done(self, item: Item, version: int, *, changed: bool = True) -> None:
        """Record that the command took effect."""
        name = self.object_name(item)
        self.outcomes[item.place] = Written(name, item.id, version, tuple(item.warnings), changed)

    def note(
        self, object: Object, id: str, action: str, version: int, *, old: Mapping[str, Any] | None = None,
        row: Mapping[str, Any] | None = None, transition: Transition | None = None,
    ) -> None:
        """Remember a change for those who follow the object."""
        if object.name in self.followed:
            self.happened.append(Happening(
                object=object.name, id=id, action=action, version=version, transition=transition, old=old or {}, row=row or {}))

    def warn(self, object_name: str, id: str, code: str) -> None:
        """Tell whoever began of something about a record that was written, beside what stands in its outcome."""
        self.shared.setdefault("warnings", {}).setdefault((object_name, id), []).append(self.error("", code))

    def warned(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """The outcomes with the warnings that followers had."""
        told: Mapping[tuple[str, str], list[FieldError]] = self.shared.get("warnings", {})
        return [
            dataclasses.replace(one, warnings=(*one.warnings, *told[one.object, one.id]))
            if isinstance(one, Written) and (one.object, one.id) in told else one
            for one in outcomes
        ]

    def everything(self) -> Iterator[Work]:
        """This work and all that followed from it."""
        yield self
        for inner in self.inner:
            yield from inner.everything()

    def object_name(self, item: Item) -> str:
        """The name of the object that an item's command is about."""
        return getattr(item.command, "object", "") or item.old.get("~object", "")
