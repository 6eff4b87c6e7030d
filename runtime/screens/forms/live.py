"""What a live form carries beside its inputs: its conditions for the browser, what they read, and how each item stands now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from engine.model import Form
from engine.targets.sheet import ItemState
from engine.targets.sheet import Sheet as Decided
from runtime.records.answers import Opened, live_form
from runtime.records.writing.loading import prepared_once
from runtime.screens.assets import asset_urls
from runtime.screens.expressions import SCRIPTS
from runtime.screens.forms.values import Blank
from runtime.screens.plans import cached
from runtime.screens.words import words
from runtime.store.compiled import Release
from runtime.web.state import RequestState

__all__ = ["follows", "item_marks", "live_attributes", "marks_of", "script_addresses"]

_LIVE = (*SCRIPTS, *(f"live/{name}.js" for name in ("decide", "inputs", "rows", "steps", "form")))


def follows(release: Release, form: Form) -> bool:
    """Whether anything on the form follows what is typed: a condition, rows, steps, or a computed field."""
    def find() -> tuple[bool]:
        fields = release.model.objects[form.object].fields
        computed = any(fields[name].formula is not None for name in form.fields)
        return (form.live or (computed and any(place.formula for place in live_form(release, form).ordering.order)),)

    found: tuple[bool] = prepared_once(release, ("form follows", form.name), find)
    return found[0]


_ADDRESSES: dict[bool, str] = {}


def script_addresses(*, live: bool) -> str:
    """What a form's page loads: for all the keeper of drafts, for live ones the interpreter too."""
    if live not in _ADDRESSES:
        asset = asset_urls()
        _ADDRESSES[live] = " ".join(asset(path) for path in (*(_LIVE if live else ()), "drafts.js"))
    return _ADDRESSES[live]


def marks_of(decided: Decided) -> Blank[str]:
    """Classes by item."""
    return Blank({name: item_marks(state) for name, state in decided.items.items()})


def item_marks(state: ItemState) -> str:
    """How an item's part is marked: gone, demanded, fixed."""
    return ("" if state.shown else " is-off") + (" is-must" if state.required else "") + (" is-fixed" if state.read_only else "")


def live_attributes(state: RequestState, form: Form, opened: Opened, rows: Mapping[str, Any], behind_url: str) -> Markup:
    """Attributes of the form element; `rows` are what is known of the rows of each item by their keys, and of a new one."""
    _ = words(state.language)

    def make() -> str:
        return json.dumps(state.records.form_to_browser(form, state.who, state.release), ensure_ascii=False, separators=(",", ":"))

    tree: str = cached(state.release).get(("live form", form.name, state.who.shape), make)
    organisation = state.release.model.organisation
    said = {
        "shown": _("Now asked: %(items)s"), "hidden": _("No longer asked: %(items)s"), "next": _("Next step"), "back": _("Back"),
        "step": _("Step %(number)s of %(count)s: %(title)s"), "needed": _("This is needed."), "remove": _("Remove"), "undo": _("Undo"),
        "required": _("(required)"), "steps": _("Steps"), "removed": _("Removed when you save"), "many": _("No more rows are taken"),
    }
    about = {
        "known": opened.known, "opaque": opened.opaque, "rows": rows, "zone": organisation.timezone, "said": said, "behind": behind_url,
    }
    return Markup(' data-live="{}" data-about="{}"').format(tree, json.dumps(about, ensure_ascii=False, separators=(",", ":")))
