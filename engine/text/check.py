"""From a Source to a Model with every problem at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from engine.model import Model
from engine.problems import Problems
from engine.registry import Registry, builtin
from engine.text.compile import compile_model
from engine.text.elements import Ids
from engine.text.link import link
from engine.text.nodes import MapNode
from engine.text.packs import headers, layers
from engine.text.parse import parse
from engine.text.read import complete
from engine.text.source import Source

__all__ = ["Checked", "check"]


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check: the Model when there is no error, and every problem. `source` holds the required packs too."""

    source: Source
    model: Model | None
    problems: Problems


def check(source: Source, *, search: Sequence[Path] = (), trusted: bool = False, registry: Registry | None = None) -> Checked:
    """Compile. `search` are folders in which required packs are looked for that the source does not hold.

    `trusted` skips the check of keys and values of each file, for the bytes of a release that was checked when published.
    Never raises for any content.
    """
    source = complete(source, search)
    problems = Problems(source.problems)
    documents, broken = parse(source, problems)
    organisation = next((d.root for d in documents if "/" not in d.source.path and isinstance(d.root, MapNode)), None)
    packs = layers(headers(documents, problems), organisation, problems)
    ids = Ids(problems)
    namespace = link(documents, broken, packs, organisation, ids, problems)
    model = compile_model(namespace, registry or builtin(), ids, source.hash, problems)
    return Checked(source, None if problems.errors else model, problems)


