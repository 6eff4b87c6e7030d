"""What publishing a draft would do to tables and people, and doing it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from designer.blueprint import designer
from designer.drafts.draft import Draft
from designer.drafts.publishing import plan, publish
from designer.drafts.releases import changed_files
from designer.edits.refused import EditRefused
from designer.shell import draft_of, drafts, head, problem_rows, show, told
from designer.words import Say, words
from engine.targets.operations import Risk
from engine.targets.plan import ReleasePlan
from runtime.store.errors import Forbidden, NothingToPublish, Overtaken, Refused
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import RequestState, here

__all__: list[str] = []

SHOWN = 100


@designer.get("/<record:id>/plan")
@declare(policy=Policy.DESIGN)
def show_plan(id: str) -> Response:
    """The plan, the gravest first."""
    state, draft = here(), draft_of(id)
    return _page(state, draft, plan(state.store, draft))


def _page(state: RequestState, draft: Draft, found: ReleasePlan, status: int = 200, trouble: str = "") -> Response:
    _ = words(state.language)
    errors = [p for p in found.problems if not p.warning]
    may_grant = state.access.system("grant")
    return show(
        "plan.html", status, draft=head(state, draft, "plan"), groups=_groups(found, state.language, _), trouble=trouble,
        problems=problem_rows(draft, errors[:SHOWN]), warnings=problem_rows(draft, [p for p in found.problems if p.warning]),
        nothing=found.nothing_to_do, needs_grant=found.needs_grant, may_grant=may_grant,
        moved=found.base != draft.base, may=not errors and not found.nothing_to_do and (may_grant or not found.needs_grant),
        grave=found.gravest is Risk.DESTRUCTIVE, files=changed_files(draft.started, draft.files), live=found.base[:12],
        base=found.base, version=draft.version,
    )


def _groups(found: ReleasePlan, language: str, _: Say) -> list[dict[str, Any]]:
    """Operations by how grave they are, each group with what its heading means."""
    words = {
        Risk.DESTRUCTIVE: ("taken", _("Taken away from people"), _("Kept in the database; it can be brought back.")),
        Risk.ACCESS: ("access", _("Who may do and see what"), _("Rights of roles that begin, end or change.")),
        Risk.BLOCKING: ("blocking", _("May keep people waiting"), _("The database works through rows that are there.")),
        Risk.SAFE: ("safe", _("Added and changed"), _("Nobody loses anything.")),
    }
    groups = []
    for risk, operations in groupby(found.operations, lambda operation: operation.risk):
        said = [operation.describe(language) for operation in operations]
        name, title, help = words[risk]
        groups.append({"name": name, "title": title, "help": help, "lines": said[:SHOWN], "more": max(0, len(said) - SHOWN), "count": len(said)})
    return groups


@designer.post("/<record:id>/publish")
@declare(policy=Policy.DESIGN, audit=Audit.CHANGE, rate=Rate.WRITE, csrf=Csrf.FORM, payload="the version of the draft, the release")
def publish_draft(id: str) -> AnyResponse:
    """Make the draft live as the plan showed it that the person looked at, or say why not; then nothing is changed."""
    state, draft = here(), draft_of(id)
    _ = words(state.language)
    if not draft.open:
        told(state, EditRefused("closed").say(state.language))
        return redirect(f"/design/{id}", 303)
    if request.form.get("version", "") != str(draft.version):
        return _page(state, draft, plan(state.store, draft), 409, _("The draft is not as it was when you saw its plan. Look at the plan again."))
    found = plan(state.store, draft)
    if request.form.get("base", "") != found.base:
        return _page(state, draft, found, 409, _("Somebody published in the meantime. Look at the plan again."))
    try:
        done = publish(state.store, draft, state.who, new_id=state.site.new_id, keys=state.keys, request_id=state.request_id)
    except NothingToPublish:
        told(state, _("There is nothing to publish: the draft is the same as what is live."))
        return redirect(f"/design/{id}/plan", 303)
    except Forbidden as error:
        text = _("Publishing this changes rights, so it takes the right to grant. Ask somebody who has it to publish this draft.")
        return _page(state, draft, plan(state.store, draft), 403, text if error.right == "grant" else str(error))
    except Overtaken:
        return _page(state, draft, plan(state.store, draft), 409, _("Somebody published in the meantime. Look at the plan again."))
    except Refused:
        return _page(state, draft, plan(state.store, draft), 422, _("Nothing was published. Mend the problems below first."))
    if not drafts(state).close(id, state.who.id, state.now, state="published", version=draft.version, published=done.hash):
        told(state, _("Published as you saw it. Somebody changed the draft in the meantime; it stays open with what they did."))
        return redirect(f"/design/{id}", 303)
    told(state, _("Published. Everybody works with it from now on."))
    return redirect("/design/releases", 303)


@designer.post("/<record:id>/bring-up")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="draft")
def bring_up(id: str) -> AnyResponse:
    """Merge what others published since the draft began into it."""
    state, draft = here(), draft_of(id)
    _ = words(state.language)
    if not draft.open:
        return redirect(f"/design/{id}", 303)
    try:
        problems = drafts(state).bring_up(id, state.release.hash, state.who.id, state.now)
    except EditRefused as refused:
        told(state, refused.say(state.language))
        return redirect(f"/design/{id}", 303)
    if problems:
        told(state, _("Both this draft and the live release changed the same places. Make them alike here first; the plan lists them."))
    else:
        told(state, _("The draft now contains what was published since."))
    return redirect(f"/design/{id}/plan", 303)
