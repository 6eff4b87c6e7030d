"""The conformance cases of CEL: what the dialect has in common with it gives the same value.

Of the cases that expect a value, 609 use no messages, unsigned numbers, bytes, types as values or types of Google. All
that differ are listed in cel_differences.yaml under the rule of the dialect that decides otherwise.
"""

import datetime
import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.expressions import check, to_python
from engine.expressions.types import BOOL, FLOAT, INT, NULL, TEXT, ListOf, MapOf, Type, is_exact
from tests.fixtures.corpus import shared_data_folder

pytestmark = pytest.mark.corpus

Case = dict[str, Any]
QUOTED = re.compile(r'"(\\.|[^"\\])*"|\'(\\.|[^\'\\])*\'')
WITHOUT = (
    r"\b(0x[0-9a-fA-F]+|[0-9]+)[uU]\b", r"\buint\b", r'\b[rR]?[bB][rR]?["\']', r"\bbytes\b", r"\bdyn\b", r"\btype\b", "google",
)
NO_VALUES = ('"uint"', "UINT64", "bytes", "google")
DIFFERENCES: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("cel_differences.yaml").read_text(encoding="utf-8")
)


def cases() -> list[Case]:
    """The cases that use nothing but what the dialect has, or has decided otherwise."""
    path = shared_data_folder() / "cel" / "cel_core_cases.jsonl"
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [case for case in found if "expect" in case and not case["needs_proto"] and selected(case)]


def selected(case: Case) -> bool:
    code = QUOTED.sub('""', case["expr"])
    values = json.dumps({key: case.get(key) for key in ("expr", "expect", "bindings", "type_env")})
    return not any(re.search(pattern, code) for pattern in WITHOUT) and not any(word in values for word in NO_VALUES)


def name_of(case: Case) -> str:
    return "/".join((case["file"], case["section"], case["name"]))


class Bound:
    """A scope of the names that a case binds, typed by their values."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def root(self, name: str) -> Type | None:
        return kind_of(self.values[name]) if name in self.values else None

    def member(self, owner: Type, name: str) -> Type | None:
        return None

    def names(self, owner: Type | None) -> Iterable[str]:
        return self.values

    def lookup(self, path: tuple[str, ...]) -> Any:
        return value_of(self.values[path[0]])


def kind_of(value: Any) -> Type:
    """The type of a tagged value of a binding."""
    if value["t"] == "list":
        return ListOf(kind_of(value["v"][0]) if value["v"] else NULL)
    if value["t"] == "map":
        [(key, item), *_] = value["v"]
        return MapOf(kind_of(key), kind_of(item))
    return {"bool": BOOL, "int": INT, "double": FLOAT, "string": TEXT, "null": NULL}[value["t"]]


def value_of(value: Any) -> Any:
    """The value that a tag and its JSON mean."""
    if value["t"] == "list":
        return tuple(map(value_of, value["v"]))
    if value["t"] == "map":
        return {value_of(key): value_of(item) for key, item in value["v"]}
    return {"int": int, "double": float, "null": lambda _: None}.get(value["t"], lambda given: given)(value.get("v"))


def same(found: Any, kind: Type, wanted: Any) -> bool:
    """Whether a value of ours is the one wanted: an integer is one by type, a double is any number of equal value."""
    tag = wanted["t"]
    if tag == "list" and isinstance(kind, ListOf):
        pairs = list(zip(found, wanted["v"], strict=False))
        return len(found) == len(wanted["v"]) and all(same(one, kind.item, two) for one, two in pairs)
    if tag == "map" and isinstance(kind, MapOf):
        return found == value_of(wanted) and len(found) == len(wanted["v"])
    if tag == "double":
        return (kind == FLOAT or is_exact(kind)) and found is not None and float(found) == float(wanted["v"])
    types = {"bool": (BOOL,), "int": (INT,), "string": (TEXT,), "null": (kind,)}.get(tag, ())
    return kind in types and found == value_of(wanted)


def outcome(case: Case) -> str:
    """Empty when the case passes, else what came instead."""
    bound = Bound(case.get("bindings", {}))
    checked = check(case["expr"], bound)
    if checked.tree is None:
        return str(checked.errors[0])
    found = to_python(checked.tree)(bound)
    return "" if same(found, checked.tree.type, case["expect"]) else f"{found!r}, a {checked.tree.type}"


def differences() -> dict[str, str]:
    """The listed cases, each with the rule that decides."""
    return {name: rule for rule, listed in DIFFERENCES.items() for name in listed["cases"]}


def test_609_cases_are_meant() -> None:
    """The selection of the issue: neither a case less nor more, and none twice under one name and expression."""
    found = cases()
    assert len(found) == 609
    assert len({(name_of(case), case["expr"]) for case in found}) == 609


def test_cases_pass_unless_a_rule_of_the_dialect_decides_otherwise() -> None:
    """At least 480 pass unchanged; a failure that is not listed, and a listed case that passes, are errors."""
    listed = differences()
    outcomes = {name_of(case): outcome(case) for case in cases()}
    failed = {name: found for name, found in outcomes.items() if found}
    assert {name: found for name, found in failed.items() if name not in listed} == {}
    assert {name for name in listed if name not in failed} == set()
    assert len(cases()) - len(failed) >= 480


def test_every_difference_has_a_rule_in_words() -> None:
    """Each rule says what the dialect does, its cases give what it says, and no case is listed twice."""
    found = {name_of(case): case for case in cases()}
    for listed in DIFFERENCES.values():
        assert listed["rule"] and listed["cases"]
        assert {name for name in listed["cases"] if listed["gives"] not in outcome(found[name])} == set()
    assert sum(len(listed["cases"]) for listed in DIFFERENCES.values()) == len(differences())


def test_a_wrong_value_is_seen() -> None:
    """The comparison tells types and values apart: it is not a check that cannot fail."""
    case = {"expr": "1 + 1", "expect": {"t": "int", "v": "2"}}
    assert outcome(case) == ""
    assert outcome({**case, "expect": {"t": "int", "v": "3"}}) == "2, a integer"
    assert outcome({**case, "expect": {"t": "string", "v": "2"}}) and outcome({**case, "expr": "2.0"})
    assert outcome({"expr": "[1]", "expect": {"t": "list", "v": []}}) and outcome({"expr": "x", "expect": {"t": "null"}})
    assert not outcome({"expr": "2.5", "expect": {"t": "double", "v": 2.5}})
    assert same(Decimal("2.5"), FLOAT, {"t": "double", "v": 2.5}) and not same(datetime.date.max, TEXT, {"t": "string", "v": ""})
