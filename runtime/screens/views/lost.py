"""What is said when a record is gone, or when somebody else moved it first: how it stands now, and everything that was typed."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response
from werkzeug.datastructures import MultiDict

from engine.model import Object
from runtime.screens.forms.posted import leftovers
from runtime.screens.shell import show
from runtime.screens.words import words
from runtime.web.state import RequestState

__all__ = ["gone_page", "lost_page"]


def gone_page(state: RequestState, object: Object, form: MultiDict[str, str]) -> Response:
    """404: the record was deleted, or is no longer hers to see."""
    _ = words(state.language)
    text = _("It was deleted in the meantime, or you may no longer see it. Nothing was saved.")
    url, label = f"/o/{object.name}", object.plural(state.language)
    return lost_page(state, object, form, 404, _("This record is gone"), text, url, label)


def lost_page(
    state: RequestState, object: Object, form: MultiDict[str, str], status: int, title: str, text: str, url: str, label: str,
    more: Mapping[str, str] | None = None,
) -> Response:
    """A page that keeps what was typed readable. `more` are texts by label beside the fields."""
    typed = [
        {"label": object.fields[name].label(state.language) if name in object.fields else name, "text": ", ".join(texts)}
        for name, texts in leftovers(form, {}).items()
    ]
    typed += [{"label": key, "text": value} for key, value in (more or {}).items() if value]
    return show("lost.html", status, lost={"title": title, "text": text, "typed": typed, "url": url, "label": label}, current=object.name)
