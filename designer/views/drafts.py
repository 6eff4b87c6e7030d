"""The designer's front page: the drafts that are open, a new one, and the way to past releases."""

from __future__ import annotations

from flask import Response, redirect, request
from werkzeug.wrappers import Response as Redirect

from designer.blueprint import designer
from designer.drafts.draft import Draft
from designer.edits.refused import EditRefused
from designer.shell import draft_of, drafts, names_of, show, told
from designer.words import words
from runtime.screens.past import moment
from runtime.screens.plans import locale_of
from runtime.web.routes import Csrf, Policy, Rate, declare
from runtime.web.state import here

__all__: list[str] = []

DISCARDED = 30
"""How many of the drafts that were put away are offered again."""


@designer.get("")
@declare(policy=Policy.DESIGN)
def designer_home() -> Response:
    """Open drafts and those that were put away, the one changed last first."""
    state = here()
    rows, away = drafts(state).listed(), drafts(state).listed(state="discarded")
    who = names_of(state, {row.updated_by for row in (*rows, *away)})
    locale = locale_of(state.release, state.language)
    listed = [
        {"url": f"/design/{row.id}", "name": row.name, "when": moment(row.updated_at, locale), "who": who.get(row.updated_by, ""),
         "moved": row.base != state.release.hash, "discard_url": f"/design/{row.id}/discard"}
        for row in rows
    ]
    discarded = [
        {"url": f"/design/{row.id}", "name": row.name, "when": moment(row.updated_at, locale), "who": who.get(row.updated_by, ""),
         "reopen_url": f"/design/{row.id}/reopen"}
        for row in away[:DISCARDED]
    ]
    return show("drafts.html", drafts=listed, discarded=discarded, live=state.release.hash[:12])


@designer.post("/new")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="draft")
def new_draft() -> Redirect:
    """A draft of the live release."""
    state = here()
    _ = words(state.language)
    name = request.form.get("name", "")[:200].strip() or _("Draft of %(day)s") % {"day": state.who.today.isoformat()}
    try:
        id = drafts(state).create(name, state.who.id, state.now, base=state.release.hash)
    except EditRefused as refused:
        told(state, refused.say(state.language))
        return redirect("/design", 303)
    return redirect(f"/design/{id}", 303)


@designer.post("/<record:id>/discard")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="draft")
def discard_draft(id: str) -> Redirect:
    """Put a draft away; it can be opened again."""
    state = here()
    _ = words(state.language)
    found: Draft = draft_of(id)
    if drafts(state).close(id, state.who.id, state.now, state="discarded"):
        told(state, _("The draft “%(name)s” was discarded. Nothing that is live was changed.") % {"name": found.name})
    return redirect("/design", 303)


@designer.post("/<record:id>/reopen")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="draft")
def reopen_draft(id: str) -> Redirect:
    """Take a discarded draft up again."""
    state = here()
    draft_of(id)
    drafts(state).close(id, state.who.id, state.now, state="open", at="discarded")
    return redirect(f"/design/{id}", 303)


@designer.post("/<record:id>/settings")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="draft")
def set_draft(id: str) -> Redirect:
    """The name of a draft, or the pack that it writes into."""
    state = here()
    draft_of(id)
    back = request.form.get("back", "")
    try:
        drafts(state).settings(id, state.who.id, state.now, name=request.form.get("name"), pack=request.form.get("pack"))
    except EditRefused as refused:
        told(state, refused.say(state.language))
    return redirect(back if back.startswith(f"/design/{id}") else f"/design/{id}", 303)
