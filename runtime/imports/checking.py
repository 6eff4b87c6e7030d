"""Holds a mapping against the object it fills, the rights of the account, and the header of the table."""

from __future__ import annotations

from typing import Any

from engine.model import Object
from engine.problems import Code, Place, Problems, suggest
from runtime.access import Access
from runtime.identity.actor import Actor
from runtime.imports.mapping import ImportMapping
from runtime.imports.table import Table
from runtime.store.compiled import Release

__all__ = ["check_mapping"]


def check_mapping(mapping: ImportMapping, file: str, table: Table, release: Release, actor: Actor, problems: Problems) -> None:
    """Hold the mapping against the object, the account's rights and the table's header."""
    object = release.model.objects.get(mapping.object)
    rights = Access.of(release, actor).object(mapping.object) if object is not None else None
    if object is None or rights is None or not (rights.allows("create") or rights.allows("update")):
        known = [name for name in release.model.objects if Access.of(release, actor).object(name).allows("read")]
        place = mapping.places.get("object", Place(file))
        problems.add(Code.IMPORT_004.at(place, name=mapping.object, suggestion=suggest(mapping.object, known)))
        return
    for rule in mapping.columns:
        _check_field(rule.field, rule.match, object, release, rule.place, problems)
    key_place = mapping.places.get("key", Place(file))
    mapped = {rule.field for rule in mapping.columns}
    for name in mapping.key:
        if name not in mapped:
            problems.add(Code.IMPORT_009.at(key_place, field=name, why="no column is mapped to it"))
    _check_headers(mapping, file, table, problems)


def _check_field(name: str, match: str, object: Object, release: Release, place: Place, problems: Problems) -> None:
    field = object.fields.get(name)
    if field is None:
        problems.add(Code.IMPORT_005.at(place, object=object.name, name=name, suggestion=suggest(name, object.fields)))
    elif not field.typed:
        problems.add(Code.IMPORT_006.at(place, field=name, why="the program gives it its value"))
    elif match and not field.type.link_to:
        problems.add(Code.IMPORT_006.at(place, field=name, why="'match' is for links"))
    elif match and match not in release.model.objects[field.type.link_to].fields:
        linked = release.model.objects[field.type.link_to]
        problems.add(Code.IMPORT_005.at(place, object=linked.name, name=match, suggestion=suggest(match, linked.fields)))


def _check_headers(mapping: ImportMapping, file: str, table: Table, problems: Problems) -> None:
    headers = [header for header in table.header if header]
    used = {source for rule in mapping.columns for source in rule.sources} | set(mapping.ignore)
    used |= {mapping.country} & set(headers)
    for rule in mapping.columns:
        for source in rule.sources:
            if source not in headers:
                words: dict[str, Any] = {"name": source, "suggestion": suggest(source, headers), "known": ", ".join(headers[:40])}
                problems.add(Code.IMPORT_007.at(rule.place, **words))
    country = mapping.country
    if country and country not in headers and not (len(country) == 2 and country.isascii() and country.isupper()):
        words = {"name": country, "suggestion": suggest(country, headers), "known": ", ".join(headers[:40])}
        problems.add(Code.IMPORT_007.at(mapping.places["country"], **words))
    double = {header for header in headers if headers.count(header) > 1}
    for problem in table.problems:
        header = table.header[problem.place.column - 1]
        problems.add(problem if header not in double & used else type(problem)(problem.place, problem.code, problem.message, problem.fix))
    for header in dict.fromkeys(headers):
        if header not in used:
            problems.add(Code.IMPORT_008.at(table.place(1, headers.index(header) + 1), warning=True, name=header))
