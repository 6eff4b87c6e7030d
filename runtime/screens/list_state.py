"""What a person has chosen above a list, read from the address and written back into links."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Container, Mapping
from urllib.parse import quote

__all__ = ["FILTER", "LINKED", "ListState", "address", "read_state"]

FILTER = "f."
"""Filters stand in the address as `f.FIELD`, so that no field's name collides with a parameter of the list."""

LINKED = "l."
"""`l.FIELD=ID`: only rows whose link points to that record."""
_ID = re.compile("[0-9a-f]{32}")


@dataclasses.dataclass(frozen=True, slots=True)
class ListState:
    """The choices: `view` '' is the object's default list, `sort` is written as in the API, `after` is a cursor.

    `linked` is (link field, record id), None for all rows; `whole` sets the view's own filter aside.
    """

    view: str = ""
    q: str = ""
    sort: str = ""
    filters: Mapping[str, str] = dataclasses.field(default_factory=dict)
    after: str = ""
    linked: tuple[str, str] | None = None
    whole: bool = False
    own: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Parameters that one kind of view has for itself, such as the day of a calendar."""
    columns: tuple[str, ...] = ()
    """Paths of the columns that the person chose; () for those of the view."""
    unknown: tuple[str, ...] = ()
    """Names in the address that say nothing here."""

    def parameters(self) -> dict[str, str]:
        """For the address, in a fixed order and without what is not set."""
        found = {"view": self.view, "q": self.q, **{FILTER + name: value for name, value in self.filters.items()}, "sort": self.sort}
        if self.linked:
            found[LINKED + self.linked[0]] = self.linked[1]
        found |= {"all": "yes" if self.whole else "", "cols": ",".join(self.columns), **self.own, "after": self.after}
        return {name: value for name, value in found.items() if value}

    def without(self, name: str) -> ListState:
        """The same without one filter."""
        return dataclasses.replace(self, filters={key: value for key, value in self.filters.items() if key != name}, after="")


def address(path: str, state: ListState) -> str:
    """The address of a list in a state."""
    found = "&".join([_pair(name, value) for name, value in state.parameters().items()])
    return f"{path}?{found}" if found else path


@functools.lru_cache(1024)
def _pair(name: str, value: str) -> str:
    """A parameter of an address; a page says the same few of them again and again."""
    return f"{quote(name, safe='')}={quote(value, safe='')}"


_KNOWN = frozenset({"view", "q", "sort", "after", "all", "cols"})


def read_state(arguments: Mapping[str, str], own: Container[str] = ()) -> ListState:
    """The state that an address says. `own` are the parameters that the kind of view has for itself; names that say nothing are
    gathered, so that the list can tell."""
    links = [(key.removeprefix(LINKED), value) for key, value in arguments.items() if key.startswith(LINKED) and _ID.fullmatch(value)]
    filters = {key.removeprefix(FILTER): value for key, value in arguments.items() if key.startswith(FILTER) and value}
    return ListState(
        arguments.get("view", ""), arguments.get("q", "").strip(), arguments.get("sort", ""), filters, arguments.get("after", ""),
        links[0] if links else None, arguments.get("all") == "yes", {key: value for key, value in arguments.items() if key in own and value},
        tuple(filter(None, arguments.get("cols", "").split(","))),
        tuple(key for key in arguments if key not in _KNOWN and key not in own and not key.startswith((FILTER, LINKED))),
    )
