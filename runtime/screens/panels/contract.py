"""What a kind of panel is: a module of this folder, named like the kind, with a function `draw`.

`draw(state, panel, record) -> Drawn | None` reads what it shows through `state.records`, notes what it saw with `state.seen`, and gives
None where the reader has nothing to see or do there. On home pages `record` is None. A new kind is a new module, and its name in
`engine.model.page.PANEL_KINDS`.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from markupsafe import Markup

from engine.model import Panel
from runtime.records.single import Record
from runtime.screens.environment import page
from runtime.screens.plans import parts_of
from runtime.screens.stencil import Stencil
from runtime.web.state import RequestState

__all__ = ["Drawn", "draw_all", "placed", "titled"]


@dataclasses.dataclass(slots=True, kw_only=True)
class Drawn:
    """A panel ready for its page. `body` is HTML; `alert` puts it at the head of the page."""

    id: str
    title: str
    body: Markup
    icon: str = ""
    count: str = ""
    tone: str = "plain"
    """`plain`, or `alert` for what is late or dangerous."""
    all_url: str | None = None
    new_url: str | None = None
    new_label: str | None = None
    side: bool = False
    alert: bool = False
    bare: bool = False
    """Whether it brings a frame of its own."""


Draw = Callable[[RequestState, Panel, Record | None], Drawn | None]


@cache
def _drawing(kind: str) -> Draw | None:
    """The function of a kind; None for one whose feature is not installed."""
    name = f"runtime.screens.panels.{kind}"
    if importlib.util.find_spec(name) is None:
        return None
    found: Draw = importlib.import_module(name).draw
    return found


def draw_all(state: RequestState, panels: Iterable[Panel], record: Record | None = None) -> list[Drawn]:
    """The panels that have something to show, in order."""
    found = []
    for panel in panels:
        draw = _drawing(panel.kind)
        drawn = draw(state, panel, record) if draw is not None else None
        if drawn is not None:
            drawn.side, drawn.alert = panel.side, panel.alert
            found.append(drawn)
    return found


def placed(state: RequestState, drawn: Sequence[Drawn]) -> dict[str, Sequence[Drawn | Markup]]:
    """By where they stand, for a page's template; what is no warning stands in its card."""
    return {
        "alerts": [one for one in drawn if one.alert],
        "main": [_card(state, one) for one in drawn if not one.alert and not one.side],
        "side": [_card(state, one) for one in drawn if not one.alert and one.side],
    }


def _card(state: RequestState, drawn: Drawn) -> Markup:
    """The panel in its card, of which all but what changes from page to page is drawn once."""
    if drawn.bare:
        return drawn.body
    holes = (drawn.body, drawn.count, drawn.new_url, drawn.all_url)
    key = ("panel", state.language, drawn.id, drawn.title, drawn.icon, drawn.tone, drawn.new_label, *map(bool, holes[1:]))

    def make() -> Stencil:
        macros: Any = page("parts/panel.html", state.language).module

        def draw(marks: Sequence[Markup]) -> str:
            count, new_url, all_url = (mark if text else None for mark, text in zip(marks[1:], holes[1:], strict=True))
            return str(macros.panel(dataclasses.replace(drawn, body=marks[0], count=count or "", new_url=new_url, all_url=all_url)))

        return Stencil(draw, len(holes))

    card: Stencil = parts_of(state.release).get(key, make)
    return card.fill(*(text or "" for text in holes))


def titled(state: RequestState, panel: Panel, otherwise: str) -> str:
    """The panel's own label, where its file gives one."""
    return panel.label(state.language) if panel.titled else otherwise
