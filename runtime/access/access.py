"""Access of one shape of actor under one release: compiled when first asked for, kept with the release."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

from engine.model import Model, Object
from engine.names import ACTIONS, SYSTEM_RIGHTS
from engine.targets.policy import Policy, compile_policy
from runtime.access.binding import Binding
from runtime.access.objects import ObjectAccess, SystemObjectAccess
from runtime.access.source import bind_values, user_paths
from runtime.identity.actor import Actor
from runtime.identity.standing import padded
from runtime.store.compiled import Release

__all__ = ["Access", "ReleasePolicy", "actions_of", "release_policy"]

KEPT = 256
"""Shapes of actors kept per release; beyond that the one unused for longest is compiled again when it returns."""


class ReleasePolicy:
    """What all shapes of one release share."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.policy: Policy = compile_policy(model)
        rules = [clause.rule for several in self.policy.clauses.values() for clause in several if clause.rule is not None]
        self.user_paths = user_paths(rule.tree for rule in rules)
        self.role_names = {role.id: role.name for role in model.roles.values()}
        self.lock = threading.RLock()
        self.shapes: OrderedDict[Hashable, Access] = OrderedDict()


_CREATING = threading.Lock()


def release_policy(release: Release) -> ReleasePolicy:
    """The policy of a release, compiled once."""
    found: ReleasePolicy | None = release.cache.get("runtime.access")
    if found is None:
        with _CREATING:
            found = release.cache.get("runtime.access")
            if found is None:
                found = release.cache["runtime.access"] = ReleasePolicy(release.model)
    return found


def actions_of(model: Model, object: Object) -> frozenset[str]:
    """Every action there is on an object: the five of any object and its transitions."""
    workflow = model.workflows.get(object.name)
    return frozenset(ACTIONS) | (workflow.transitions.keys() if workflow else frozenset())


class Access:
    """Decisions for every actor of one shape. Nothing here depends on ids of clinics, teams or people: those are binds."""

    def __init__(self, shared: ReleasePolicy, actor: Actor) -> None:
        self._shared = shared
        self._standing = actor.standing
        self._clinics = len(padded(actor.clinics))
        self._system = actor.system
        self._scope = actor.scope
        self._objects: dict[str, ObjectAccess] = {}
        self.lock = shared.lock
        self.model = shared.model

    @classmethod
    def of(cls, release: Release, actor: Actor) -> Access:
        """The access of the actor's shape. Raises nothing of its own: whatever is not granted is denied."""
        shared = release_policy(release)
        with shared.lock:
            found = shared.shapes.get(actor.shape)
            if found is None:
                found = shared.shapes[actor.shape] = cls(shared, actor)
                if len(shared.shapes) > KEPT:
                    shared.shapes.popitem(last=False)
            else:
                shared.shapes.move_to_end(actor.shape)
            return found

    def object(self, name: str) -> ObjectAccess:
        """Rights on an object by its current name. Raises KeyError when the release has no such object."""
        found = self._objects.get(name)
        if found is None:
            with self.lock:
                found = self._objects.get(name) or self._compile(self._shared.model.objects[name])
                self._objects[name] = found
        return found

    def system(self, right: str) -> bool:
        """Whether a right on the system (`design, grant, audit, operate`) is held, in any clinic."""
        if right not in SYSTEM_RIGHTS:
            return False
        if self._system:
            return True
        if self._scope is not None and self._scope.actions is not None and right not in self._scope.actions:
            return False
        rights = self._shared.policy.rights
        return any(right in rights.get(role, frozenset()) for role in self._standing.granted)

    def binds(self, actor: Actor, dialect: str) -> dict[str, Any]:
        """Values for the binds of every clause of this access, as the driver of `dialect` takes them.

        Kept with the actor: do not change what is returned.
        """
        key = (self._shared.model.hash, dialect)
        found: dict[str, Any] | None = actor.kept.get(key)
        if found is None:
            found = actor.kept[key] = bind_values(actor, dialect, self._shared.user_paths, self._shared.role_names)
        return found

    def _compile(self, object: Object) -> ObjectAccess:
        binding = Binding(object, self._standing, self._clinics)
        actions = actions_of(self._shared.model, object)
        if self._system:
            return SystemObjectAccess(self, object, binding, actions)
        scope = self._scope
        if scope is not None:
            actions = frozenset(action for action in actions if scope.allows(object.id, action))
        return ObjectAccess(self, object, self._shared.policy.of(object.name), binding, actions)
