"""What stands behind a link: the form over its record as somebody sees it who is not signed in, and her answers as commands.

She sees the fields that the form lets her fill, empty, and those that it shows, where nothing restricts them; never a link to another
record, and never a value of a field that she may change: whoever got hold of the address would learn it.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from engine.model import Form, Object, Transition
from engine.model.answerable import beyond, fillable
from runtime.audit.keys import Keys
from runtime.identity.actor import Actor, system_actor
from runtime.identity.callers import clinic_day
from runtime.links.granting import closed_since, maker_may
from runtime.links.making import Link, find_link, use
from runtime.messages.recipients import by_id
from runtime.messages.rendering import reading_as
from runtime.records.asked import asked_form
from runtime.records.commands import Command, Encoding, RequestInfo, Update
from runtime.records.commands import Transition as Fire
from runtime.records.filling import Filled, Filling, fill
from runtime.records.messages import text
from runtime.records.outcomes import FieldError, Kind, Outcome, Refused
from runtime.records.service import Records
from runtime.records.single import Record
from runtime.records.writing.work import Raced
from runtime.store.compiled import Release
from runtime.store.database import Store
from runtime.store.errors import FenceMoved

__all__ = ["Task", "answer", "decided", "find_task", "visitor"]

_ATTEMPTS = 5


@dataclasses.dataclass(frozen=True, slots=True)
class Task:
    """A link that is good, with everything it names; only `find_task` makes one."""

    link: Link
    release: Release
    object: Object
    form: Form
    record: Record
    transition: Transition | None


def visitor(release: Release, link: Link, now: datetime.datetime, language: str) -> Actor:
    """The service identity that reads and writes for her: all it does is bounded by the form, and audited as the link's."""
    return dataclasses.replace(system_actor(clinic_day(release, now), id="link", name="link"), language=language, kept={})


def find_task(
    store: Store, records: Records, keys: Keys, release: Release, token: str, now: datetime.datetime, language: str,
) -> Task | None:
    """The task of an address; None for whatever reason there is nothing to do, so that nobody learns which."""
    with store.read() as connection:
        link = find_link(connection, token, keys, now)
    return _task(store, records, release, link, now, language) if link is not None else None


def _task(store: Store, records: Records, release: Release, link: Link, now: datetime.datetime, language: str) -> Task | None:
    model = release.model
    object = by_id(model, link["object"])
    form = next((form for form in model.forms.values() if form.id == link["form"]), None)
    if object is None or form is None or form.object != object.name or beyond(object, form):
        return None
    workflow = model.workflows.get(object.name)
    transition = None
    if link["transition"] is not None:
        transition = next((t for t in workflow.transitions.values() if t.id == link["transition"]), None) if workflow else None
        if transition is None:
            return None
    record = records.get(object.name, link["record_id"], visitor(release, link, now, language), release)
    if record is None:
        return None
    if transition is not None and workflow is not None:
        sources = {workflow.states[name].stored for name in transition.sources if name in workflow.states}
        if record.row.state not in sources:
            return None
    elif closed_since(store, release, link, record):
        return None
    if not maker_may(store, records, release, link, form, transition, object.name, now):
        return None
    return Task(link, release, object, form, record, transition)


def answer(
    store: Store, records: Records, keys: Keys, token: str, values: Mapping[str, Any], now: Callable[[], datetime.datetime], language: str,
    request_id: str,
) -> Outcome | None:
    """Save answers and use the link up, both or neither; None when there is nothing (any more) to do.

    Values are what was typed, by field; those that the link does not ask for must not be among them.
    """
    for _ in range(_ATTEMPTS):
        release = store.release()
        task = find_task(store, records, keys, release, token, now(), language)
        if task is None:
            return None
        try:
            return _saved(store, records, task, values, now(), language, request_id)
        except (Raced, FenceMoved, IntegrityError):
            continue
        except _NotSaved as refused:
            if refused.outcome is not None and refused.outcome.kind is Kind.STALE:
                continue  # somebody changed the record after it was looked at: look again whether it is open
            return refused.outcome
    return Refused(kind=Kind.BUSY)


class _NotSaved(Exception):
    """Carries a refusal out of the transaction, which is rolled back."""

    def __init__(self, outcome: Refused | None) -> None:
        super().__init__()
        self.outcome = outcome


def _saved(
    store: Store, records: Records, task: Task, values: Mapping[str, Any], now: datetime.datetime, language: str, request_id: str,
) -> Outcome:
    actor = visitor(task.release, task.link, now, language)
    with store.write() as connection:
        store.fence(connection, task.release)
        if not use(connection, task.link["id"], now):
            raise _NotSaved(None)
        filled = decided(connection, task, actor, values, now)
        # What the record has already was not shown to her, so it does not stand for an answer.
        missing = [name for name in filled.required if not filled.values.get(name)]
        if filled.errors or missing:
            raise _NotSaved(_unfilled(filled, missing, language))
        outcomes = records.carry_out(
            connection, _commands(connection, task, _kept(filled)), actor, task.release,
            request=RequestInfo(id=request_id, channel="link"), acting_for=task.link["subject_id"] or "")
        refused = next((outcome for outcome in outcomes if isinstance(outcome, Refused) and outcome.kind is not Kind.NOT_TRIED), None)
        if refused is not None:
            raise _NotSaved(refused)
        return outcomes[-1]


def decided(connection: Connection, task: Task, actor: Actor, values: Mapping[str, Any], now: datetime.datetime) -> Filled:
    """What the form's conditions say to the answers, as she sees it: what she left empty is empty, whatever the record has."""
    reading = reading_as(connection, task.release, actor, now)
    asked = fillable(task.object, task.form)
    given = {name: values.get(name, "") for name in asked}
    return fill(reading, task.form, Filling(values=given, id=task.record.row.id, writable=frozenset(asked)))


def _kept(filled: Filled) -> dict[str, Any]:
    """The values to save: what was left empty keeps what the record has; what the form clears is cleared."""
    return {name: value for name, value in filled.values.items() if value not in ("", [])}


def _commands(connection: Connection, task: Task, values: Mapping[str, Any]) -> list[Command]:
    """The answers with the transition where that asks for this very form, else before it."""
    name, id = task.object.name, task.record.row.id
    if task.transition is None:
        return [Update(name, id, values, task.record.row.version, encoding=Encoding.TEXT)]
    update = Update(name, id, values, None, encoding=Encoding.TEXT)
    asked = asked_form(connection, task.release, task.object, task.transition, id)
    if asked is not None and asked.name == task.form.name:
        return [Fire(name, id, task.transition.name, values, None, None, Encoding.TEXT)]
    return [*([update] if values else []), Fire(name, id, task.transition.name)]


def _unfilled(filled: Filled, missing: Sequence[str], language: str) -> Refused:
    errors = (FieldError(name, "required", text("required", language)) for name in missing)
    return Refused(kind=Kind.INVALID, errors=(*filled.errors, *errors))
