"""Reading records: lists, one record with what may be done with it, what links to it, look-ups and history."""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from engine.model import Field, Form, Object
from engine.targets.browser_form import form_to_browser
from engine.targets.browser_values import Json
from runtime.access import Access
from runtime.identity.actor import Actor
from runtime.records.answers import Opened, behind_link, live_form, opened, visible_paths
from runtime.records.binds import dialect_name, expression_binds
from runtime.records.filling import Filled, Filling, fill
from runtime.records.finding import Finds, find
from runtime.records.lanes import Lane, Lanes
from runtime.records.looking import lookup
from runtime.records.paging import board, list_page, list_rows
from runtime.records.past import HistoryEntry, history
from runtime.records.prepared import lru_of
from runtime.records.query import ListQuery, Reading
from runtime.records.rows import BadQuery, Page, Row
from runtime.records.single import Record, record
from runtime.records.stream import Stream, stream
from runtime.records.trying import Trial, Tried, try_out
from runtime.store.compiled import Release
from runtime.store.database import Store

__all__ = ["Readings"]

_NONE: Mapping[str, object] = MappingProxyType({})


class Readings:
    """Everything that reads; `release` pins all of it, the live one when left out."""

    def __init__(self, store: Store, clock: Callable[[], datetime.datetime], *, cursor_key: bytes) -> None:
        self.store = store
        self.clock = clock
        self._cursor_key = cursor_key
        self._shared: contextvars.ContextVar[Reading | None] = contextvars.ContextVar("records.shared", default=None)

    def list(self, query: ListQuery, actor: Actor, release: Release | None = None) -> Page:
        """One page of a list. Raises UnknownObject (404) and BadQuery (400)."""
        with self._reading(actor, release) as reading:
            return list_page(query, reading)

    def export(self, query: ListQuery, actor: Actor, release: Release | None = None) -> Iterator[Page]:
        """All rows of a list that may be read and exported, in pages on one snapshot; `limit` and `after` are ignored.

        Raises UnknownObject and BadQuery before the first page.
        """
        with self._reading(actor, release) as reading:
            yield from list_rows(dataclasses.replace(query, actions=("read", "export")), reading)

    def get(
        self, object: str, id: str, actor: Actor, release: Release | None = None, *, fields: tuple[str, ...] | None = None,
    ) -> Record | None:
        """One record with titles, sights, state and offered transitions; None when there is none that the actor may read.

        `fields` are its columns (names that the actor may know of), all that are shown without them.
        """
        with self._reading(actor, release) as reading:
            return record(object, id, reading, fields)

    def related(self, object: str, id: str, actor: Actor, release: Release | None = None, *, limit: int = 10) -> Sequence[Related]:
        """For each link that points to a record of this object, the first rows of its list, newest first."""
        with self._reading(actor, release) as reading:
            return tuple(_related(object, id, reading, limit))

    def fill(self, form: Form, filling: Filling, actor: Actor, release: Release | None = None) -> Filled:
        """What a form's conditions say to the values that somebody filled in, for the record as she sees it."""
        with self._reading(actor, release) as reading:
            return fill(reading, form, filling)

    def opened(
        self, form: Form, id: str | None, actor: Actor, release: Release | None = None, *, group: str = "", defaults: Mapping[str, object] = _NONE,
    ) -> Opened:
        """What a browser must know of a record to decide its form; `id` None is a new one with its defaults (in memory)."""
        with self._reading(actor, release) as reading:
            return opened(reading, form, group, id, defaults)

    def form_to_browser(self, form: Form, actor: Actor, release: Release) -> Json:
        """The form's conditions as JSON, naming only what the actor may know of."""
        with self._reading(actor, release) as reading:
            live = live_form(release, form)
            return form_to_browser(live, release.model.objects, visible_paths(reading, live))

    def behind_link(self, form: Form, group: str, field: str, id: str, actor: Actor, release: Release | None = None) -> dict[str, object] | None:
        """What a form's conditions read behind a link that was changed: path → value; None for a record that the actor may not read."""
        with self._reading(actor, release) as reading:
            return behind_link(reading, live_form(reading.release, form), group, field, id)

    def lookup(self, object: str, text: str, actor: Actor, release: Release | None = None, *, limit: int = 20) -> Sequence[Row]:
        """Rows whose readable title fields begin with or contain a text, for link pickers; '' gives the newest."""
        with self._reading(actor, release) as reading:
            return lookup(object, text, reading, limit)

    def history(self, object: str, id: str, actor: Actor, release: Release | None = None) -> Sequence[HistoryEntry] | None:
        """What happened to a record, newest first, by the reader's sight of the row now; None when she may not read it."""
        with self._reading(actor, release) as reading:
            return history(object, id, reading)

    def board(self, query: ListQuery, lanes: Sequence[Lane], actor: Actor, release: Release | None = None) -> Lanes:
        """The first rows of each state. Raises UnknownObject where the reader may not see the states, and BadQuery."""
        with self._reading(actor, release) as reading:
            return board(query, lanes, reading)

    def stream(
        self, object: str, id: str, actor: Actor, release: Release | None = None, *, limit: int = 20, after: str | None = None,
    ) -> Stream | None:
        """What happened to everything that is about one record, newest first; None when the actor may not read the record."""
        with self._reading(actor, release) as reading:
            return stream(object, id, reading, limit, after)

    def try_out(self, trial: Trial, actor: Actor, release: Release | None = None) -> Tried:
        """An expression on one record, as the actor may see it. Raises UnknownObject (404) and BadTrial (400)."""
        with self._reading(actor, release) as reading:
            return try_out(trial, reading)

    def find(
        self, typed: str, actor: Actor, release: Release | None = None, *, objects: Sequence[str] = (), limit: int = 5,
    ) -> tuple[Finds, ...]:
        """Records of every object in which the actor may see what was typed, also by the sound of Chinese names."""
        with self._reading(actor, release) as reading:
            return find(typed, reading, objects=objects, limit=limit)

    @contextlib.contextmanager
    def together(self, actor: Actor, release: Release) -> Iterator[None]:
        """Whatever this actor reads within the block is read on one snapshot, and no record twice. Do not write within it."""
        with self.store.together(), self._reading(actor, release) as reading:
            token = self._shared.set(reading)
            try:
                yield
            finally:
                self._shared.reset(token)

    def _reading(self, actor: Actor, release: Release | None) -> contextlib.AbstractContextManager[Reading]:
        release = release or self.store.release()
        shared = self._shared.get()
        if shared is not None and shared.actor is actor and shared.release is release:
            return contextlib.nullcontext(shared)
        return self._begun(actor, release)

    @contextlib.contextmanager
    def _begun(self, actor: Actor, release: Release) -> Iterator[Reading]:
        with self.store.read() as connection:
            dialect = dialect_name(connection)
            access = Access.of(release, actor)
            now = self.clock()
            binds = {**expression_binds(actor, now, release.model, dialect), **access.binds(actor, dialect)}
            yield Reading(release, access, actor, connection, now, self._cursor_key, binds)


@dataclasses.dataclass(frozen=True, slots=True)
class Related:
    """The rows of one object that link to a record through one field; `page.next` tells of more."""

    object: Object
    field: Field
    page: Page


def _related(object: str, id: str, reading: Reading, limit: int) -> Iterator[Related]:
    for other, field, view in _leading_to(object, reading):
        query = ListQuery(object=other.name, view=view, whole=True, linked=(field.name, id), linked_shown=False, limit=limit)
        with contextlib.suppress(BadQuery):  # the reader may not use this link
            yield Related(other, field, list_page(query, reading))


def _leading_to(object: str, reading: Reading) -> Sequence[tuple[Object, Field, str]]:
    """Objects that the reader may read with their links to this one, and the view that shows their rows."""
    kept = lru_of(reading.release.cache, "records.leading", 512)
    model, access = reading.release.model, reading.access

    def find() -> tuple[tuple[Object, Field, str], ...]:
        readable = (other for other in model.objects.values() if access.object(other.name).allows("read"))
        return tuple((o, field, model.view(o.name).name) for o in readable for field in o.links if field.type.link_to == object)

    found: tuple[tuple[Object, Field, str], ...] = kept.get((object, reading.actor.shape), find)
    return found
