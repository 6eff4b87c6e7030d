"""What an edit is: a frozen value that knows what it does to the texts of a draft, and how to say it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from designer.edits.patch import Files, Patch
from designer.edits.refused import EditRefused
from designer.edits.writing import is_value
from engine.text.limits import MAX_BYTES

__all__ = ["Bench", "Composite", "Edit", "Reverse", "Together"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change as a person means it."""

    kind: ClassVar[str] = ""
    """Its name in JSON."""
    words: ClassVar[tuple[str, str]] = ("", "")
    """How it is said in English and in Chinese."""

    def patch(self, files: Files) -> Patch:
        """What it does to these files. Raises EditRefused, and then it does nothing."""
        raise NotImplementedError

    def reverse(self, files: Files) -> Edit:
        """The edit that gives these files back once this one is made on them."""
        return Reverse(of=self, made=self.patch(files))

    def describe(self, language: str) -> str:
        """The change in a sentence."""
        english, chinese = self.words
        return (chinese if language.startswith("zh") else english).format(**self.said(language))

    def said(self, language: str) -> dict[str, object]:
        """What fills the sentence."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, **{field.name: getattr(self, field.name) for field in dataclasses.fields(self)}}

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> Edit:
        """Raises EditRefused for what is missing, unknown or of the wrong kind."""
        known = {field.name: field for field in dataclasses.fields(cls)}
        unknown = sorted(set(found) - set(known) - {"kind"})
        if unknown:
            raise EditRefused("bad_edit", why=f"'{unknown[0][:40]}'")
        given: dict[str, Any] = {}
        for name, field in known.items():
            if name in found:
                given[name] = _READERS[field.metadata.get("reads", "text")](name, found[name])
            elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
                raise EditRefused("bad_edit", why=f"'{name}'")
        return cls(**given)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > 1_000:
        raise EditRefused("bad_edit", why=f"'{name}'")
    return value


def _optional(name: str, value: Any) -> str | None:
    return None if value is None else _text(name, value)


def _long(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_BYTES:
        raise EditRefused("too_large", limit=MAX_BYTES)
    return value


def _names(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > 20:
        raise EditRefused("bad_edit", why=f"'{name}'")
    return tuple(_text(name, item) for item in value)


def _value(name: str, value: Any) -> Any:
    if not is_value(value):
        raise EditRefused("no_value")
    return value


def _map(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise EditRefused("bad_edit", why=f"'{name}'")
    return dict(_value(name, value))


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise EditRefused("bad_edit", why=f"'{name}'")
    return value


_READERS = {
    "text": _text, "optional": _optional, "long": _long, "names": _names, "value": _value, "map": _map, "flag": _flag,
}


def reads(how: str, **more: Any) -> Any:
    """A field of an edit that is read from JSON in one of the ways of `_READERS`."""
    return dataclasses.field(metadata={"reads": how}, **more)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Reverse(Edit):
    """Takes an edit back."""

    kind: ClassVar[str] = "reverse"

    of: Edit
    made: Patch

    def patch(self, files: Files) -> Patch:
        return self.made.reversed()

    def reverse(self, files: Files) -> Edit:
        return self.of

    def describe(self, language: str) -> str:
        said = self.of.describe(language)
        return f"撤销：{said}" if language.startswith("zh") else f"Undone: {said}"


class Bench:
    """Files on which the parts of an edit are made one after the other."""

    def __init__(self, files: Files) -> None:
        self.files: dict[str, str] = dict(files)
        self.patch = Patch()

    def do(self, edit: Edit) -> None:
        made = edit.patch(self.files)
        self.files = made.on(self.files)
        self.patch = self.patch.then(made)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Composite(Edit):
    """An edit that is made of others."""

    def patch(self, files: Files) -> Patch:
        bench = Bench(files)
        self.make(bench)
        return bench.patch

    def make(self, bench: Bench) -> None:
        """Do the parts. Raises EditRefused; then none is done."""
        raise NotImplementedError


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Together(Composite):
    """Edits that a person made by one press: all or none, and one step of undo."""

    kind: ClassVar[str] = "together"

    edits: tuple[Edit, ...]

    @staticmethod
    def of(edits: Sequence[Edit]) -> Edit:
        """The edit itself when it is one."""
        return edits[0] if len(edits) == 1 else Together(edits=tuple(edits))

    def make(self, bench: Bench) -> None:
        for edit in self.edits:
            bench.do(edit)

    def describe(self, language: str) -> str:
        return ("；" if language.startswith("zh") else "; ").join(edit.describe(language) for edit in self.edits)
