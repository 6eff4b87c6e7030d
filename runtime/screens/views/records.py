"""The page of one record: its facts, what can be done next, what links to it, its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from flask import Response, request
from markupsafe import Markup

from engine.model import Object, StateCategory
from engine.targets.machine import Offer
from runtime.plans.timeline import has_plans
from runtime.records.asked import may_ask
from runtime.records.past import HistoryEntry
from runtime.records.reading import Related
from runtime.records.residence import clinics_of_record
from runtime.records.rows import UnknownObject
from runtime.records.single import Record
from runtime.screens.blueprint import screens
from runtime.screens.clinics import named
from runtime.screens.environment import page
from runtime.screens.essentials import fields_of, head_of, others
from runtime.screens.facts import Facts, seen_fields
from runtime.screens.forms.modes import clinics_to_choose
from runtime.screens.list_state import LINKED
from runtime.screens.panels.contract import draw_all, placed
from runtime.screens.panels.stream import days_of, note_seen
from runtime.screens.past import history_lines, people_names, stamps
from runtime.screens.plans import cached, list_plan, locale_of
from runtime.screens.shell import answer, frame, known_object, show
from runtime.screens.words import words
from runtime.web.routes import Audit, Policy, declare
from runtime.web.state import RequestState, here

__all__ = ["marked_steps", "record_or_404"]

RELATED = 10
HISTORY = 20
STREAM = 40


def record_or_404(state: RequestState, object: Object, id: str, fields: tuple[str, ...] | None = None) -> Record:
    """The record. Raises UnknownObject (404) when there is none that the actor may read."""
    found = state.records.get(object.name, id, state.who, state.release, fields=fields)
    if found is None:
        raise UnknownObject(object.name)
    return found


@screens.get("/o/<name>/<record:id>")
@declare(policy=Policy.OBJECT, audit=Audit.VIEW)
def record_page(name: str, id: str) -> Response:
    """One record."""
    state = here()
    object = known_object(name)
    with state.records.together(state.who, state.release):
        made = state.release.model.page(name)
        record = record_or_404(state, object, id, fields_of(state, object, made) if made is not None else None)
        if made is not None:
            state.seen("record", object.id, [id])
            text = page("panels.html", state.language).render(
                ui=frame(state, name), record=_context(state, record, ()) | {"head": head_of(state, record, made)},
                others=others(state, record, made), share=_share(state, record), panels=placed(state, draw_all(state, made.panels.values(), record)))
            return answer(text)
        related = state.records.related(name, id, state.who, state.release, limit=RELATED)
        entries = state.records.history(name, id, state.who, state.release) or ()
        state.seen("record", object.id, [id, *dict.fromkeys(row.id for part in related for row in part.page.rows)])
        facts = _facts(state, record)
        shown, starters = _related(state, record, related)
        text = facts.template.render(
            ui=frame(state, name), record=_context(state, record, entries), f=facts.texts(record), related=shown,
            empty_related=starters, share=_share(state, record),
        )
    return answer(text)


@screens.get("/o/<name>/<record:id>/stream")
@declare(policy=Policy.OBJECT, audit=Audit.VIEW)
def record_stream(name: str, id: str) -> Response:
    """Older entries of the stream of what happened to all that is about a record."""
    state = here()
    object = known_object(name)
    with state.records.together(state.who, state.release):
        record = record_or_404(state, object, id)
        found = state.records.stream(name, id, state.who, state.release, limit=STREAM, after=request.args.get("after") or None)
        assert found is not None  # the record was read on the same snapshot
        state.seen("record", object.id, [id])
        note_seen(state, object, id, found)
        more = f"/o/{name}/{id}/stream?after={found.next}" if found.next else None
        days = days_of(state, found.happenings, id, record.row.title)
    return show("stream.html", current=name, title=title_of(record), url=f"/o/{name}/{id}", days=days, more_url=more)


def _facts(state: RequestState, record: Record) -> Facts:
    seen = seen_fields(record)
    key = ("facts", record.object.name, state.language, seen)
    locale = locale_of(state.release, state.language)
    made: Facts = cached(state.release).get(key, lambda: Facts(state.release.model, record.object.name, seen, locale))
    return made


def _context(state: RequestState, record: Record, entries: Sequence[HistoryEntry]) -> dict[str, Any]:
    _ = words(state.language)
    object, row, language = record.object, record.row, state.language
    locale = locale_of(state.release, language)
    path = f"/o/{object.name}/{row.id}"
    title = title_of(record)
    everything = request.args.get("history") == "all"
    label, category = _state(state, record)
    shown = entries if everything else entries[:HISTORY]
    who = people_names(state, {entry.by for entry in (*shown, *entries[-1:])})
    return {
        "title": title, "object_label": object.plural(language), "list_url": f"/o/{object.name}",
        "state": label, "state_category": category,
        "note": " · ".join(part for part in (_clinics(state, record), stamps(state, entries, locale, who)) if part), "version": row.version,
        "plans_url": f"{path}/plans" if has_plans(state.release, object.name) else None,
        "told_url": f"{path}/messages" if object.subject else None,
        "edit_url": f"{path}/edit" if "update" in record.actions else None,
        "delete_url": f"{path}/delete" if "delete" in record.actions else None,
        "delete_confirm": _("Delete %(title)s? You can undo this.") % {"title": title},
        "steps": marked_steps(state, path, record.offers),
        "history": history_lines(state, object, shown, locale, who),
        "history_more_url": f"{path}?history=all" if len(entries) > HISTORY and not everything else None,
    }


def title_of(record: Record) -> str:
    """What the record is called; its number in the system where its title is hidden or empty."""
    return record.row.title or f"#{record.row.id[-6:]}"


def _state(state: RequestState, record: Record) -> tuple[str | None, str]:
    workflow = state.release.model.workflows.get(record.object.name)
    found = next((s for s in workflow.states.values() if s.stored == record.row.state), None) if workflow else None
    return (found.label(state.language), found.category.value) if found else (None, "plain")


def _clinics(state: RequestState, record: Record) -> str:
    object = record.object
    if object.belongs_to.root_scope == "organisation":
        return ""
    if object.belongs_to.scope != "clinics":
        return " · ".join(name for _id, name in named(state, (record.clinic,) if record.clinic else ()))
    ids = clinics_of_record(state.store, state.release, object, record.row.id, state.who.today)
    return " · ".join(name for _id, name in named(state, ids))


def marked_steps(state: RequestState, path: str, offers: Sequence[Offer]) -> list[dict[str, Any]]:
    """The buttons of a record's transitions, as parts/transitions.html takes them."""
    return [_step(state, path, offer, first) for offer, first in _marked(offers)]


def _marked(offers: Sequence[Offer]) -> list[tuple[Offer, bool]]:
    """Offers, and whether each is the first that can be taken: the likeliest next step."""
    first = next((offer for offer in offers if offer.refusal is None), None)
    return [(offer, offer is first) for offer in offers]


def _step(state: RequestState, path: str, offer: Offer, first: bool) -> dict[str, Any]:
    transition, _ = offer.transition, words(state.language)
    workflow = state.release.model.workflows[path.split("/")[2]]
    stops = workflow.states[transition.target].category is StateCategory.CANCELLED
    label = transition.label(state.language)
    asks = bool(may_ask(state.release, state.release.model.objects[path.split("/")[2]], transition)) or transition.reason != "none"
    return {
        "name": transition.name, "label": label, "url": f"{path}/t/{transition.name}", "allowed": offer.refusal is None, "ask": asks,
        "reason": _why_not(state, path.split("/")[2], offer),
        "confirm": _("%(step)s: are you sure?") % {"step": label} if stops and not asks else None,
        "tone": "danger" if stops and not first else "primary" if first and not stops else "plain",
    }


def _why_not(state: RequestState, object_name: str, offer: Offer) -> str | None:
    """Why a button is grey, by the labels of the fields that its condition reads."""
    if offer.refusal is None:
        return None
    fields = state.release.model.objects[object_name].fields
    names = [fields[name].label(state.language) for name in offer.refusal.fields if name in fields]
    if offer.refusal.code != "guard_refused" or not names:
        return offer.refusal.text(state.language)
    _ = words(state.language)
    return _("Not possible yet. It depends on: %(fields)s.") % {"fields": ", ".join(names)}


def _related(state: RequestState, record: Record, related: Sequence[Related]) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Tables of what links here; and, for what is empty but may be made, links to begin with."""
    back = f"/o/{record.object.name}/{record.row.id}"
    shown, starters = [], []
    per_object = [part.object.name for part in related]
    for part in related:
        title, one = part.object.plural(state.language), part.object.label(state.language)
        if per_object.count(part.object.name) > 1 or part.object.name == record.object.name:
            role = part.field.label(state.language)
            title, one = f"{title} ({role})", f"{one} ({role})"
        new_url = None
        if part.field.typed and state.access.object(part.object.name).allows("create"):
            new_url = f"/o/{part.object.name}/new?v.{part.field.name}={record.row.id}&back={quote(back)}"
        if part.page.rows:
            everything = f"/o/{part.object.name}?{LINKED}{part.field.name}={record.row.id}&all=yes"
            shown.append({
                "title": title, "id": f"{part.object.name}-{part.field.name}", "table": _table(state, part, title), "new_url": new_url,
                "new_label": None, "all_url": everything if part.page.next else None,
            })
        elif new_url:
            starters.append({"title": one, "new_url": new_url})
    return shown, starters


def _table(state: RequestState, part: Related, title: str) -> Markup:
    plan = list_plan(state, part.object, state.release.model.view(part.object.name))
    look = plan.related(part.page.columns, part.field.name)
    return look.table.fill(title, look.drawing.rows(part.page.rows, state.who.today))


def _share(state: RequestState, record: Record) -> dict[str, Any] | None:
    """The clinics of hers that a record can be shared with, for objects whose records may be in several."""
    if record.object.belongs_to.scope != "clinics" or "update" not in record.actions:
        return None
    hers = clinics_to_choose(state, record.object, "update")
    if len(hers) < 2:
        return None
    now_in = clinics_of_record(state.store, state.release, record.object, record.row.id, state.who.today)
    others = [(id, name) for id, name in hers if id not in now_in]
    if not others:
        return None
    return {"action": f"/o/{record.object.name}/{record.row.id}/share", "clinics": others}
