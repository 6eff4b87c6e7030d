"""Lists: the source of a page with its columns spelled out, and of the table of related rows on a record page.

Rows come as tuples: the id, the ready text of each cell in order, and at the end whether the row is overdue.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.targets.screens.cells import Cell
from engine.targets.screens.emit import html

__all__ = ["list_source", "table_source"]


def list_source(object_name: str, cells: Sequence[Cell], language: str) -> str:
    """Source of the list page. Context beside list.html's: `rows`, `heads` [(url, direction, icon)] in the order of cells, `icons`."""
    head = "".join(_sorting_head(place, cell, language) for place, cell in enumerate(cells))
    return (
        '{% extends "list.html" %}\n'
        f"{{% block head_cells %}}{head}{{% endblock %}}\n"
        f"{{% block rows %}}{_rows(object_name, cells, language)}{{% endblock %}}\n"
    )


def table_source(object_name: str, cells: Sequence[Cell], language: str) -> str:
    """Source of a table that stands alone, without sorting. Context: `caption`, `rows`."""
    head = "".join(f'<th scope="col"{_class("num" if cell.numeric else "")}>{html(cell.label(language))}</th>' for cell in cells)
    return (
        '<div class="table-frame"><table class="table list" data-rows><caption class="visually-hidden">{{ caption }}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{_rows(object_name, cells, language)}</tbody></table></div>\n"
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


def _rows(object_name: str, cells: Sequence[Cell], language: str) -> str:
    names = "".join(f"c{place}, " for place in range(len(cells)))
    body = "".join(_cell(place, cell, language) for place, cell in enumerate(cells) if place)
    first = f'<th scope="row"><a href="/o/{html(object_name)}/{{{{ id }}}}">{{{{ c0 }}}}</a></th>\n'
    return f"{{% for id, {names}late in rows %}}<tr>\n{first}{body}</tr>\n{{% endfor %}}"


def _cell(place: int, cell: Cell, language: str) -> str:
    look = cell.look
    if cell.due:
        look += "{% if late %} late{% endif %}"
    return f'<td data-label="{html(cell.label(language))}"{_class(look)}>{{{{ c{place} }}}}</td>\n'


def _class(names: str) -> str:
    return f' class="{names}"' if names else ""
