"""Jobs, for operators: how many stand where, and those that were set aside. Ids alone: whoever opens a record needs her own right."""

from __future__ import annotations

import datetime
from typing import Any

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from engine.fields.base import Locale
from runtime.jobs.job import Job
from runtime.jobs.operating import Line, again, all_again, drop, found_aside, overview
from runtime.screens.blueprint import screens
from runtime.screens.flashes import flash
from runtime.screens.past import moment
from runtime.screens.plans import locale_of
from runtime.screens.shell import show
from runtime.screens.words import Say, words
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []

MOST = 100
KINDS = ("timer", "effects", "plan", "message")
"""Those that are shown even where they have nothing to do."""


@screens.get("/jobs")
@declare(policy=Policy.OPERATE)
def jobs() -> Response:
    """Counts by kind and state, and what was set aside."""
    return _page(here())


@screens.post("/jobs/again")
@declare(policy=Policy.OPERATE, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="job or kind")
def run_again() -> BaseResponse:
    """Lets one job, or all of a kind, wait again."""
    state = here()
    job, kind = request.form.get("job", ""), request.form.get("kind", "")
    if job:
        with state.store.write() as connection:
            count = again(connection, state.who, state.release, ids=(job,), now=state.now, new_id=state.site.new_id)
    else:
        count = all_again(state.store, state.who, state.release, kind, now=state.now, new_id=state.site.new_id)
    flash(state, "job_again" if count else "job_gone")
    return redirect("/jobs", 303)


@screens.post("/jobs/drop")
@declare(policy=Policy.OPERATE, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="job, reason")
def drop_job() -> BaseResponse:
    """Gives a job up, for a reason."""
    state = here()
    job, reason = request.form.get("job", ""), request.form.get("reason", "").strip()
    if not reason:
        return _page(state, 422, refused=job)
    with state.store.write() as connection:
        count = drop(connection, state.who, state.release, (job,), reason[:500], now=state.now, new_id=state.site.new_id)
    flash(state, "job_dropped" if count else "job_gone")
    return redirect("/jobs", 303)


def _page(state: RequestState, status: int = 200, refused: str = "") -> Response:
    with state.store.read() as connection:
        lines = overview(connection, KINDS, state.now)
        aside = found_aside(connection, MOST + 1)
    _, locale = words(state.language), locale_of(state.release, state.language)
    page = {
        "lines": [_line(line, state.now, locale, _) for line in lines],
        "late": any(line.is_late(state.now) for line in lines),
        "aside": [_aside(state, job, locale, _) | {"refused": job.id == refused} for job in aside[:MOST]],
        "more": len(aside) > MOST,
        "kinds": [{"name": line.kind, "label": _label(line.kind, _)} for line in lines if line.aside > 1],
        "at": moment(state.now, locale),
    }
    return show("jobs.html", status, page=page, current="jobs")


def _line(line: Line, now: datetime.datetime, locale: Locale, _: Say) -> dict[str, Any]:
    return {
        "kind": _label(line.kind, _), "waiting": line.waiting, "due": line.due, "sending": line.sending, "aside": line.aside,
        "done": line.done, "cancelled": line.cancelled, "oldest": moment(line.oldest, locale) if line.oldest else "",
        "late": line.is_late(now),
    }


def _aside(state: RequestState, job: Job, locale: Locale, _: Say) -> dict[str, Any]:
    found = next((each for each in state.release.model.objects.values() if each.id == job.object), None)
    readable = found is not None and state.access.object(found.name).allows("read")
    return {
        "id": job.id, "kind": _label(job.kind, _), "problem": job.problem or "", "attempts": job.attempts, "doubtful": job.doubtful,
        "due": moment(job.due_at, locale), "due_at": job.due_at.isoformat(), "record": (job.record_id or "")[-8:],
        "object": found.label(state.language) if found is not None and readable else "",
        "url": f"/o/{found.name}/{job.record_id}" if found is not None and readable and job.record_id else "",
    }


def _label(kind: str, _: Say) -> str:
    known = {
        "timer": _("Timers"), "effects": _("Effects of transitions"), "plan": _("Steps of plans"), "message": _("Messages"),
        "timers": _("Timers after a release"), "plan_sweep": _("Plans after a release"), "search": _("Search index"),
    }
    return known.get(kind, kind)
