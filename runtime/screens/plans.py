"""What a list needs before and after its query, made once per (release, shape of access, view, language)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from jinja2 import Template

from engine.fields.base import Locale
from engine.model import ListView, Object
from engine.targets.screens import Cell, due_field, list_source, row_pieces, table_source
from runtime.access import Access
from runtime.records.prepared import LruCache, lru_of
from runtime.records.rows import Column
from runtime.records.scope import ReaderScope
from runtime.screens.cells import RowDrawing
from runtime.screens.environment import environment
from runtime.screens.filters import ClinicFilter, QuickFilter, quick_filter, search_paths
from runtime.screens.stencil import Stencil
from runtime.screens.words import words
from runtime.store.compiled import Release
from runtime.web.state import RequestState

__all__ = ["ListLook", "ListPlan", "TableLook", "cached", "list_plan", "locale_of", "parts_of", "scope_of"]

KEPT = 512


def cached(release: Release) -> LruCache[Any]:
    """The release's compiled screens; keys begin with a word for their kind."""
    found: LruCache[Any] = lru_of(release.cache, "runtime.screens", KEPT)
    return found


def parts_of(release: Release) -> LruCache[Any]:
    """Drawn parts of lists: as many as there are addresses, so they do not push out what was compiled."""
    return lru_of(release.cache, "runtime.screens.parts", 256)


def locale_of(release: Release, language: str) -> Locale:
    """The organisation's locale in a person's language."""
    organisation = release.model.organisation
    return Locale(organisation.timezone, organisation.country, language)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class ListLook:
    """The compiled page of a list, and how rows become what it takes."""

    page: Template
    drawing: RowDrawing
    cells: tuple[Cell, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class TableLook:
    """The same without a page, for rows on the page of a record that they link to."""

    table: Stencil
    """Its holes are the caption and the rows."""
    drawing: RowDrawing


class ListPlan:
    """Quick filters, search and columns of one view as one shape of actor may use them."""

    def __init__(self, release: Release, access: Access, object: Object, view: ListView, language: str) -> None:
        self.object = object
        self.view = view
        self._release = release
        self._language = language
        self._locale = locale_of(release, language)
        self._looks = LruCache[ListLook](32)
        self._tables: dict[tuple[str, ...], TableLook] = {}
        self._scope = scope = ReaderScope(release, access, object.name)
        self.filters = self._quick_filters(scope)
        self.search_texts, self.search_phones = search_paths(object, scope)

    def _quick_filters(self, scope: ReaderScope) -> dict[str, QuickFilter]:
        say = words(self._language)
        fields = ((name, scope.field((name,))) for name in self.view.filters)
        made = {name: quick_filter(field, self._release.model, self._locale, say) for name, field in fields if field is not None}
        found: dict[str, QuickFilter] = {name: quick for name, quick in made.items() if quick is not None}
        if self.object.belongs_to.root_scope != "organisation":
            clinic = ClinicFilter()
            found[clinic.name] = clinic
        return found

    def look(self, columns: Sequence[Column]) -> ListLook:
        """The look of the columns that a query gave."""
        key = tuple(column.key for column in columns)
        return self._looks.get(key, lambda: self._make(columns))

    def related(self, columns: Sequence[Column], link: str) -> TableLook:
        """The look of a table of rows that all link to one record through the field `link`, whose column is left out."""
        key = (link, *(column.key for column in columns))
        found = self._tables.get(key)
        if found is None:
            skip = next((n for n, c in enumerate(columns) if c.path == (link,)), None) if len(columns) > 1 else None
            cells = [cell for n, cell in enumerate(self._cells(columns)) if n != skip]
            template = environment(self._language).from_string(table_source(self.object.name, cells, self._language))
            table = Stencil(lambda holes: template.render(caption=holes[0], rows=holes[1]), 2)
            found = self._tables[key] = TableLook(table, self._drawing(columns, cells, skip))
        return found

    def _make(self, columns: Sequence[Column]) -> ListLook:
        cells = self._cells(columns)
        template = environment(self._language).from_string(list_source(self.object.name, cells, self._language))
        return ListLook(template, self._drawing(columns, cells), cells)

    def _drawing(self, columns: Sequence[Column], cells: Sequence[Cell], skip: int | None = None) -> RowDrawing:
        _ = words(self._language)
        hint = _("(masked)")
        around = tuple(row_pieces(self.object.name, cells, self._language, late=late) for late in (False, True))
        return RowDrawing(self._release.model, self.object, columns, self._locale, hint, around, skip)

    def _cells(self, columns: Sequence[Column]) -> tuple[Cell, ...]:
        due = due_field(self.object)
        return tuple(self._cell(column, due.name if due else "") for column in columns)

    def _cell(self, column: Column, due: str) -> Cell:
        usable = self._scope.field(column.path)
        sortable = usable is not None and usable.type.sortable
        return Cell(".".join(column.path), column.label, column.field, sortable, column.path == (due,))


def scope_of(state: RequestState, object_name: str) -> ReaderScope:
    """What this request's actor may name of an object; kept, since finding out asks for every field."""
    key = ("scope", object_name, state.who.shape)
    made: ReaderScope = cached(state.release).get(key, lambda: ReaderScope(state.release, state.access, object_name))
    return made


def list_plan(state: RequestState, object: Object, view: ListView) -> ListPlan:
    """The plan for this request's actor and language."""
    key = ("list", object.name, view.name, state.who.shape, state.language)
    made: ListPlan = cached(state.release).get(key, lambda: ListPlan(state.release, state.access, object, view, state.language))
    return made
