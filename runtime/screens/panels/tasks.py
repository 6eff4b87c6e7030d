"""What waits for me: what is late, what is due today, and what waits for somebody else, of every object that is something to do."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from markupsafe import Markup

from engine.fields.base import Locale, StorageKind
from engine.model import Field, Object, Panel, State, StateCategory
from engine.targets.screens import due_field
from runtime.records.query import ListQuery
from runtime.records.rows import BadQuery, Row
from runtime.records.single import Record
from runtime.screens.cards import card_title
from runtime.screens.environment import page
from runtime.screens.list_state import LINKED
from runtime.screens.panels.contract import Drawn, titled
from runtime.screens.plans import cached, locale_of
from runtime.screens.shell import readable_objects
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["Work", "draw", "work_of"]

MOST = 60


@dataclasses.dataclass(frozen=True, slots=True)
class Work:
    """An object whose rows are work, the field that says when it is due and the link to who has it."""

    object: Object
    due: Field
    assignee: Field


def draw(state: RequestState, panel: Panel, record: Record | None) -> Drawn | None:
    """None for somebody who may read nothing that is assigned to people."""
    by_work = [(work, lines) for work in work_of(state) if (lines := _lines(state, work, max(panel.limit, 12))) is not None]
    if not by_work:
        return None
    found = [lines for _work, lines in by_work]
    _ = words(state.language)
    late, today, waiting = (sorted((line for lines in found for line in lines[part]), key=lambda line: line["sort"]) for part in range(3))
    nobodys = _nobodys(state, [work for work, _lines in by_work], max(panel.limit, 12))
    groups = [
        {"id": "late", "title": _("Overdue"), "lines": late, "late": True}, {"id": "today", "title": _("Due today"), "lines": today, "late": False},
        {"id": "waiting", "title": _("Waiting"), "lines": waiting, "late": False},
        {"id": "nobodys", "title": _("Due, and nobody has it yet"), "lines": nobodys, "late": False},
    ]
    macros: Any = page("parts/home.html", state.language).module
    several = len(found) > 1
    everything = [{"label": work.object.plural(state.language), "url": f"/o/{work.object.name}?{LINKED}{work.assignee.name}={state.who.id}"}
                  for work in [work for work, lines in by_work if any(lines)] or [by_work[0][0]]]
    body = Markup(macros.tasks([group for group in groups if group["lines"]], several, everything))
    due = len(late) + len(today)
    return Drawn(id=panel.name, title=titled(state, panel, _("For me")), body=body, icon="checklist", count=str(due) if due else "",
                 tone="alert" if late else "plain")


def work_of(state: RequestState) -> tuple[Work, ...]:
    """What somebody can have to do: objects that say so. Where none does, those with a workflow, a date it is due and a link to a person."""
    account = state.release.model.account

    def make() -> tuple[Work, ...]:
        found = []
        said = any(object.task is not None for object in state.release.model.objects.values())
        for object in readable_objects(state):
            if said and object.task is None:  # somebody's appointments and treatments are hers, but nothing to tick off
                continue
            due = due_field(object)
            named = object.fields.get(object.task.assignee) if object.task is not None else None
            people = [named] if named is not None else [f for f in object.links if account is not None and f.type.link_to == account.name]
            if due is not None and people and object.workflow:
                found.append(Work(object, due, people[0]))
        return tuple(found)

    made: tuple[Work, ...] = cached(state.release).get(("work", state.who.shape), make)
    return made


def _nobodys(state: RequestState, works: Sequence[Work], limit: int) -> list[dict[str, Any]]:
    """What is late or due today and assigned to nobody, of what she may change: else it would wait unseen."""
    found = []
    for work in works:
        if state.access.object(work.object.name).allows("update"):
            late, today, _waiting = _lines(state, work, limit, nobodys=True) or ((), (), ())
            found += [*late, *today]
    return sorted(found, key=lambda line: line["sort"])[:limit]


def _lines(state: RequestState, work: Work, limit: int, *, nobodys: bool = False) -> tuple[list[dict[str, Any]], ...] | None:
    """Late, today and waiting; None where the reader may not use what says so."""
    locale, object = locale_of(state.release, state.language), work.object
    states = state.release.model.workflows[object.name].states
    still = [s for s in states.values() if s.category in (StateCategory.OPEN, StateCategory.WAITING)]
    if not still:
        return None
    listed = ", ".join(f'"{s.name}"' for s in still)
    waiting = ", ".join(f'"{s.name}"' for s in still if s.category is StateCategory.WAITING)
    until = f"{work.due.name} < {_end_of_today(state, work.due, locale)}"
    if waiting and not nobodys:
        until += f" || {object.workflow} in [{waiting}]"
    query = ListQuery(
        object=object.name, fields=(work.due.name,),
        filter=f"{object.workflow} in [{listed}] && ({until})" + (f" && {work.assignee.name} == null" if nobodys else ""), sort=work.due.name,
        linked=None if nobodys else (work.assignee.name, state.who.id), limit=min(limit * 2, MOST))
    try:
        page_ = state.records.list(query, state.who, state.release)
    except BadQuery:
        return None
    state.seen("list", object.id, page_.ids)
    by_stored = {s.stored: s for s in still}
    groups: tuple[list[dict[str, Any]], ...] = ([], [], [])
    for row in page_.rows:
        place, line = _line(state, object, row, by_stored.get(row.state), locale)
        groups[place].append(line)
    return groups


def _end_of_today(state: RequestState, due: Field, locale: Locale) -> str:
    if due.type.columns[0].storage.kind is not StorageKind.INSTANT:
        return "today + days(1)"
    midnight = datetime.combine(state.who.today + timedelta(1), time(), locale.zone)
    return f'timestamp("{midnight.isoformat()}")'


def _line(state: RequestState, object: Object, row: Row, at: State | None, locale: Locale) -> tuple[int, dict[str, Any]]:
    """Which group a row belongs to (0 late, 1 today, 2 waiting) and its line."""
    _ = words(state.language)
    due: Any = row.values[0] if row.values else None
    local = due.astimezone(locale.zone) if isinstance(due, datetime) else due
    day: date | None = local.date() if isinstance(local, datetime) else local
    waits = at is not None and at.category is StateCategory.WAITING
    late = not waits and day is not None and day < state.who.today
    when = local.strftime("%H:%M") if isinstance(local, datetime) and not late and not waits else str(day or "")
    if late and day is not None:
        days = (state.who.today - day).days
        when = _("1 day late") if days == 1 else _("%(days)s days late") % {"days": days}
    return 2 if waits else 0 if late else 1, {
        "title": card_title(row), "url": f"/o/{object.name}/{row.id}", "object": object.label(state.language), "sort": str(local or ""),
        "state": at.label(state.language) if at else "", "category": at.category.value if at else "plain", "color": at.color if at else "",
        "when": when, "late": late,
    }
