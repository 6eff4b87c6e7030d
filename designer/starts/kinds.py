"""The beginning of each kind, by its folder, and what each kind is about."""

from __future__ import annotations

from collections.abc import Mapping

from designer.starts import counting, recording, working
from designer.starts.wish import Start

__all__ = ["ABOUT", "STARTS", "needs"]

STARTS: Mapping[str, Start] = {
    "objects": recording.object_, "forms": recording.form, "views": recording.view, "workflows": working.workflow, "plans": working.plan,
    "messages": working.message, "roles": working.role, "choices": recording.choices, "scores": counting.score,
    "decisions": counting.decision, "pages": recording.page, "scenarios": working.scenario, "data": recording.dataset,
}
"""In the order in which people are asked what they want to make."""

ABOUT: Mapping[str, str] = {
    "forms": "objects", "views": "objects", "workflows": "objects", "messages": "objects", "plans": "objects", "scores": "objects",
    "decisions": "objects", "pages": "objects", "data": "objects", "scenarios": "plans",
}
"""The folder of what a kind is about."""
_OPTIONAL = frozenset({"scores", "decisions", "pages"})


def needs(folder: str) -> bool:
    """Whether a definition of the kind must be about something."""
    return folder in ABOUT and folder not in _OPTIONAL
