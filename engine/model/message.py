"""A message: what people are told, per language, and through which channels."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

from engine.expressions.tree import Node
from engine.model.element import Element

__all__ = ["Filling", "Hole", "Message", "Template"]


class Hole(enum.Enum):
    """What a template may hold that is no value of the record."""

    LINK = "link"
    """The address of the form that the recipient fills."""


@dataclasses.dataclass(frozen=True, slots=True)
class Template:
    """A text with holes: literal texts, trees over the record and `Hole`s, in order; null prints as nothing."""

    text: str
    parts: tuple[str | Node | Hole, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Filling:
    """What is done by the link in a message: a form over the record is filled, and perhaps a transition taken with it."""

    form: str
    transition: str = ""
    """Of the object's workflow; '' saves the answers alone."""
    days: int = 7
    """So long the link is good."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Message(Element):
    """A message about a record of `object`."""

    object: str
    subject: Mapping[str, Template]
    """The subject line by language code."""
    body: Mapping[str, Template]
    channels: tuple[str, ...]
    """Names of channels in the order they are tried; the first that the recipient can be reached by is used."""
    purpose: str = "care"
    """`care` or `marketing`."""
    filling: Filling | None = None
    """The form that the recipient fills by a link in the message."""
    show: tuple[str, ...] = ()
    """Paths of restricted fields that the text may hold for a patient, who has no rights of her own."""
    urgent: bool = False
    """Whether quiet hours do not hold it back."""

    @property
    def link(self) -> str:
        """The form of the link, '' for a message without one."""
        return self.filling.form if self.filling else ""
