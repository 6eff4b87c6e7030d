"""The history of releases: what each changed, and a new draft from an old one."""

from __future__ import annotations

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from designer.blueprint import designer
from designer.drafts.releases import PastRelease, changed_files, operations_between, past_releases
from designer.drafts.restoring import back_to
from designer.shell import drafts, names_of, show, told
from designer.words import words
from runtime.screens.past import moment
from runtime.screens.plans import locale_of
from runtime.store.errors import StoreError
from runtime.web.errors import HttpProblem
from runtime.web.routes import Csrf, Policy, Rate, declare
from runtime.web.state import here

__all__: list[str] = []


@designer.get("/releases")
@declare(policy=Policy.DESIGN)
def list_releases() -> Response:
    """All releases that were live, newest first."""
    state = here()
    found = past_releases(state.store)
    who, locale = names_of(state, {release.by for release in found}), locale_of(state.release, state.language)
    rows = [{"hash": r.hash, "short": r.hash[:12], "when": moment(r.at, locale), "who": who.get(r.by, ""), "live": r.live,
             "url": f"/design/release?hash={r.hash}"} for r in found]
    return show("releases.html", releases=rows)


def _known(hash_: str) -> PastRelease:
    found = next((release for release in past_releases(here().store) if release.hash == hash_), None)
    if found is None:
        raise HttpProblem("not_found")
    return found


@designer.get("/release")
@declare(policy=Policy.DESIGN)
def show_release() -> Response:
    """What a release changed against the one that it was made from, or against another one given by `to`."""
    state = here()
    release = _known(request.args.get("hash", ""))
    other = request.args.get("to", "") or release.base
    kept = drafts(state)
    if request.args.get("to"):
        _known(other)
    before = kept.release(other) if other else {}
    operations: list[str] = []
    if other:
        try:
            operations = [operation.describe(state.language) for operation in operations_between(state.store, other, release.hash)]
        except StoreError:
            operations = []  # a release of another version of Carework
    locale = locale_of(state.release, state.language)
    return show(
        "release.html", short=release.hash[:12], hash=release.hash, when=moment(release.at, locale), live=release.live,
        who=names_of(state, {release.by}).get(release.by, ""), other=other[:12], files=changed_files(before, kept.release(release.hash))
        if other else [], count=len(kept.release(release.hash)), operations=operations[:200], more=max(0, len(operations) - 200),
        others=[{"value": r.hash, "label": r.hash[:12] + " · " + moment(r.at, locale)} for r in past_releases(state.store)
                if r.hash != release.hash][:50], chosen=other,
    )


@designer.post("/restore")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="draft")
def restore_release() -> AnyResponse:
    """A draft with the definitions of an old release, to look at and publish."""
    state = here()
    _ = words(state.language)
    release = _known(request.form.get("hash", ""))
    kept = drafts(state)
    name = _("Back to release %(release)s") % {"release": release.hash[:12]}
    old = kept.release(release.hash)
    files = back_to(old, kept.release(state.release.hash))
    id = kept.create(name, state.who.id, state.now, base=state.release.hash, files=files)
    if files != old:
        told(state, _("What came after that release and holds data is kept with it, retired: nobody sees it any more."))
    return redirect(f"/design/{id}/plan", 303)
