"""The start page: what waits for me, late first, and what I opened last."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Response

from engine.fields.base import Locale, StorageKind
from engine.model import Field, Object
from engine.targets.screens import due_field, late_states, open_states
from runtime.records.query import ListQuery
from runtime.records.rows import BadQuery, Row
from runtime.screens.blueprint import screens
from runtime.screens.list_state import LINKED
from runtime.screens.plans import cached, locale_of
from runtime.screens.recent import recent_records
from runtime.screens.shell import object_icon, readable_objects, show
from runtime.screens.words import Say, words
from runtime.web.routes import Audit, Policy, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []

ROWS = 12


@screens.get("/")
@declare(policy=Policy.SIGNED_IN, audit=Audit.VIEW)
def home() -> Response:
    """Cards of open work assigned to me, by date."""
    state = here()
    _ = words(state.language)
    found = [card for card in (_card(state, object, link, due) for object, link, due in _work(state)) if card is not None]
    cards = [card for card in found if card["rows"]] or found[:1]
    day = state.who.today
    return show(
        "home.html", current="home", greeting=_greeting(state, _), today_text=f"{day.isoformat()} · {_weekday(day, _)}",
        cards=cards, recent=recent_records(state),
    )


def _greeting(state: RequestState, _: Say) -> str:
    hour = state.now.astimezone(locale_of(state.release, state.language).zone).hour
    text = _("Good morning, %(name)s") if hour < 12 else _("Good afternoon, %(name)s") if hour < 18 else _("Good evening, %(name)s")
    return text % {"name": state.who.name}


def _weekday(day: date, _: Say) -> str:
    return (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))[day.weekday()]


def _work(state: RequestState) -> tuple[tuple[Object, Field, Field], ...]:
    """Objects whose rows are work: a workflow, a date it is due, and a link to the person who has it."""
    account = state.release.model.account

    def make() -> tuple[tuple[Object, Field, Field], ...]:
        found = []
        for object in readable_objects(state):
            due = due_field(object)
            people = [f for f in object.links if account is not None and f.type.link_to == account.name]
            if due is not None and people:
                found.append((object, people[0], due))
        return tuple(found)

    made: tuple[tuple[Object, Field, Field], ...] = cached(state.release).get(("work", state.who.shape), make)
    return made


def _card(state: RequestState, object: Object, link: Field, due: Field) -> dict[str, Any] | None:
    """Open rows of mine up to the end of today; late ones first."""
    _ = words(state.language)
    locale = locale_of(state.release, state.language)
    workflow = state.release.model.workflows[object.name]
    names = [s.name for s in workflow.states.values() if s.stored in open_states(state.release.model, object)]
    listed = ", ".join(f'"{name}"' for name in names)
    filter = f"{object.workflow} in [{listed}] && {due.name} < {_end_of_today(state, due, locale)}"
    query = ListQuery(object=object.name, fields=(due.name,), filter=filter, sort=due.name, linked=(link.name, state.who.id), limit=ROWS)
    try:
        page = state.records.list(query, state.who, state.release)
    except BadQuery:  # she may not use one of these fields
        return None
    state.seen("list", object.id, page.ids)
    labels = {s.stored: (s.label(state.language), s.category.value) for s in workflow.states.values()}
    late = late_states(state.release.model, object)
    rows = [_line(object, row, labels, row.state in late, state.who.today, locale, _) for row in page.rows]
    return {
        "id": object.name, "title": _("My open: %(objects)s") % {"objects": object.plural(state.language)}, "icon": object_icon(object),
        "count": f"{len(rows)}+" if page.next else len(rows), "tone": "alert" if any(row["late"] for row in rows) else "plain",
        "rows": rows, "all_url": f"/o/{object.name}?{LINKED}{link.name}={state.who.id}", "empty_title": _("Nothing waits for you today"),
        "empty_text": None,
    }


def _end_of_today(state: RequestState, due: Field, locale: Locale) -> str:
    if due.type.columns[0].storage.kind is not StorageKind.INSTANT:
        return "today + days(1)"
    midnight = datetime.combine(state.who.today + timedelta(1), time(), locale.zone)
    return f'timestamp("{midnight.isoformat()}")'


def _line(
    object: Object, row: Row, labels: dict[str, tuple[str, str]], may_be_late: bool, today: date, locale: Locale, _: Say,
) -> dict[str, Any]:
    at: Any = row.values[0] if row.values else None
    day = at.astimezone(locale.zone).date() if isinstance(at, datetime) else at
    late = may_be_late and isinstance(day, date) and day < today
    when = at.astimezone(locale.zone).strftime("%H:%M") if isinstance(at, datetime) and not late else str(day or "")
    label, category = labels.get(row.state, ("", "plain"))
    if late:
        when = _("%(days)s days late") % {"days": (today - day).days}
    return {
        "title": row.title or f"#{row.id[-6:]}", "url": f"/o/{object.name}/{row.id}", "note": None, "state": label, "category": category,
        "when": when, "late": late,
    }
