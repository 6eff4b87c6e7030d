"""What a kind of panel is: a module of this folder, named like the kind, with a function `draw`.

`draw(state, panel, record) -> Drawn | None` reads what it shows through `state.records`, notes what it saw with `state.seen`, and gives
None where the reader has nothing to see or do there. On home pages `record` is None. A new kind is a new module, and its name in
`engine.model.page.PANEL_KINDS`.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
from collections.abc import Callable, Iterable
from functools import cache

from markupsafe import Markup

from engine.model import Panel
from runtime.records.single import Record
from runtime.web.state import RequestState

__all__ = ["Drawn", "draw_all", "titled"]


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


def titled(state: RequestState, panel: Panel, otherwise: str) -> str:
    """The panel's own label, where its file gives one."""
    return panel.label(state.language) if panel.titled else otherwise
