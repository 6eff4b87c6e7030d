"""Pages put together of panels: the page of a record, and the page that somebody's day begins with."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from engine.model.element import Element

__all__ = ["PANEL_KINDS", "Page", "Panel"]

PANEL_KINDS = {
    "record": ("facts", "rows", "plans", "messages", "stream"),
    "home": ("tasks", "agenda", "inbox", "create", "recent", "rows"),
}
"""What a panel may be, on the page of a record and on a home page."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Panel(Element):
    """A panel. What it shows is said by `kind`, one of PANEL_KINDS."""

    kind: str
    object: str = ""
    """Of `rows` and `agenda`: whose records; '' where the kind finds them by itself."""
    view: str = ""
    """The view that gives which rows, their order and their columns; '' for the object's default list without its filter."""
    link: str = ""
    """Of `rows` on the page of a record: the field that leads from the row to the record."""
    fields: tuple[str, ...] = ()
    """Of `facts`: which; of `rows`: the columns instead of the view's. Empty for all of them."""
    limit: int = 5
    titled: bool = False
    """Whether its file gives the label; else the kind has a name of its own in each language."""
    side: bool = False
    """Whether it stands in the narrow column."""
    alert: bool = False
    """Whether it warns at the head of the page as soon as it has a row, and is not there without one."""
    mine: bool = False
    """Whether it shows only what links to the person who looks."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Page(Element):
    """A page over the records of `object`, or with `object == ""` a home page."""

    object: str = ""
    roles: tuple[str, ...] = ()
    """Names of the roles whose home page it is; () on home pages is everybody who has no other."""
    head: tuple[str, ...] = ()
    """Fields of a record in the head of its page."""
    panels: Mapping[str, Panel]

    @property
    def home(self) -> bool:
        """Whether somebody's day begins with it."""
        return not self.object
