"""Finds the object an address names, for somebody who may know of it."""

from __future__ import annotations

from engine.model import Object
from runtime.web.errors import HttpProblem, ProblemError
from runtime.web.messages import say
from runtime.web.state import RequestState

__all__ = ["object_named", "readable", "visible"]


def object_named(state: RequestState, name: str) -> Object:
    """The object. Raises HttpProblem 404 for one that is absent or not for the caller, 400 for a former name."""
    objects = state.release.model.objects
    found = objects.get(name)
    if found is not None:
        if visible(state, found):
            return found
        raise HttpProblem("not_found")
    for object in objects.values():
        if name in object.former and visible(state, object):
            message = say("former_object", state.language, name=name, current=object.name)
            raise HttpProblem("former_name", detail=message, errors=[ProblemError("former_object", message)])
    raise HttpProblem("not_found")


def readable(state: RequestState, name: str) -> Object:
    """The object, when the caller may read some of its records. Raises HttpProblem 404 or 400."""
    found = object_named(state, name)
    if not state.access.object(name).allows("read"):
        raise HttpProblem("not_found")
    return found


def visible(state: RequestState, object: Object) -> bool:
    """Whether the caller may do anything at all with records of the object."""
    rights = state.access.object(object.name)
    if rights.allows("read") or rights.allows("create"):
        return True
    workflow = state.release.model.workflows.get(object.name)
    return any(rights.allows(action) for action in ("update", "delete", "export", *(workflow.transitions if workflow else ())))
