"""Lists as a person keeps them: which columns, filters and order, under a name of her own."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, select, update

from engine.model import Field, ListView, Object
from runtime.identity.generation import bump
from runtime.records.scope import ReaderScope
from runtime.screens.list_state import ListState, address, read_state
from runtime.store import system
from runtime.web.state import RequestState

__all__ = ["MAX_COLUMNS", "MAX_NAME", "Saved", "columns_for", "drop", "keep", "offered", "saved_views"]

MAX_NAME, MAX_COLUMNS, MAX_KEPT = 40, 20, 30

_table = system.saved_view


@dataclasses.dataclass(frozen=True, slots=True)
class Saved:
    """A list that somebody keeps."""

    id: str
    name: str
    url: str
    parameters: Mapping[str, str]


def saved_views(state: RequestState, object: Object) -> Sequence[Saved]:
    """The person's own, by name; read once per process until she changes them."""
    key = ("saved views", object.id)
    kept: tuple[Saved, ...] | None = state.who.kept.get(key)
    if kept is None:
        statement = select(_table).where(_table.c.user_id == state.who.id, _table.c.object == object.id).order_by(_table.c.name)
        with state.store.read() as connection:
            rows = connection.execute(statement).all()
        path = f"/o/{object.name}"
        kept = tuple(Saved(row.id, row.name, address(path, read_state(row.parameters)), row.parameters) for row in rows)
        state.who.kept[key] = kept
    return kept


def keep(state: RequestState, object: Object, name: str, chosen: ListState) -> bool:
    """Keep a list under a name, in the place of one of that name; False when she keeps too many."""
    parameters = dataclasses.replace(chosen, after="", unknown=()).parameters()
    mine = (_table.c.user_id == state.who.id, _table.c.object == object.id)
    with state.store.write() as connection:
        names = connection.execute(select(_table.c.name).where(*mine)).scalars().all()
        if name in names:
            connection.execute(update(_table).where(*mine, _table.c.name == name).values(parameters=parameters, at=state.now))
        elif len(names) >= MAX_KEPT:
            return False
        else:
            row = {"id": state.site.new_id(), "user_id": state.who.id, "object": object.id, "name": name, "parameters": parameters, "at": state.now}
            connection.execute(insert(_table), row)
        bump(connection)  # every process reads her lists anew
    return True


def drop(state: RequestState, object: Object, id: str) -> None:
    """Forget a list."""
    with state.store.write() as connection:
        connection.execute(delete(_table).where(_table.c.id == id, _table.c.user_id == state.who.id, _table.c.object == object.id))
        bump(connection)


def offered(state: RequestState, object: Object, view: ListView) -> dict[str, Field]:
    """The columns that a person may choose from: her fields of the object, and those of the view that lie behind links."""
    scope = ReaderScope(state.release, state.access, object.name)
    found = {name: field for name, field in object.fields.items() if scope.visible(name) is not None}
    for column in view.columns.values():
        field = scope.field(column.path)
        if len(column.path) > 1 and field is not None:
            found[".".join(column.path)] = field
    return found


def columns_for(state: RequestState, object: Object, view: ListView, chosen: ListState) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """The columns to read, None for the view's own; and the names among the chosen ones that say nothing to her."""
    if not chosen.columns:
        return None, ()
    known = offered(state, object, view)
    good = tuple(dict.fromkeys(name for name in chosen.columns if name in known))[:MAX_COLUMNS]
    return good or None, tuple(name for name in chosen.columns if name not in known)
