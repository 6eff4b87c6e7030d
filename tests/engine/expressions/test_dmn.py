"""The shared decision tables of DMN run as decision tables of ours, and every test case beside them passes.

1. All test cases of all files give what is expected: in Python, and on SQLite, PostgreSQL and in the browser for the same tree.
2. Their number is known, so that none is lost on the way.
3. A changed rule makes a case fail.
4. The spellings of FEEL that these files do not use are turned into ours as well.
"""

import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from engine.expressions import check, to_python, to_sql, walk
from engine.expressions.checker.inline import Inline
from engine.expressions.tree import Node, Ref
from engine.expressions.types import Type
from tests.builders import checked_of
from tests.engine.expressions.browser.jobs import Batch
from tests.engine.expressions.clinic import opened
from tests.engine.expressions.dmn import Case, Table, cases_of, cell_of, name_of, tables_of

pytestmark = pytest.mark.corpus


def tables(folder: Path) -> Iterator[tuple[Table, list[Case]]]:
    """Each decision table with its cases: `0004-simpletable-U.dmn` has `0004-simpletable-U-test-01.xml`."""
    for path in sorted(folder.glob("*.dmn")):
        cases = [case for tests in sorted(folder.glob(f"{path.stem}-test-*.xml")) for case in cases_of(tests)]
        for table in tables_of(path):
            yield table, [case for case in cases if case.title == table.title]


class Told:
    """A scope with the inputs of a table as names."""

    def __init__(self, inline: Inline) -> None:
        self.inline = inline
        self.types = dict(inline.inputs)

    def root(self, name: str) -> Type | None:
        return self.types.get(name)

    def member(self, owner: Type, name: str) -> Type | None:
        return None

    def names(self, owner: Type | None) -> list[str]:
        return list(self.types)

    def function(self, name: str) -> Inline | None:
        return self.inline if name == self.inline.name else None


def tree_of(table: Table) -> Node:
    name = table.definition["name"]
    made = checked_of({f"decisions/{name}.yaml": yaml.safe_dump(dict(table.definition), sort_keys=False)}, base=False)
    assert made.model is not None, [str(problem) for problem in made.problems]
    inline = made.model.decisions[name].inline
    found = check(f"{name}({', '.join(name_of(title) for title in table.inputs)})", Told(inline))
    assert found.tree is not None
    return found.tree


def row_of(case: Case) -> dict[tuple[str, ...], Any]:
    return {(name_of(title),): value for title, value in case.inputs.items()}


class Row(dict[tuple[str, ...], Any]):
    def lookup(self, path: tuple[str, ...]) -> Any:
        return self.get(path)


def failures(found: list[tuple[Table, list[Case]]]) -> list[tuple[str, str, Any, Any]]:
    wrong = []
    for table, cases in found:
        run = to_python(tree_of(table))
        for case in cases:
            got = run(Row(row_of(case)))
            if got != case.expected:
                wrong.append((table.title, case.id, got, case.expected))
    return wrong


def test_every_case_passes(shared_data: Path) -> None:
    """Requirements 1 and 2, in Python."""
    found = list(tables(shared_data / "dmn"))
    assert failures(found) == []
    assert len(found) == 4
    assert sum(len(cases) for _, cases in found) == 12
    assert sorted(table.definition["hit"] for table, _ in found) == ["any", "priority", "priority", "unique"]


def test_in_the_browser(shared_data: Path) -> None:
    """Requirement 1, in the browser."""
    batch, wanted = Batch(), []
    for table, cases in tables(shared_data / "dmn"):
        tree = tree_of(table)
        place = batch.tree(tree)
        for case in cases:
            batch.job(place, batch.env(row_of(case)))
            wanted.append((tree.type, case.expected))
    got = [result.value(kind) for result, (kind, _) in zip(batch.run().results, wanted, strict=True)]
    assert got == [value for _, value in wanted]
    assert len(got) == 12


def test_in_sql(shared_data: Path, database_url: str) -> None:
    """Requirement 1, on both databases: the inputs of a case stand in columns."""
    found = []
    with opened(database_url) as database:
        for table, cases in tables(shared_data / "dmn"):
            tree = tree_of(table)
            kinds = {part.path: part.type for part in walk(tree) if isinstance(part, Ref)}
            for case in cases:
                query = sa.select(to_sql(tree, Columns(row_of(case), kinds, database.storage), database.dialect))
                found.append((table.title, case.id, database.connection.scalar(query) == case.expected))
    assert [failed for failed in found if not failed[2]] == []
    assert len(found) == 12


class Columns:
    """A SqlSource whose columns are the values of one row."""

    def __init__(self, row: dict[tuple[str, ...], Any], kinds: dict[tuple[str, ...], Type], storage: Any) -> None:
        self.row, self.kinds, self.storage = row, kinds, storage

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]:
        kind = self.kinds[path]
        return sa.cast(sa.literal(self.storage.stored(self.row[path], kind), self.storage.type(kind)), self.storage.type(kind))

    bind = column

    def rows(self, path: tuple[str, ...]) -> Any:
        raise NotImplementedError


def test_a_changed_rule_is_seen(shared_data: Path) -> None:
    """Requirement 3."""
    [(table, cases), *_] = tables(shared_data / "dmn")
    rules = dict(table.definition["rules"])
    rules["r0"] = {**rules["r0"], "when": {**rules["r0"]["when"], "age": "> 18"}}
    assert failures([(dataclasses.replace(table, definition={**table.definition, "rules": rules}), cases)]) != []


@pytest.mark.parametrize(("cell", "ours"), [
    ("", "-"), ("-", "-"), (">=18", ">=18"), ('"a","b"', '"a","b"'), ('not("a","b")', 'not in ["a","b"]'), ("[1..5]", "[1..5]"),
    ("]1..5[", "(1..5)"), ("(1..5]", "(1..5]"),
])
def test_spellings(cell: str, ours: str) -> None:
    """Requirement 4."""
    assert cell_of(cell) == ours


def test_numbers_are_exact() -> None:
    """DMN's numbers are decimals; a bound holds exactly."""
    table = Table("T", {"name": "t", "inputs": {"n": {"type": "decimal", "places": 10}}, "outputs": {"o": {"type": "boolean"}},
                        "rules": {"a": {"when": {"n": "[0.1..0.3)"}, "then": True}}, "default": False}, ("n",))
    run = to_python(tree_of(table))
    assert [run(Row({("n",): Decimal(n)})) for n in ("0.1", "0.2999999999", "0.3", "0.0999999999")] == [True, True, False, False]
