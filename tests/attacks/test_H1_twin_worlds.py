"""H1, twin worlds: whatever one may not see makes no difference to any answer (A-01 … A-18 as a class).

1. Two databases differ in hidden and restricted fields, masked digits, the hidden state, rows of another clinic and what was
   deleted there. Every route, field, operator, sort, export, search, refusal and conflict is answered alike, byte for byte.
2. Each planted weakness is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from runtime.access import ObjectAccess, Sight, rules
from runtime.records import past, scope, selecting, sources, stream
from runtime.records.conditions import Conditions
from tests.attacks.twins import Reader, differences, make, twins


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published chain, before the worlds part."""
    folder = tmp_path_factory.mktemp("twins") / "prepared"
    folder.mkdir()
    make(folder / "carework.sqlite3", folder.parent)
    return folder


@pytest.fixture
def readers(tmp_path: Path, prepared: Path) -> Iterator[tuple[Reader, Reader]]:
    """The reader in both worlds."""
    found = twins(tmp_path, prepared)
    yield found
    for reader in found:
        reader.web.close()


def test_what_is_hidden_makes_no_difference(readers: tuple[Reader, Reader]) -> None:
    """Requirement 1; and the questions are real ones: some are answered, others refused in every way there is."""
    statuses: set[object] = set()
    assert differences(*readers, statuses=statuses) == []
    assert statuses == {200, 302, 400, 403, 404, 409, 412}


def _unguarded_filters(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(scope.ReaderScope, "_find", lambda self, name: self.model.objects[name].fields.items())
    patch.setattr(sources.GuardedSource, "shown", lambda self, path: None)


def _unguarded_titles(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(selecting.Selecting, "_title_shown", lambda self, source, linked: None)


def _open_history(patch: pytest.MonkeyPatch) -> None:
    entry = past.history_entry
    for module in (past, stream):
        patch.setattr(
            module, "history_entry", lambda row, object, sights: entry(row, object, {f.id: Sight.VALUE for f in object.fields.values()}))


def _open_stream(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(stream.GuardedSource, "column", lambda self, path: self.source.column(path))
    patch.setattr(ObjectAccess, "rows", lambda self, action, source: sa.true())


def _board_of_anybody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Conditions, "rights", lambda self: [sa.true()])
    patch.setattr(Conditions, "branches", lambda self: [sa.true()])


def _open_rows(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ObjectAccess, "rows", lambda self, action, source: sa.true())


def _open_formulas(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "formula_inputs", lambda field: ())


def _all_child_rows(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sources.RowSource, "rows", lambda self, path: self.whole.rows(path))


def _child_rows_of_anybody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sources.GuardedSource, "rows", lambda self, path: self.source.whole.rows(path))


def _open_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "rows_inputs", lambda objects, name, field: ())


@pytest.mark.parametrize("plant", [_unguarded_filters, _unguarded_titles, _open_history, _open_stream, _board_of_anybody, _open_rows, _open_formulas,
                                   _all_child_rows, _child_rows_of_anybody, _open_counts])
def test_a_planted_weakness_is_found(plant: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prepared: Path) -> None:
    """Requirement 2: one path that forgets to ask what the reader may see."""
    plant(monkeypatch)
    one, two = twins(tmp_path, prepared)
    found = differences(one, two, most=1)
    one.web.close()
    two.web.close()
    assert found, re.sub("_", " ", plant.__name__)
