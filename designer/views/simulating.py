"""Simulation: a plan of a draft tried on a patient who does not exist, and the scenarios of its packs. Changes no database of the clinic."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from flask import Response, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from designer.blueprint import designer
from designer.drafts.checking import checked, problems_of
from designer.drafts.draft import Draft
from designer.edits.files import CreateFile
from designer.edits.layering import free_path
from designer.edits.refused import EditRefused
from designer.houses import MOST_DAYS, Busy, run, try_plan
from designer.naming import name_of
from designer.shell import draft_of, drafts, head, languages, problem_rows, show, told
from designer.telling import scenario_of
from designer.trying import asked_of_begins, asked_of_patient, asked_of_step, case_of, ways_of
from designer.views.overview import definition_url
from designer.words import words
from engine.model import Model, Plan
from engine.text import check, read_bytes
from runtime.simulation.timeline import Timeline
from runtime.simulation.words import KINDS, WHY
from runtime.simulation.world import NotPossible
from runtime.store.errors import Refused
from runtime.web.errors import HttpProblem
from runtime.web.routes import Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []

_DAYS = 120
_NINE = datetime.time(9)


@dataclasses.dataclass
class _Tried:
    """What came of it: a course, or why there is none."""

    found: Timeline | None = None
    why: str = ""
    failures: Sequence[str] = ()


@designer.get("/<record:id>/simulate")
@declare(policy=Policy.DESIGN)
def show_simulation(id: str) -> Response:
    """What is asked before a simulation; `plan` chooses the plan."""
    draft = draft_of(id)
    return _page(here(), draft, _plan(draft), None, _Tried())


@designer.post("/<record:id>/simulate")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="simulation")
def run_simulation(id: str) -> AnyResponse:
    """The course of the patient; with `run` a scenario's, with `save` the course becomes a scenario of the pack."""
    state, draft = here(), draft_of(id)
    plan, model, sent = _plan(draft), checked(draft).model, MultiDict(request.form.items(multi=True))
    if model is None or plan is None:
        return _page(state, draft, plan, None, _Tried())
    if sent.get("run"):
        return _scenario(state, draft, model, plan, sent)
    tried = _try(state, draft, model, plan, sent)
    if sent.get("save") and tried.found is not None and draft.open:
        return _save(state, draft, model, plan, sent, tried)
    return _page(state, draft, plan, sent, tried)


def _plan(draft: Draft) -> Plan | None:
    """The plan of the address; the first one without. Raises HttpProblem 404 for one that there is not."""
    model, name = checked(draft).model, request.values.get("plan", "")
    if model is None:
        return None
    plans = {key: plan for key, plan in model.plans.items() if not plan.retired}
    if name and name not in plans:
        raise HttpProblem("not_found")
    return plans[name] if name else next(iter(plans.values()), None)


def _try(state: RequestState, draft: Draft, model: Model, plan: Plan, sent: MultiDict[str, str]) -> _Tried:
    _ = words(state.language)
    try:
        starts, days = datetime.datetime.combine(datetime.date.fromisoformat(sent.get("from", "")), _NINE), int(sent.get("days", ""))
    except ValueError:
        return _Tried(why=_("Say on which day it begins and how many days pass."))
    if not 1 <= days <= MOST_DAYS or not 1950 <= starts.year <= 2150:
        return _Tried(why=_("Between 1 and %(most)s days may pass.") % {"most": MOST_DAYS})
    try:
        return _Tried(try_plan(draft, plan.name, case_of(model, plan, sent), starts, days, state.language))
    except NotPossible as error:
        return _Tried(why=error.why)
    except Busy:
        return _Tried(why=_("Others are simulating just now. Try again in a moment."))
    except Refused as refused:
        return _Tried(why=_("The draft cannot be tried: %(why)s") % {"why": str(refused)})


def _scenario(state: RequestState, draft: Draft, model: Model, plan: Plan, sent: MultiDict[str, str]) -> Response:
    _, scenario = words(state.language), model.scenarios.get(sent["run"])
    if scenario is None:
        raise HttpProblem("not_found")
    try:
        ran = run(draft.as_bytes(), scenario)
    except Busy:
        return _page(state, draft, plan, sent, _Tried(why=_("Others are simulating just now. Try again in a moment.")))
    except Refused as refused:
        return _page(state, draft, plan, sent, _Tried(why=_("The draft cannot be tried: %(why)s") % {"why": str(refused)}))
    lines = [f"{each.step}: {each.message}" for each in ran.failures]
    return _page(state, draft, plan, sent, _Tried(failures=lines), ran={"name": scenario.name, "ok": ran.ok, "steps": ran.steps})


def _save(state: RequestState, draft: Draft, model: Model, plan: Plan, sent: MultiDict[str, str], tried: _Tried) -> AnyResponse:
    """The course as a scenario, which is run before it is kept: one that does not hold from the first day would help nobody."""
    _ = words(state.language)
    assert tried.found is not None
    text = sent.get("scenario", "").strip()[:200]
    label = {languages(state)[0]: text or plan.label(state.language)}
    name = name_of(label, set(draft.layers.names("scenarios")), fallback="scenario")
    value = scenario_of(model, draft.layers, draft.pack, name, label, plan, case_of(model, plan, sent), tried.found)
    edit = CreateFile(path=free_path(draft.files, draft.pack, "scenarios", name), value=value)
    try:
        after = {path: text.encode() for path, text in edit.patch(draft.files).on(draft.files).items()}
        made = check(read_bytes(after))
        if made.model is None or name not in made.model.scenarios:
            return _page(state, draft, plan, sent, dataclasses.replace(tried, failures=[p.say(state.language)[0] for p in made.problems][:5]))
        ran = run(after, made.model.scenarios[name])
        if not ran.ok:
            return _page(state, draft, plan, sent, dataclasses.replace(tried, failures=[f"{each.step}: {each.message}" for each in ran.failures]))
        drafts(state).edit(draft.id, edit, state.who.id, state.now)
    except Busy:
        return _page(state, draft, plan, sent, dataclasses.replace(tried, why=_("Others are simulating just now. Try again in a moment.")))
    except EditRefused as refused:
        return _page(state, draft, plan, sent, dataclasses.replace(tried, why=refused.say(state.language)))
    told(state, _("Kept as the scenario “%(name)s”. It is run by every test of the pack.") % {"name": text or plan.label(state.language)})
    return redirect(f"/design/{draft.id}/simulate?plan={quote(plan.name)}", 303)


def _page(state: RequestState, draft: Draft, plan: Plan | None, sent: MultiDict[str, str] | None, tried: _Tried,
          ran: dict[str, Any] | None = None) -> Response:
    model = checked(draft).model
    frame: dict[str, Any] = {
        "draft": head(state, draft, "simulate"), "plan": None, "problems": problem_rows(draft, list(problems_of(draft))) if model is None else [],
    }
    if model is None or plan is None:
        return show("simulate.html", **frame)
    language, today = state.language, state.who.today
    typed = sent if sent is not None and sent.get("from") is not None else None
    said: MultiDict[str, str] = MultiDict() if typed is None else typed
    starts = said.get("from") or today.isoformat()
    steps = [{"name": name, "label": step.label(language), "done": bool(said.get(f"done.{name}")),
              "by": said.get(f"by.{name}", ""), "ways": ways_of(model, step, language),
              "asked": asked_of_step(model, plan, step, typed, language)}
             for name, step in plan.steps.items() if step.create and not step.retired]
    status = 422 if tried.why else 200
    return show(
        "simulate.html", status, **frame | {"plan": plan.name}, label=plan.label(language),
        plans=[(name, each.label(language)) for name, each in model.plans.items() if not each.retired],
        subject=model.objects[plan.subject].label(language), begins=model.objects[plan.object].label(language),
        patient_fields=asked_of_patient(model, plan, typed, language),
        begins_fields=asked_of_begins(model, plan, typed, _day(starts) or today, language),
        steps={step["name"]: step for step in steps}, starts=starts, days=said.get("days") or _DAYS, most=MOST_DAYS, why=tried.why,
        course=_course(plan, tried.found, language) if tried.found else None, failures=list(tried.failures), ran=ran,
        definition=definition_url(draft.id, "plans", plan.name), pack_label=draft.pack,
        scenarios=[(name, each.label(language)) for name, each in model.scenarios.items() if not each.retired],
    )


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def _message_said(detail: str, language: str) -> str:
    """How a message stands: `email, sent` or `failed (unreachable)`."""
    found, _ = re.fullmatch(r"(?:([a-z_]+), )?([a-z_]+)(?: \(([a-z_]+)\))?", detail), words(language)
    if found is None:
        return detail
    ways = {"email": _("by e-mail"), "inbox": _("in the inbox")}
    states = {"queued": _("to be sent"), "held": _("held back"), "doubtful": _("perhaps sent"), "sent": _("sent"), "failed": _("not delivered"),
              "refused": _("not sent")}
    reasons = {"unreachable": _("there is no address that takes it"), "quiet": _("quiet hours"),
               "refuses": _("the patient refused"), "refused_channel": _("the patient refused")}
    channel, state, reason = found.groups()
    parts = (states.get(state, state), ways.get(channel, channel), reasons.get(reason, reason))
    return ", ".join(part for part in parts if part)


def _course(plan: Plan, found: Timeline, language: str) -> dict[str, Any]:
    """The events for the page: `day` counts from the first one; the first record of a step takes its answers."""
    spoken = "zh" if language.startswith("zh") else "en"
    first, seen, events = found.starts.date(), set[str](), []
    for event in found.events:
        answered = event.kind == "created" and event.step and event.step not in seen
        seen |= {event.step} if answered else set()
        events.append({
            "day": (event.at.date() - first).days, "date": event.at.date().isoformat(), "kind": event.kind,
            "word": KINDS[spoken].get(event.kind, event.kind),
            "label": plan.steps[event.step].label(language) if event.step in plan.steps else event.label,
            "why": _message_said(event.detail, language) if event.kind == "message" else WHY[spoken].get(event.detail, event.detail),
            "due": event.due[:10], "text": event.text, "record": event.record, "step": event.step, "answers": bool(answered),
        })
    return {"events": events, "days": (found.ends.date() - first).days, "first": first.isoformat(), "state": found.state}
