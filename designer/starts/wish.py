"""What somebody wants to make, and what it begins as."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from designer.edits.edit import Edit
from designer.edits.refused import EditRefused
from designer.layers import Layers

__all__ = ["Begun", "Start", "Wish"]


@dataclasses.dataclass(frozen=True, slots=True)
class Wish:
    """`about` is the definition that it is about, '' for none; `settings` what the kind asks besides."""

    layers: Layers
    pack: str
    name: str
    label: dict[str, Any]
    about: str = ""
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def patient(self) -> str:
        """The object whose records are about themselves: the patient; '' for none."""
        return next((name for name, value in self.objects().items() if value.get("subject") == "self"), "")

    def account(self) -> str:
        """The object of those who sign in, '' for none."""
        return next((name for name, value in self.objects().items() if value.get("account")), "")

    def objects(self) -> dict[str, dict[str, Any]]:
        """Objects that are in use."""
        found = {name: self.layers.merged("objects", name) for name in self.layers.names("objects")}
        return {name: value for name, value in found.items() if not value.get("retired") and not value.get("hidden")}

    def fields(self, object_name: str = "") -> dict[str, dict[str, Any]]:
        """The fields in use of an object, of that which it is about unless said."""
        found = self.layers.elements("objects", object_name or self.about, ("fields",))
        return {name: field for name, field in found.items() if not field.get("retired") and not field.get("hidden")}

    def path_to_patient(self, object_name: str) -> str | None:
        """The path from a record to whom it is about: '' for the patient itself, None where it is about nobody."""
        subject = self.layers.merged("objects", object_name).get("subject")
        if subject in (None, "", "none"):
            return None
        return "" if subject == "self" else str(subject)

    def tasks(self) -> list[str]:
        """Objects whose records are something to do."""
        return [name for name, value in self.objects().items() if value.get("task")]

    def setting(self, key: str, *known: str) -> str:
        """A word of the settings, the first of `known` unless said. Raises EditRefused for another."""
        found = str(self.settings.get(key) or known[0])
        if found not in known:
            raise EditRefused("bad_edit", why=f"'{key}': {found[:40]}")
        return found

    def words(self, text: str) -> dict[str, str]:
        """The label with a text behind it, by language."""
        english, _, chinese = text.partition("|")
        return {code: f"{label}{chinese if code.startswith('zh') else english}" for code, label in self.label.items()}


@dataclasses.dataclass(frozen=True, slots=True)
class Begun:
    """The file's value, and what else is put in so that it works: edits before the file is made and after it."""

    value: dict[str, Any]
    before: tuple[Edit, ...] = ()
    after: tuple[Edit, ...] = ()


Start = Callable[[Wish], Begun]
