"""A message: what people are told, per language, and through which channels."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from engine.model.element import Element
from engine.model.object import Title

__all__ = ["Message"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Message(Element):
    """A message about a record of `object`."""

    object: str
    subject: Mapping[str, Title]
    """The subject line by language code."""
    body: Mapping[str, Title]
    channels: tuple[str, ...]
    """Names of channels in the order they are tried; the first that the recipient can be reached by is used."""
    purpose: str = "care"
    """`care` or `marketing`."""
    link: str = ""
    """The form that the recipient fills by a link in the message; '' for none."""
    show: tuple[str, ...] = ()
    """Paths of restricted fields that the text may hold for a patient, who has no rights of her own."""
    urgent: bool = False
    """Whether quiet hours do not hold it back."""
