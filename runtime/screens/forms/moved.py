"""A publish between reading and saving a form: nothing typed is lost, nothing is written under rules that nobody saw."""

from __future__ import annotations

from collections.abc import Container, Mapping

from werkzeug.datastructures import MultiDict

from engine.model import Object
from engine.targets.screens import Mode
from runtime.records.outcomes import Outcome, Refused
from runtime.screens.forms.posted import leftovers
from runtime.screens.words import words
from runtime.store.errors import StoreError
from runtime.web.state import RequestState

__all__ = ["gone_fields", "moved_notice"]


def gone_fields(
    state: RequestState, object: Object, form: MultiDict[str, str], modes: Mapping[str, Mode], rows: Container[str] = (),
) -> list[dict[str, str]]:
    """What was typed into inputs that the form had when it was shown and has no more: [{label, text}]."""
    release = form.get("_release", "")
    if not release or release == state.release.hash:
        return []
    found = leftovers(form, modes, rows)
    labels = _labels_then(state, object, release) if found else {}
    return [{"label": labels.get(name, name), "text": ", ".join(texts)} for name, texts in found.items()]


def _labels_then(state: RequestState, object: Object, release: str) -> dict[str, str]:
    """Labels of the object's fields under an earlier release, {} when it is not kept."""
    try:
        then = state.store.releases.load(release).model
    except StoreError:
        return {}
    found = next((other for other in then.objects.values() if other.id == object.id), None)
    return {field.name: field.label(state.language) for field in found.fields.values()} if found else {}


def moved_notice(state: RequestState, object: Object, outcome: Outcome | None) -> str:
    """What happened, in plain words, with the fields whose meaning changed."""
    _ = words(state.language)
    changed = outcome.changed if isinstance(outcome, Refused) else ()
    names = [object.fields[name].label(state.language) for name in changed if name in object.fields]
    text = _("The form was changed while you were filling it in. Nothing was saved yet. Please look through it and save again.")
    return text + (" " + _("Changed: %(fields)s.") % {"fields": ", ".join(names)} if names else "")
