"""The follow-up plans of a patient, or of what began them, as a line of time; beginning one and ending one."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from runtime.identity.callers import clinic_day
from runtime.plans.by_hand import ByHand, Cannot
from runtime.plans.enrolment import State, StepState
from runtime.plans.reasons import Why
from runtime.plans.timeline import Entry, Offer, Timeline, has_plans, named, timeline
from runtime.records.query import ListQuery
from runtime.records.rows import UnknownObject
from runtime.screens.blueprint import screens
from runtime.screens.flashes import flash
from runtime.screens.past import moment, people_names
from runtime.screens.plans import locale_of
from runtime.screens.shell import known_object, show
from runtime.screens.views.records import record_or_404, title_of
from runtime.screens.words import Say, words
from runtime.web.errors import HttpProblem
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []

_NEAR = 60
"""Dates so many days away or closer are said in days as well."""


@screens.get("/o/<name>/<record:id>/plans")
@declare(policy=Policy.OBJECT, audit=Audit.VIEW)
def plans_page(name: str, id: str) -> Response:
    """What was, what is due and what is to come."""
    return _page(here(), name, id)


@screens.post("/o/<name>/<record:id>/plans")
@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="what begins which plan")
def begin_plan(name: str, id: str) -> BaseResponse:
    """Puts the record, or one that is about the patient, on a plan."""
    state = here()
    known_object(name)
    chosen = request.form.get("begin", "").split(" ")
    if len(chosen) != 3:
        return _page(state, name, id, 422, words(state.language)("Choose a plan first."))
    try:
        _hands(state).enrol(chosen[0], chosen[1], chosen[2])
    except Cannot as refused:
        return _refused(state, name, id, refused)
    flash(state, "enrolled")
    return redirect(f"/o/{name}/{id}/plans", 303)


@screens.post("/o/<name>/<record:id>/plans/<record:enrolment>/stop")
@declare(policy=Policy.OBJECT, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="the reason")
def stop_plan(name: str, id: str, enrolment: str) -> BaseResponse:
    """Ends a plan; what nobody has begun is cancelled."""
    state = here()
    known_object(name)
    reason = request.form.get("_reason", "").strip()
    if not reason:
        return _page(state, name, id, 422, words(state.language)("Say why the plan ends."))
    try:
        _hands(state).stop(enrolment, reason)
    except Cannot as refused:
        return _refused(state, name, id, refused)
    flash(state, "plan_stopped")
    return redirect(f"/o/{name}/{id}/plans", 303)


def _hands(state: RequestState) -> ByHand:
    return ByHand(
        store=state.store, records=state.records, actor=state.who, now=state.now, new_id=state.site.new_id, request_id=state.request_id)


def _refused(state: RequestState, name: str, id: str, refused: Cannot) -> Response:
    _ = words(state.language)
    texts = {
        "stops": _("What ends this plan is true already, so it cannot begin."), "forbidden": _("You may not do this."),
        "invalid_reason": _("The reason is too long, or has characters that cannot be stored."),
    }
    if refused.code not in texts:
        raise HttpProblem("not_found")
    return _page(state, name, id, 403 if refused.code == "forbidden" else 409, texts[refused.code])


def _page(state: RequestState, name: str, id: str, status: int = 200, error: str | None = None) -> Response:
    object = known_object(name)
    if not has_plans(state.release, name):
        raise UnknownObject(name)
    with state.records.together(state.who, state.release), state.store.read() as connection:
        record = record_or_404(state, object, id)
        found, offers = timeline(connection, state.release, state.who, object, id, state.now)
        for object_id, ids in named(state.release, object, id, found, offers).items():
            state.seen("plans", object_id, ids)
        titles = _titles(state, found, offers)
        who = people_names(state, {one.enrolment.ended_by for one in found if one.enrolment.ended_by} | {one.enrolment.begun_by for one in found})
    draw = _Drawing(state, id, titles, who)
    return show(
        "plans.html", status, current=name, record={"title": title_of(record), "url": f"/o/{name}/{id}", "label": object.label(state.language)},
        error=error, plans=[draw.plan(one) for one in found], offers=[draw.offer(one) for one in offers], action=f"/o/{name}/{id}/plans")


def _titles(state: RequestState, found: Sequence[Timeline], offers: Sequence[Offer]) -> dict[str, str]:
    """What the records are called that begin plans, as far as the reader may know; a query per object."""
    by_object: dict[str, set[str]] = {}
    for one in found:
        by_object.setdefault(one.object.name, set()).add(one.enrolment.record_id)
    for offer in offers:
        by_object.setdefault(offer.object.name, set()).add(offer.record_id)
    titles: dict[str, str] = {}
    for name, ids in by_object.items():
        page = state.records.list(ListQuery(object=name, fields=(), ids=tuple(sorted(ids)[:200]), limit=200), state.who, state.release)
        titles |= {row.id: row.title for row in page.rows if row.title}
    return titles


class _Drawing:
    """Makes the page's context."""

    def __init__(self, state: RequestState, id: str, titles: Mapping[str, str], who: Mapping[str, str]) -> None:
        self._state = state
        self._id = id
        self._titles = titles
        self._who = who
        self._ = words(state.language)
        self._locale = locale_of(state.release, state.language)
        self._today = clinic_day(state.release, state.now)

    def offer(self, one: Offer) -> dict[str, str]:
        label = one.plan.label(self._state.language)
        if one.record_id != self._id:
            label = f"{label} · {one.object.label(self._state.language)}: {self._called(one.record_id)}"
        return {"value": f"{one.object.name} {one.record_id} {one.plan.name}", "label": label}

    def plan(self, one: Timeline) -> dict[str, Any]:
        each, _ = one.enrolment, self._
        states = {
            State.ACTIVE: (_("Under way"), "open"), State.FINISHED: (_("Finished"), "done"), State.STOPPED: (_("Ended early"), "cancelled")}
        done = sum(entry.row.state is StepState.DONE for entry in one.entries if entry.shown)
        groups = self._groups(one)
        return {
            "id": each.id, "label": one.plan.label(self._state.language), "state": states[each.state][0], "category": states[each.state][1],
            "notes": self._notes(one), "progress": _("%(done)s of %(all)s done") % {"done": done, "all": len(one.entries)},
            "groups": groups, "waiting": each.state is State.ACTIVE and not groups,
            "stop_url": f"/o/{one.object.name}/{each.record_id}/plans/{each.id}/stop" if one.may_stop else None,
        }

    def _notes(self, one: Timeline) -> list[dict[str, str | None]]:
        each, _, language = one.enrolment, self._, self._state.language
        notes: list[dict[str, str | None]] = []
        if each.record_id != self._id:
            notes.append({"text": f"{one.object.label(language)}: {self._called(each.record_id)}", "url": f"/o/{one.object.name}/{each.record_id}"})
        if each.anchor:
            notes.append({"text": f"{self._anchor_label(one)}: {each.anchor[:10]}", "url": None})
        begun = {"rule": _("begun by itself on %(day)s"), "effect": _("begun by a step of work on %(day)s"), "hand": _("begun on %(day)s by %(who)s")}
        words_ = {"day": moment(each.begun_at, self._locale)[:10], "who": self._who.get(each.begun_by, _("System"))}
        notes.append({"text": begun[each.cause.value] % words_, "url": None})
        if each.ended_at and each.state is State.STOPPED:
            why = {Why.BY_HAND: _("ended by %(who)s on %(day)s"), Why.CONDITION: _("ended on %(day)s: its condition for ending came true"),
                   Why.DELETED: _("ended on %(day)s: what began it was deleted"), Why.RETIRED: _("ended on %(day)s: the plan is no longer used")}
            text = why.get(Why(each.why or Why.BY_HAND), _("ended on %(day)s"))
            ended = {"day": moment(each.ended_at, self._locale)[:10], "who": self._who.get(each.ended_by or "", _("System"))}
            notes.append({"text": text % ended, "url": None})
            if each.reason:
                notes.append({"text": _("Reason: %(reason)s") % {"reason": each.reason}, "url": None})
        return notes

    def _anchor_label(self, one: Timeline) -> str:
        """What the date is called that steps count from."""
        *links, name = one.plan.anchor
        object = one.object
        for link in links:
            object = self._state.release.model.objects[object.fields[link].type.link_to]
        return object.fields[name].label(self._state.language)

    def _called(self, id: str) -> str:
        return self._titles.get(id) or f"#{id[-6:]}"

    def _groups(self, one: Timeline) -> list[dict[str, Any]]:
        """The steps up to today, today's, and those to come."""
        _ = self._
        names = {"past": _("Past"), "today": _("Today"), "next": _("Upcoming")}
        parts: dict[str, list[dict[str, Any]]] = {}
        for entry in one.entries:
            day = self._day(entry.row.due_date, entry.row.due_at)
            place = "today" if day == self._today else "past" if day < self._today else "next"
            parts.setdefault(place, []).append(self._entry(one, entry, day))
        return [{"name": names[key], "key": key, "steps": parts[key]} for key in names if key in parts]

    def _day(self, date: datetime.date | None, at: datetime.datetime) -> datetime.date:
        return date or at.astimezone(self._locale.zone).date()

    def _entry(self, one: Timeline, entry: Entry, day: datetime.date) -> dict[str, Any]:
        row, _ = entry.row, self._
        label, category = self._standing(entry, day)
        repeats = sum(each.row.step == row.step for each in one.entries) > 1
        when = day.isoformat() if row.due_date else moment(row.due_at, self._locale)
        return {
            "label": entry.label(self._state.language), "number": f"{row.n}." if repeats else "", "at": row.due_at.isoformat(), "when": when,
            "away": _away((day - self._today).days, _) if row.state in (StepState.PLANNED, StepState.CREATED) else "",
            "until": _("until %(when)s") % {"when": self._until(row.until)} if row.until and not row.state.settled else "",
            "state": label, "category": category, "why": self._why(row.why) if entry.shown else "",
            "url": f"/o/{entry.record[0]}/{entry.record[1]}" if entry.record else None,
        }

    def _until(self, until: datetime.datetime) -> str:
        """The last day; of a window that ends as a day begins, the day before."""
        last = (until - datetime.timedelta(microseconds=1)).astimezone(self._locale.zone)
        return last.date().isoformat() if until.astimezone(self._locale.zone).time() == datetime.time() else moment(until, self._locale)

    def _standing(self, entry: Entry, day: datetime.date) -> tuple[str, str]:
        _, state = self._, entry.row.state
        if not entry.shown:
            return _("Not visible to you"), "plain"
        late = state is StepState.CREATED and day < self._today
        return {
            StepState.PLANNED: (_("Planned"), "plain"), StepState.CREATED: (_("Overdue"), "alert") if late else (_("To do"), "open"),
            StepState.DONE: (_("Done"), "done"), StepState.SKIPPED: (_("Left out"), "cancelled"), StepState.MISSED: (_("Missed"), "alert"),
            StepState.STOPPED: (_("Not done: the plan ended"), "cancelled"),
        }[state]

    def _why(self, why: str | None) -> str:
        _ = self._
        words_: Mapping[str, str] = {
            Why.DELETED: _("its record was deleted"), Why.CANCELLED: _("somebody cancelled it"), Why.LATE: _("done after its time"),
            Why.WINDOW: _("its time passed"), Why.DOWNTIME: _("its time passed while the system was off"),
            Why.MERGED: _("a later one stands for it"), Why.WHEN: _("its condition was not met"),
            Why.SKIP: _("not needed by earlier answers or facts"), Why.DUPLICATE: _("there is one like it already"),
        }
        return words_.get(why or "", "")


def _away(days: int, _: Say) -> str:
    """How far away a day is, in words; '' for one that is far."""
    if abs(days) > _NEAR:
        return ""
    if days == 0:
        return _("today")
    if abs(days) == 1:
        return _("tomorrow") if days > 0 else _("yesterday")
    return (_("in %(days)s days") if days > 0 else _("%(days)s days ago")) % {"days": abs(days)}
