"""The calendar of an object: a day, a week or a month of its records."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import Response, request
from markupsafe import Markup

from engine.model import CalendarView, Object
from runtime.records.rows import UnknownObject
from runtime.screens.agenda import Day, Scale, Span, hours_of, placed
from runtime.screens.blueprint import screens
from runtime.screens.choosing import above, bar, filter_expression
from runtime.screens.list_state import ListState, address, read_state
from runtime.screens.plans import ListPlan, list_plan, locale_of
from runtime.screens.shell import known_object, show
from runtime.screens.timetable import Drawer, Found, Timetable, period
from runtime.screens.ways import usable, ways
from runtime.screens.words import Say, words
from runtime.web.routes import Audit, Policy, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []

SCALE, DATE = "scale", "date"
IN_A_CELL = 4
"""So many entries of a day stand in a month's cell."""


@screens.get("/o/<name>/calendar")
@declare(policy=Policy.OBJECT, audit=Audit.VIEW)
def object_calendar(name: str) -> Response:
    """The calendar."""
    state = here()
    object = known_object(name)
    view, named = _view_of(state, object, request.args.get("view", ""))
    chosen = read_state(request.args, (SCALE, DATE))
    span, vain = _span(chosen, state.who.today)
    chosen = dataclasses.replace(chosen, unknown=(*chosen.unknown, *vain, *(() if named else ("view",))), view=chosen.view if named else "")
    plan, locale = list_plan(state, object, view), locale_of(state.release, state.language)
    parts = [period(view, object.fields[view.start], span, locale), filter_expression(plan, chosen, state)]
    table = Timetable(state, object, view, locale)
    found = table.find(" && ".join(f"({part})" for part in parts if part), chosen.linked)
    state.seen("list", object.id, list(found.rows))
    return _shown(state, plan, view, chosen, span, found, table.drawer(found))


def _view_of(state: RequestState, object: Object, wanted: str) -> tuple[CalendarView, bool]:
    """The calendar of that name, else the default one and whether that was meant. Raises UnknownObject where there is none to use."""
    model = state.release.model
    found = model.views.get(wanted)
    named = isinstance(found, CalendarView) and found.object == object.name
    view = found if isinstance(found, CalendarView) and named else model.calendar(object.name)
    if view is None or not usable(state, view):
        raise UnknownObject(object.name)
    return view, named or not wanted


def _span(chosen: ListState, today: date) -> tuple[Span, list[str]]:
    """What the address asks for, a week around today without it; and the names of parameters that say nothing."""
    vain = []
    scale, day = Scale.WEEK, today
    if wanted := chosen.own.get(SCALE):
        scale = next((one for one in Scale if one.value == wanted), Scale.WEEK)
        vain += [] if scale.value == wanted else [SCALE]
    if text := chosen.own.get(DATE):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            vain.append(DATE)
        if not 1900 <= day.year <= 2200:
            day = today
            vain.append(DATE)
    return Span(scale, day), vain


def _shown(
    state: RequestState, plan: ListPlan, view: CalendarView, chosen: ListState, span: Span, found: Found, drawer: Drawer,
) -> Response:
    _ = words(state.language)
    object, path, rights = plan.object, f"/o/{plan.object.name}/calendar", state.access.object(plan.object.name)
    days = placed(found.entries, span.days)
    new_url = f"/o/{object.name}/new" if rights.allows("create") else None

    def to(scale: Scale, day: date) -> str:
        return address(path, dataclasses.replace(chosen, own={SCALE: scale.value, DATE: day.isoformat()}, unknown=()))

    first, last = hours_of(days)
    page = {
        **above(state, plan, chosen, path), "label": object.plural(state.language) if view.default else view.label(state.language),
        "views": ways(state, object, view), "new_url": new_url, "new_label": _("New: %(object)s") % {"object": object.label(state.language)},
        "scale": span.scale.value, "period": _named(span, _), "date": span.day.isoformat(),
        "scales": [{"label": text, "url": to(one, span.day), "current": one is span.scale}
                   for one, text in ((Scale.DAY, _("Day")), (Scale.WEEK, _("Week")), (Scale.MONTH, _("Month")))],
        "previous_url": to(span.scale, span.moved(-1)), "next_url": to(span.scale, span.moved(1)), "today_url": to(span.scale, state.who.today),
        "hours": list(range(first, last)), "first_hour": first, "field": view.start, "view_name": "" if view.default else view.name,
        "movable": rights.allows("update") and object.fields[view.start].typed,
        "days": [_day(state, day, drawer, first, span, new_url, view, to(Scale.DAY, day.day), _) for day in days],
        "more": _("Only the first %(count)s are shown. Choose a shorter time or a filter.") % {"count": len(found.rows)} if found.more else None,
        "any": bool(found.entries), "legend": _legend(drawer, found),
    }
    page["bar"] = None if chosen.q else bar(state, page)
    return show("calendar.html", current=object.name, page=page)


def _day(
    state: RequestState, day: Day, drawer: Drawer, first_hour: int, span: Span, new_url: str | None, view: CalendarView, day_url: str, _: Say,
) -> dict[str, Any]:
    weekday = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))[day.day.weekday()]
    today = state.who.today
    entries = [drawer.entry(entry) for entry in day.whole] if span.scale is not Scale.MONTH else _cell(day, drawer)
    count = len(day.whole) + len(day.placed)
    return {
        "date": day.day.isoformat(), "number": day.day.day, "weekday": weekday, "today": day.day == today, "past": day.day < today,
        "other": span.scale is Scale.MONTH and day.day.month != span.day.month, "off": day.day.weekday() > 4, "url": day_url,
        "whole": entries, "timed": [drawer.placed(one, first_hour) for one in day.placed] if span.scale is not Scale.MONTH else [],
        "count": count, "more": max(0, count - IN_A_CELL) if span.scale is Scale.MONTH else 0,
        "new_url": f"{new_url}?v.{view.start}={day.day.isoformat()}" if new_url else None,
    }


def _cell(day: Day, drawer: Drawer) -> list[dict[str, Any]]:
    """The first entries of a day of a month, by time."""
    timed = [one.entry for one in day.placed]
    return [drawer.entry(entry) for entry in [*day.whole, *timed][:IN_A_CELL]]


def _legend(drawer: Drawer, found: Found) -> Sequence[dict[str, str]]:
    """The colours that occur, in the order of the definition."""
    if drawer.color is None:
        return ()
    there = {row.values[drawer.color] for row in found.rows.values()}
    return [{"look": look, "label": label} for stored, (look, label, _over) in drawer.looks.items() if stored in there]


def _named(span: Span, _: Say) -> Markup | str:
    if span.scale is Scale.DAY:
        weekday = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))[span.day.weekday()]
        return f"{span.day.isoformat()} · {weekday}"
    if span.scale is Scale.WEEK:
        return f"{span.first.isoformat()} – {(span.until - timedelta(1)).isoformat()}"
    return _("%(month)s/%(year)s") % {"month": span.day.month, "year": span.day.year}
