"""From a Source to a Model with every problem at once."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.model import Model
from engine.problems import Code, Place, Problems
from engine.registry import Registry, builtin
from engine.text.compile import Context, compile_model
from engine.text.elements import Ids
from engine.text.kinds import KINDS
from engine.text.link import Namespace, link
from engine.text.nodes import Document, MapNode, Node
from engine.text.organisation import check_organisation
from engine.text.packs import headers, layers
from engine.text.parse import parse
from engine.text.read import complete
from engine.text.schemas import schemas
from engine.text.source import Source
from engine.text.validate import Validator

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
    registry = registry or builtin()
    documents, broken = parse(source, problems)
    validators = None if trusted else _validators(registry)
    documents = [document for document in documents if _at_its_place(document, problems)]
    if validators is not None:
        _validate(documents, validators, problems)
    organisation = next((d.root for d in documents if "/" not in d.source.path and isinstance(d.root, MapNode)), None)
    check_organisation(organisation, problems)
    packs = layers(headers(documents, problems), organisation, problems)
    ids = Ids(problems)
    namespace = link(documents, broken, packs, organisation, ids, problems)
    if validators is not None:
        _validate_merged(namespace, validators, problems)
    field_check = functools.partial(_field, validators["object"]) if validators is not None else None
    model = compile_model(Context(namespace, registry, ids, problems, field_check), source.hash)
    return Checked(source, None if problems.errors else model, problems)


@functools.lru_cache(maxsize=4)
def _validators(registry: Registry) -> Mapping[str, Validator]:
    return {kind: Validator(schema, f"the {kind}") for kind, schema in schemas(registry).items()}


def _schema_of(document: Document) -> str | None:
    """The name of the schema for a file, by its place; None when it is no place of a definition."""
    parts = document.source.path.split("/")
    stem = parts[-1].rpartition(".")[0]
    if len(parts) == 1:
        return "organisation" if stem == "organisation" else None
    if len(parts) == 2:
        return "pack" if stem == "pack" else None
    return KINDS[parts[1]].schema if len(parts) == 3 and parts[1] in KINDS else None


def _at_its_place(document: Document, problems: Problems) -> bool:
    if _schema_of(document) is not None:
        return True
    problems.add(Code.FILE_008.at(Place(document.source.shown), wanted=f"one of {', '.join(KINDS)}"))
    return False


def _validate(documents: Sequence[Document], validators: Mapping[str, Validator], problems: Problems) -> None:
    for document in documents:
        kind = _schema_of(document)
        if kind is not None:
            validators[kind].document(document.root, problems)


def _validate_merged(namespace: Namespace, validators: Mapping[str, Validator], problems: Problems) -> None:
    """Definitions that later layers changed: an element they added may lack a key that only the whole needs."""
    for names in namespace.kinds.values():
        for definition in names.current.values():
            if definition.changed:
                validators[names.kind.schema].whole(definition.node, problems)


def _field(validator: Validator, node: Node, kind: str, name: str, problems: Problems) -> bool:
    return validator.part(f"field.{kind}", node, f"field '{name}' of type {kind}", problems)
