"""The kinds of definition: the folder that says the kind and what its elements are called in messages."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from engine.problems import Code

__all__ = ["KINDS", "Kind"]


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """A kind of definition. `name_key` is the key that names one.

    `unknown` is the code of a name that is not there; None for kinds that nothing names.
    """

    folder: str
    name: str
    schema: str
    unknown: Code | None
    name_key: str = "name"


KINDS: Mapping[str, Kind] = {
    kind.folder: kind
    for kind in (
        Kind("objects", "object", "object", Code.OBJECT_001),
        Kind("choices", "choices", "choices", Code.CHOICE_001),
        Kind("forms", "form", "form", Code.FORM_004),
        Kind("views", "view", "view", None),
        Kind("workflows", "workflow", "workflow", None, name_key="object"),
        Kind("decisions", "decision", "decision", None),
        Kind("scores", "score", "score", None),
        Kind("pages", "page", "page", None),
        Kind("messages", "message", "message", Code.MESSAGE_001),
        Kind("plans", "plan", "plan", Code.CARE_012),
        Kind("scenarios", "scenario", "scenario", None),
        Kind("roles", "role", "role", None),
        Kind("data", "dataset", "data", Code.DATA_004),
    )
}
"""By folder."""
