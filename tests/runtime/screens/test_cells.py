"""The rows of a table, drawn a column at a time.

1. Rows that are seen in different ways, on one page, come out as each would alone, in their order; so do overdue ones.
2. Signs of formats in a label or a value stand there as they are.
"""

import dataclasses
import datetime

import pytest

from engine.fields.base import Locale
from engine.targets.screens import Cell, row_pieces
from runtime.access import Sight
from runtime.identity.actor import system_actor
from runtime.records.query import ListQuery
from runtime.records.rows import Page
from runtime.screens import cells as module
from runtime.screens.cells import RowDrawing
from tests.runtime.api.world import Web

TODAY = datetime.date(2026, 3, 4)


def _drawn(web: Web, page: Page, label: str = "") -> RowDrawing:
    model = web.store.release().model
    due = next(column for column in page.columns if column.field.name == "due")
    cells = [Cell(c.key, (lambda _: label) if label else c.label, c.field, False, c is due) for c in page.columns]  # type: ignore[arg-type]
    around = [row_pieces("task", cells, "en", late=late) for late in (False, True)]
    return RowDrawing(model, page.object, page.columns, Locale("UTC", "CN", "en"), "(masked)", around)


def _page(web: Web) -> Page:
    for day in (1, 9, 2, 8):
        web.task(due=f"2026-03-0{day}")
    return web.site.records.list(ListQuery(object="task", limit=4), system_actor(TODAY))


def test_rows_seen_in_different_ways(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirement 1. The chain's due date is not required, so it is not taken for when a task is due unless told."""
    monkeypatch.setattr(module, "due_field", lambda object: object.fields["due"])
    page = _page(web)
    masks = tuple(Sight.MASK for _ in page.columns)
    rows = [
        row if place % 2 else dataclasses.replace(row, sights=masks, values=tuple(f"<{place}*" for _ in page.columns))
        for place, row in enumerate(page.rows)
    ]
    drawing = _drawn(web, page)
    for shown in (rows, list(page.rows)):
        alone = [drawing.rows([row], TODAY) for row in shown]
        assert len(set(alone)) == len(page.rows) == 4
        assert drawing.rows(shown, TODAY) == "".join(alone)
    assert drawing.rows(page.rows, TODAY).count(" late") == 2
    assert drawing.rows(rows, TODAY).count('class="masked">&lt;0*<') == len(page.columns)


def test_formats_are_not_followed(web: Web) -> None:
    """Requirement 2."""
    page = _page(web)
    html = _drawn(web, page, "100 %s %% %(x)s").rows(page.rows, TODAY)
    assert html.count('data-label="100 %s %% %(x)s"') == 4 * (len(page.columns) - 1)
