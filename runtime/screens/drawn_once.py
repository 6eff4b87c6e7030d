"""The parts of a list's page that say the same from one request to the next, drawn once: together they cost more than its rows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from runtime.screens.environment import page
from runtime.screens.plans import ListLook, parts_of
from runtime.web.state import RequestState

__all__ = ["drawn_once"]

_SAID = ("label", "note", "new_url", "new_label", "bulk_url", "csv_url", "adjust_url", "clear_url")
_SAID_IN_TURN = ("views", "sort_choices", "chips")


def drawn_once(
    state: RequestState, look: ListLook, context: Mapping[str, Any], heads: Sequence[tuple[str, str, str]], icons: str,
) -> Mapping[str, Markup]:
    """`page.kept` of list.html, kept by everything that it says."""
    told: list[Hashable] = [context[name] for name in _SAID]
    told += [tuple([tuple(one.values()) for one in context[name]]) for name in _SAID_IN_TURN]
    key = ("list", state.language, look, *told, tuple(heads))

    def draw() -> dict[str, Markup]:
        above: Any = page("parts/list_head.html", state.language).module
        filters: Any = page("parts/filters.html", state.language).module
        columns = look.page.blocks["head_cells"](look.page.new_context({"heads": heads, "icons": icons})) if heads else ()
        return {
            "head": Markup(above.list_head(context)), "bulk": Markup(above.bulk_bar()), "columns": Markup("".join(columns)),
            "chips": Markup(filters.filter_chips(context["chips"], context["clear_url"])),
        }

    made: Mapping[str, Markup] = parts_of(state.release).get(key, draw)
    return made
