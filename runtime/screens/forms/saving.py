"""What was posted, brought to commands: the form's conditions are decided again, and rows are saved with their record or not at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from flask import request

from engine.model import Form, Object
from engine.targets.screens import Mode
from engine.targets.sheet import Sheet as Decided
from runtime.records.commands import Command, Made
from runtime.records.filling import Filled, Filling
from runtime.records.messages import text
from runtime.records.outcomes import FieldError, Kind, Outcome, Refused
from runtime.records.single import Record
from runtime.screens.forms.live import follows
from runtime.screens.forms.posted import Posted
from runtime.screens.forms.rows import FormRow, Group, posted_groups, row_commands, row_filling
from runtime.screens.forms.sheet import Sheet
from runtime.web.state import RequestState

__all__ = ["Settled", "settle", "take_settled", "without_errors"]


@dataclasses.dataclass(slots=True)
class Settled:
    """A posted form after its conditions: `errors` beside those of reading it, and how the items stand."""

    state: RequestState
    form: Form
    posted: Posted
    groups: dict[str, Group]
    filled: Filled | None
    errors: list[FieldError]

    @property
    def decided(self) -> Decided | None:
        return self.filled.sheet if self.filled is not None else None

    @property
    def wants_row(self) -> bool:
        """Whether the form was sent without scripts for one more row, not to be saved."""
        return request.form.get("_add", "") in self.groups

    @property
    def wrong(self) -> bool:
        """Whether something stands in the way of saving."""
        rows = (row for group in self.groups.values() for row in group.rows)
        return bool(self.posted.errors or self.errors or any(row.errors for row in rows) or any(group.error for group in self.groups.values()))

    def save(self, command: Command, parent: str | Made, *, release: str) -> Outcome:
        """Carry out the record's command and those of its rows, all or none; what is said of rows stands at them."""
        rows: list[tuple[FormRow, Command]] = []
        for name, group in self.groups.items():
            rows += row_commands(group, self.filled.rows[name] if self.filled is not None else (), parent)
        info = self.state.info("screen", release)
        outcomes = self.state.records.execute([command, *(one for _, one in rows)], self.state.who, release=self.state.release, request=info)
        for (row, _), outcome in zip(rows, outcomes[1:], strict=True):
            if isinstance(outcome, Refused) and outcome.kind is not Kind.NOT_TRIED:
                row.errors += outcome.errors or (FieldError("", outcome.kind.value, outcome.message),)
                row.version = outcome.version or row.version
        return outcomes[0]

    def notes(self, object: Object) -> list[str]:
        """What was typed and is not stored, because the form does not ask for it."""
        ignored = self.filled.ignored if self.filled is not None else ()
        return [f"{object.fields[name].label(self.state.language)}: {text('ignored', self.state.language)}" for name in ignored]


def settle(
    state: RequestState, form: Form, modes: Mapping[str, Mode], posted: Posted, record: Record | None, *, defaults: Mapping[str, Any],
) -> Settled:
    """Decide the form over what was posted; `posted.sent` then holds what is to be stored."""
    object = state.release.model.objects[form.object]
    required = [item.field for item in form.items.values() if item.required and not object.fields[item.field].required] if not form.live else ()
    if not follows(state.release, form):
        return Settled(state, form, posted, {}, None, [_missing(state, name) for name in required if _blank(modes, posted, name)])
    groups = posted_groups(state, form, record, request.form)
    writable = [name for name, mode in modes.items() if mode is Mode.WRITE]
    filling = Filling(
        values=posted.sent, id=record.row.id if record is not None else None, writable=writable, defaults=defaults,
        rows={name: row_filling(state, group) for name, group in groups.items()})
    filled = state.records.fill(form, filling, state.who, state.release)
    posted.sent = dict(filled.values)
    errors = [_missing(state, name) for name in filled.missing if not object.fields[name].required]
    for name, group in groups.items():
        _judge_rows(state, group, filled.rows[name], shown=filled.sheet.items[name].shown)
    return Settled(state, form, posted, groups, filled, [error for error in errors if error.field not in {e.field for e in posted.errors}])


def _judge_rows(state: RequestState, group: Group, filled: tuple[Filled, ...], *, shown: bool) -> None:
    if not shown:
        group.asleep = True
        return
    for row, each in zip(group.kept, filled, strict=True):
        row.errors = [*row.posted.errors, *(_missing(state, name) for name in each.missing)]
    count, least, most = len(group.kept), group.item.min, group.item.max
    say: Callable[..., str] = lambda code, **words: text(code, state.language, **words)  # noqa: E731 - one line, twice used
    group.error = say("too_few", min=least) if count < least else say("too_many", max=most) if count > most else ""


def _missing(state: RequestState, name: str) -> FieldError:
    return FieldError(name, "required", text("required", state.language))


def _blank(modes: Mapping[str, Mode], posted: Posted, name: str) -> bool:
    return modes.get(name) is Mode.WRITE and name in posted.shown and posted.shown[name] in (None, "", [])


def take_settled(sheet: Sheet, settled: Settled) -> None:
    """Let a sheet show what was typed and decided."""
    sheet.typed, sheet.matches, sheet.shown = settled.posted.typed, settled.posted.matches, settled.posted.shown
    sheet.decided, sheet.groups = settled.decided, settled.groups
    sheet.about["draft_id"] = request.form.get("_draft", "")


def without_errors(groups: dict[str, Group]) -> dict[str, Group]:
    """The groups as they are shown while somebody is still at it."""
    for group in groups.values():
        group.error = ""
        for row in group.rows:
            row.errors = []
    return groups
