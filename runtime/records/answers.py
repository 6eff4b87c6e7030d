"""What the conditions of a form read of a record while the form is being filled: only what the reader may see, null for all else."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.expressions import refs
from engine.expressions.scope import BOUND_ROOTS
from engine.expressions.tree import Path
from engine.model import Form, Object
from engine.targets.browser_form import Needed, needed
from engine.targets.browser_values import Json, to_json
from engine.targets.sheet import Answers, LiveForm, Sheet
from runtime.records.guards import path_known
from runtime.records.prepared import LruCache
from runtime.records.query import Reading
from runtime.records.trying import BadTrial, TriedRow
from runtime.records.writing.loading import prepared_once
from runtime.store.compiled import Release

__all__ = ["Opened", "RecordAnswers", "behind_link", "live_form", "opened", "visible_paths"]


def live_form(release: Release, form: Form) -> LiveForm:
    """The form with its conditions compiled, once per release."""
    made: LiveForm = prepared_once(release, ("live form", form.name), lambda: LiveForm(form, release.model.objects))
    return made


def _needed(release: Release, live: LiveForm, group: str) -> Needed:
    found: Needed = prepared_once(
        release, ("live form", live.form.name, group), lambda: needed(live, release.model.objects, group))
    return found


class RecordAnswers:
    """Answers (see `engine.targets.sheet`) over a record, or over a new one with its defaults; `typed` as in memory."""

    def __init__(
        self, reading: Reading, live: LiveForm, id: str | None, typed: Mapping[str, Any], *, group: str = "",
        defaults: Mapping[str, Any] | None = None, rows: Mapping[str, Sequence[Answers]] | None = None,
    ) -> None:
        self._typed = typed
        self._reading = reading
        self._live = live
        self._group = group
        self._object: Object = reading.release.model.objects[live.ordering.levels[group].object]
        self._needed = _needed(reading.release, live, group)
        self._given = rows
        self._row = self._open(id, defaults or {})
        self._behind: dict[tuple[str, str], TriedRow | None] = {}
        self._opaque: frozenset[str] | None = None

    def _open(self, id: str | None, defaults: Mapping[str, Any]) -> TriedRow:
        """A record that she may not read, though she may move it, is as one that is not there."""
        reading, trees, rows = self._reading, self._needed.trees, self._needed.rows
        with contextlib.suppress(BadTrial):
            row = TriedRow(reading, self._object, id, {} if id else defaults, reading.now, *trees, rows=rows)
            row.fetch_together(self._needed.paths)
            return row
        return TriedRow(reading, self._object, None, {}, reading.now, *trees, rows=rows)

    @property
    def typed(self) -> Mapping[str, Any]:
        """See `engine.targets.sheet.Answers`."""
        return self._typed

    def lookup(self, path: Path) -> Any:
        """See `engine.targets.sheet.Answers`; more rows than are read count as unknown."""
        try:
            return self._row.lookup(path)
        except BadTrial:
            return None

    def behind(self, field: str, id: str, path: Path) -> Any:
        """See `engine.targets.sheet.Answers`."""
        key = field, id
        if key not in self._behind:
            self._behind[key] = _linked(self._reading, self._live, self._group, field, id)
        row = self._behind[key]
        try:
            return row.lookup(path) if row is not None else None
        except BadTrial:
            return None

    def rows(self, item: str) -> Sequence[Answers]:
        """See `engine.targets.sheet.Answers`; rows that nobody typed are those that are stored."""
        if self._given is not None:
            return self._given.get(item, ())
        inverse = next(rows for rows, name in self._live.inverses.items() if name == item)
        if (inverse,) not in self._needed.rows:
            return ()
        return tuple(_StoredRow(child) for child in self.lookup((inverse,)) or ())

    @property
    def opaque(self) -> frozenset[str]:
        """Formulas that cannot follow what is typed, because they read what the reader may not see: they stay as stored."""
        if self._opaque is None:
            formulas = {place.name: place for place in self._live.ordering.order if place.formula and place.group == self._group}
            found = set()
            for name in formulas:
                rule = self._object.fields[name].formula
                paths = refs(rule.tree) if rule is not None else frozenset()
                for path in paths:
                    self.lookup(path)
                if self._row.hidden & set(paths):
                    found.add(name)
            self._opaque = frozenset(found)
        return self._opaque


class _StoredRow:
    """Answers over a stored child row that nobody edits."""

    typed: Mapping[str, Any] = {}
    opaque: frozenset[str] = frozenset()

    def __init__(self, child: Any) -> None:
        self.lookup = child.lookup

    def behind(self, field: str, id: str, path: Path) -> Any:
        return None

    def rows(self, item: str) -> Sequence[Answers]:
        return ()


def _linked(reading: Reading, live: LiveForm, group: str, field: str, id: str) -> TriedRow | None:
    """The record that a typed link points to; None for one that the reader may not see."""
    model = reading.release.model
    target = model.objects.get(model.objects[live.ordering.levels[group].object].fields[field].type.link_to)
    if target is None:
        return None
    wanted = _needed(reading.release, live, group)
    rows = {path[1:]: behind for path, behind in wanted.rows.items() if path[0] == field and len(path) > 1}
    try:
        return TriedRow(reading, target, id, {}, reading.now, rows=rows)
    except BadTrial:
        return None


def behind_link(reading: Reading, live: LiveForm, group: str, field: str, id: str) -> dict[str, Json] | None:
    """What the form's conditions read behind a link, for a browser in which it was changed; None for no such record."""
    row = _linked(reading, live, group, field, id)
    if row is None:
        return None
    wanted = _needed(reading.release, live, group)
    rows = {path[1:]: behind for path, behind in wanted.rows.items() if path[0] == field and len(path) > 1}
    found = {}
    for path in wanted.behind(field):
        with contextlib.suppress(BadTrial):
            found[".".join(path)] = _as_json(row.lookup(path), rows.get(path))
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """What a browser must know of a record to decide its form: values by path, formulas that stay as they are, and the sheet for now."""

    known: Mapping[str, Json]
    opaque: tuple[str, ...]
    sheet: Sheet


def opened(reading: Reading, form: Form, group: str, id: str | None, defaults: Mapping[str, Any]) -> Opened:
    """A form over a record before anything is typed; `group` names an item with rows, of which the record then is one."""
    live = live_form(reading.release, form)
    found = RecordAnswers(reading, live, id, {}, group=group, defaults=defaults, rows={} if group else None)
    sheet = live.decide(found) if not group else Sheet({})
    return Opened(_known(found, group), tuple(sorted(found.opaque)), sheet)


def _known(answers: RecordAnswers, group: str) -> dict[str, Json]:
    """All that the conditions read of a record: path → JSON form. What the reader may not see is left out, its name too."""
    wanted = answers._needed
    formulas = [(place.name,) for place in answers._live.ordering.order if place.formula and place.group == answers._group]
    visible = visible_paths(answers._reading, answers._live)
    paths = (path for path in dict.fromkeys((*wanted.paths, *formulas)) if visible(group, path))
    link = answers._live.ordering.levels[group].link
    return {
        ".".join(path): _as_json(answers.lookup(path), _shown(wanted.rows.get(path), path, group, visible))
        for path in paths if not (group and path[0] == link and len(path) > 1)
    }


def _shown(rows: Sequence[Path] | None, path: Path, group: str, visible: Callable[[str, Path], bool]) -> Sequence[Path] | None:
    return None if rows is None else [each for each in rows if visible(group, (*path, *each))]


def visible_paths(reading: Reading, live: LiveForm) -> Callable[[str, Path], bool]:
    """Whether the reader may know of a path from a record of a level; what hides nothing but some rows' values counts as known."""
    def visible(group: str, path: Path) -> bool:
        level = live.ordering.levels[group]
        if path[0] in BOUND_ROOTS:
            return True
        if level.link and path[0] == level.link and len(path) > 1:
            return visible("", path[1:])
        kept: LruCache[bool] = reading.release.cache.setdefault("records.form paths", LruCache[bool](4096))
        return kept.get((level.object, path, reading.actor.shape), lambda: path_known(reading.release, reading.access, level.object, path))

    return visible


def _as_json(value: Any, row_paths: Sequence[Path] | None) -> Json:
    if row_paths is None:
        return to_json(value)
    return [{".".join(path): to_json(row.lookup(path)) for path in row_paths} for row in value or ()]
