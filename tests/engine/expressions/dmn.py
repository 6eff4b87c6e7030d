"""Decision tables of DMN (OMG, formal/2024, chapter 8) as definitions of ours, with the test cases that stand beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

__all__ = ["Case", "Table", "cases_of", "tables_of"]

TYPES = {"number": "decimal", "string": "text", "boolean": "boolean", "date": "date"}
HITS = {"UNIQUE": "unique", "FIRST": "first", "ANY": "any", "PRIORITY": "priority"}
AGGREGATES = {"SUM": "collect sum", "MIN": "collect min", "MAX": "collect max", "COUNT": "collect count"}


@dataclass(frozen=True)
class Table:
    """A decision with its name in DMN, its definition, and DMN's names of its inputs in their order."""

    title: str
    definition: Mapping[str, Any]
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """One test case: which decision, what it is told, what it must give."""

    id: str
    title: str
    inputs: Mapping[str, Any]
    expected: Any


def name_of(text: str) -> str:
    """A name of ours for one of DMN: `Approval Status` is approval_status, `RiskCategory` risk_category."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    return re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_")


def tables_of(path: Path) -> Iterator[Table]:
    """Every decision table of a file. Raises ValueError for what ours do not have."""
    root = ElementTree.parse(path).getroot()
    space = {"d": root.tag[1:].partition("}")[0]}
    for decision in root.findall("d:decision", space):
        table = decision.find("d:decisionTable", space)
        if table is not None:
            yield _table(decision.attrib["name"], decision, table, space)


def _text(element: ElementTree.Element | None, space: Mapping[str, str]) -> str:
    found = element.findtext("d:text", "", dict(space)) if element is not None else ""
    return (found or "").strip()


def _table(title: str, decision: ElementTree.Element, table: ElementTree.Element, space: Mapping[str, str]) -> Table:
    inputs: dict[str, Any] = {}
    titles: list[str] = []
    for each in table.findall("d:input", space):
        expression = each.find("d:inputExpression", space)
        assert expression is not None
        titles.append(_text(expression, space))
        kind = TYPES[expression.attrib["typeRef"]]
        inputs[name_of(titles[-1])] = {"type": kind, **({"places": 10} if kind == "decimal" else {})}
    outputs: dict[str, Any] = {}
    variable = decision.find("d:variable", space)
    for each in table.findall("d:output", space):
        kind = each.get("typeRef") or (variable.attrib["typeRef"] if variable is not None else "string")
        order = [value(part) for part in _split(_text(each.find("d:outputValues", space), space)) if part]
        outputs[name_of(each.get("name") or title)] = {"type": TYPES[kind], **({"order": order} if order else {})}
    policy = table.get("hitPolicy", "UNIQUE")
    return Table(title, {
        "name": name_of(title), "hit": AGGREGATES[table.attrib["aggregation"]] if policy == "COLLECT" else HITS[policy],
        "inputs": inputs, "outputs": outputs,
        "rules": {f"r{at}": _rule(rule, list(inputs), list(outputs), space) for at, rule in enumerate(table.findall("d:rule", space))},
    }, tuple(titles))


def _rule(rule: ElementTree.Element, inputs: list[str], outputs: list[str], space: Mapping[str, str]) -> dict[str, Any]:
    cells = [_text(entry, space) for entry in rule.findall("d:inputEntry", space)]
    given = [value(_text(entry, space)) for entry in rule.findall("d:outputEntry", space)]
    return {
        "when": {name: cell_of(cell) for name, cell in zip(inputs, cells, strict=True)},
        "then": dict(zip(outputs, given, strict=True)),
    }


def _split(text: str) -> list[str]:
    """The parts between commas outside texts."""
    return [part.strip() for part in re.findall(r'(?:"(?:\\.|[^"])*"|[^,"])+', text)]


def cell_of(cell: str) -> str:
    """A unary test of FEEL in our words: nearly all are spelled alike; `not(…)` is a list, `]a..b[` has round brackets."""
    cell = cell.strip()
    if cell in ("", "-"):
        return "-"
    found = re.fullmatch(r"not\((.*)\)", cell, re.DOTALL)
    if found:
        return f"not in [{found[1]}]"
    return re.sub(r"^\](.*\.\..*)\[$", r"(\1)", cell)


def value(text: str) -> Any:
    """A literal of FEEL: a text, a number, a boolean or null."""
    if text.startswith('"'):
        return text[1:-1]
    if text in ("true", "false"):
        return text == "true"
    return None if text == "null" else _number(text)


def _number(text: str) -> int | str:
    return int(text) if re.fullmatch(r"-?[0-9]+", text) else text


def cases_of(path: Path) -> Iterator[Case]:
    """Every result that a file of test cases expects."""
    root = ElementTree.parse(path).getroot()
    space = {"t": root.tag[1:].partition("}")[0]}
    for case in root.findall("t:testCase", space):
        inputs = {node.attrib["name"]: _typed(node.find("t:value", space)) for node in case.findall("t:inputNode", space)}
        for result in case.findall("t:resultNode", space):
            expected = _typed(result.find("t:expected/t:value", space))
            yield Case(case.attrib["id"], result.attrib["name"], inputs, expected)


def _typed(node: ElementTree.Element | None) -> Any:
    if node is None or node.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true":
        return None
    kind = next((word for name, word in node.attrib.items() if name.endswith("}type")), "").rpartition(":")[2]
    text = node.text or ""
    return Decimal(text) if kind in ("decimal", "double", "integer") else text == "true" if kind == "boolean" else text
