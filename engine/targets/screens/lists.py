"""Lists: the source of a page with its columns spelled out, and of the table of related rows on a record page.

The rows stand in the source as one ready text, which is made with `row_pieces`.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.targets.screens.cells import Cell
from engine.targets.screens.emit import html

__all__ = ["list_source", "row_pieces", "table_source"]


def list_source(object_name: str, cells: Sequence[Cell], language: str) -> str:
    """Source of the list page. Context beside list.html's: `rows`, `heads` [(url, direction, icon)] in the order of cells, `icons`."""
    head = "".join(_sorting_head(place, cell, language) for place, cell in enumerate(cells))
    return (
        '{% extends "list.html" %}\n'
        f"{{% block head_cells %}}{head}{{% endblock %}}\n"
        f"{{% block rows %}}{{{{ rows }}}}{{% endblock %}}\n"
    )


def table_source(object_name: str, cells: Sequence[Cell], language: str) -> str:
    """Source of a table that stands alone, without sorting. Context: `caption`, `rows`."""
    head = "".join(f'<th scope="col"{_class("num" if cell.numeric else "")}>{html(cell.label(language))}</th>' for cell in cells)
    return (
        '<div class="table-frame"><table class="table list" data-rows><caption class="visually-hidden">{{ caption }}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{{{{ rows }}}}</tbody></table></div>\n"
    )


def _sorting_head(place: int, cell: Cell, language: str) -> str:
    name, numeric = html(cell.label(language)), _class("num" if cell.numeric else "")
    if not cell.sortable:
        return f'<th scope="col"{numeric}>{name}</th>'
    head = f"heads[{place}]"
    return (
        f'<th scope="col"{numeric}{{% if {head}[1] %}} aria-sort="{{{{ {head}[1] }}}}"{{% endif %}}><a href="{{{{ {head}[0] }}}}">{name}'
        f'<svg class="icon" aria-hidden="true" focusable="false"><use href="{{{{ icons }}}}#{{{{ {head}[2] }}}}"/></svg></a></th>'
    )


def row_pieces(object_name: str, cells: Sequence[Cell], language: str, *, late: bool = False) -> tuple[str, ...]:
    """What stands in a row around its id and the ready HTML of each cell in order: one piece more than those texts. `late` marks an
    overdue row.

    Joining them costs a tenth of what a template's loop costs, and lists are what is looked at most.
    """
    return (
        f'<tr>\n<th scope="row"><a href="/o/{html(object_name)}/', '">', *(_before(n, cell, language, late) for n, cell in enumerate(cells[1:])),
        f"{'</td>' if cells[1:] else '</a></th>'}\n</tr>\n",
    )


def _before(place: int, cell: Cell, language: str, late: bool) -> str:
    """The end of the cell before and the beginning of this one."""
    look = f"{cell.look} late" if cell.due and late else cell.look
    return f'{"</td>" if place else "</a></th>"}\n<td data-label="{html(cell.label(language))}"{_class(look)}>'


def _class(names: str) -> str:
    return f' class="{names}"' if names else ""
