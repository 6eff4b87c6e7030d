"""What a person has chosen above a list, read from the address and written back into links."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from urllib.parse import quote, urlencode

__all__ = ["FILTER", "ListState", "address", "read_state"]

FILTER = "f."
"""Filters stand in the address as `f.FIELD`, so that no field's name collides with a parameter of the list."""


@dataclasses.dataclass(frozen=True, slots=True)
class ListState:
    """The choices: `view` '' is the object's default list, `sort` is written as in the API, `after` is a cursor."""

    view: str = ""
    q: str = ""
    sort: str = ""
    filters: Mapping[str, str] = dataclasses.field(default_factory=dict)
    after: str = ""

    def parameters(self) -> dict[str, str]:
        """For the address, in a fixed order and without what is not set."""
        found = {"view": self.view, "q": self.q, **{FILTER + name: value for name, value in self.filters.items()}, "sort": self.sort}
        found["after"] = self.after
        return {name: value for name, value in found.items() if value}

    def without(self, name: str) -> ListState:
        """The same without one filter."""
        return dataclasses.replace(self, filters={key: value for key, value in self.filters.items() if key != name}, after="")


def address(path: str, state: ListState) -> str:
    """The address of a list in a state."""
    found = urlencode(state.parameters(), quote_via=quote)
    return f"{path}?{found}" if found else path


def read_state(arguments: Mapping[str, str]) -> ListState:
    """The state that an address says; what it says of unknown things is left for the list to ignore."""
    filters = {key.removeprefix(FILTER): value for key, value in arguments.items() if key.startswith(FILTER) and value}
    return ListState(
        arguments.get("view", ""), arguments.get("q", "").strip(), arguments.get("sort", ""), filters, arguments.get("after", ""),
    )
