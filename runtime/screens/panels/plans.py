"""The follow-up plans of a record: how far each is and what comes next; the whole timeline is a page of its own."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from engine.model import Panel
from runtime.plans.enrolment import State, StepState
from runtime.plans.timeline import Timeline, has_plans, timeline
from runtime.records.single import Record
from runtime.screens.environment import page
from runtime.screens.panels.contract import Drawn, titled
from runtime.screens.past import moment
from runtime.screens.plans import locale_of
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["draw"]

_AHEAD = (StepState.PLANNED, StepState.CREATED)


def draw(state: RequestState, panel: Panel, record: Record | None) -> Drawn | None:
    """None where no plan is about such records."""
    if record is None or not has_plans(state.release, record.object.name):
        return None
    _, id = words(state.language), record.row.id
    with state.store.read() as connection:
        found, offers = timeline(connection, state.release, state.who, record.object, id, state.now)
    if found:
        state.seen("plans", record.object.id, list(dict.fromkeys([id, *(one.enrolment.record_id for one in found)])))
    macros: Any = page("parts/plan_lines.html", state.language).module
    address = f"/o/{record.object.name}/{id}/plans"
    body = Markup(macros.plan_lines([_line(state, one) for one in found[: max(panel.limit, 1)]], address, bool(offers)))
    active = sum(one.enrolment.state is State.ACTIVE for one in found)
    return Drawn(id=panel.name, title=titled(state, panel, _("Follow-up plans")), body=body, icon="checklist", count=str(active) if active else "",
                 all_url=address if found else None)


def _line(state: RequestState, one: Timeline) -> dict[str, Any]:
    """The plan, how far it is, and the first step that is still ahead, as far as the reader may know how steps stand."""
    _, locale = words(state.language), locale_of(state.release, state.language)
    states = {State.ACTIVE: (_("Under way"), "open"), State.FINISHED: (_("Finished"), "done"), State.STOPPED: (_("Ended early"), "cancelled")}
    shown = [entry for entry in one.entries if entry.shown]
    done = sum(entry.row.state is StepState.DONE for entry in shown)
    ahead = next((entry for entry in shown if entry.row.state in _AHEAD), None) if one.enrolment.state is State.ACTIVE else None
    when = "" if ahead is None else ahead.row.due_date.isoformat() if ahead.row.due_date else moment(ahead.row.due_at, locale)
    return {
        "label": one.plan.label(state.language), "state": states[one.enrolment.state][0], "category": states[one.enrolment.state][1],
        "progress": _("%(done)s of %(all)s done") % {"done": done, "all": len(one.entries)},
        "next": f"{ahead.label(state.language)} · {when}" if ahead is not None else "",
    }
