"""Plans follow every change: it may put records on a plan, move what is planned, settle a step, or end the plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from engine.model.reads import Hops
from runtime.audit.keys import Keys
from runtime.plans.enrolling import consider
from runtime.plans.enrolment import State, active, hold, load
from runtime.plans.needs import effects_of
from runtime.plans.progress import go_on, stop
from runtime.plans.reasons import Why
from runtime.plans.resuming import resume
from runtime.plans.round import Round
from runtime.plans.sweeping import sweep
from runtime.records.ids import chunks
from runtime.records.upkeep.statements import step_back
from runtime.records.writing.happening import Follower, Happening
from runtime.records.writing.work import Work
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["FAN_OUT", "PlanFollower", "followers"]

FAN_OUT = 500
"""A change that reaches more records than this, and more than it has changed itself, is worked off in slices afterwards."""

_enrolment, _step = system.enrolment, system.enrolment_step
_Touched = dict[str, dict[str, None] | None]
"""By the plan's name, the records that may begin it or are on it; None for too many."""


def followers(keys: Keys) -> tuple[Follower, ...]:
    """Those of plans."""
    return (PlanFollower(),)


class PlanFollower:
    """See the module."""

    def watched(self, release: Release) -> frozenset[str]:
        return effects_of(release).objects if release.model.plans else frozenset()

    def follow(self, work: Work, happened: Sequence[Happening]) -> None:
        round = Round.following(work)
        self._ended(round, happened)
        for name, ids in self._touched(round, happened).items():
            plan = work.release.model.plans[name]
            if ids is None:
                sweep(round, plan)
            elif ids:
                consider(round, plan, ids)
        self._settled(round, happened)

    def _ended(self, round: Round, happened: Sequence[Happening]) -> None:
        """Records that began plans were deleted, or brought back."""
        begin = {plan.object for plan in round.release.model.plans.values()}
        gone = [one.id for one in happened if one.action == "delete" and one.object in begin]
        if gone:
            held = hold(round.connection, _ids_of(round, gone))
            stop(round, [each for each in held if each.state is State.ACTIVE], Why.DELETED)  # another may have ended it by now
        back = [one.id for one in happened if one.action == "restore" and one.object in begin]
        if back:
            resume(round, back)

    def _settled(self, round: Round, happened: Sequence[Happening]) -> None:
        """Records that steps made were changed, deleted or brought back."""
        made = {step.create for plan in round.release.model.plans.values() for step in plan.steps.values()}
        ids = [one.id for one in happened if one.action != "create" and one.object in made]
        enrolments: set[str] = set()
        for chunk in chunks(ids) if ids else ():
            enrolments.update(round.connection.execute(sa.select(_step.c.enrolment_id).where(_step.c.record_id.in_(chunk))).scalars())
        if enrolments:
            go_on(round, hold(round.connection, enrolments))

    def _touched(self, round: Round, happened: Sequence[Happening]) -> _Touched:
        effects = effects_of(round.release)
        own = {plan.object: [each.name for each in round.release.model.plans.values() if each.object == plan.object]
               for plan in round.release.model.plans.values()}
        found: _Touched = {}
        groups: dict[tuple[str, Hops], dict[str, None]] = {}
        for one in happened:
            if one.action in ("create", "restore"):
                for name in own.get(one.object, ()):
                    groups.setdefault((name, ()), {})[one.id] = None
            elif one.action != "delete":
                for field in one.changed if one.row else _cleared(round.release, one.object):
                    for name, hops in effects.changed.get((one.object, field), ()):
                        groups.setdefault((name, hops), {})[one.id] = None
            self._parents(round.release, one, groups)
        for (name, hops), ids in groups.items():
            self._reach(round, found, name, hops, ids)
        return found

    def _parents(self, release: Release, one: Happening, groups: dict[tuple[str, Hops], dict[str, None]]) -> None:
        """The records whose child rows came, went or changed their parent."""
        effects = effects_of(release)
        for field in release.model.objects[one.object].links:
            for name, hops in effects.moved.get((one.object, field.name), ()):
                for row in (one.old, one.row):
                    if row.get(field.name) is not None and (one.old.get(field.name) != one.row.get(field.name)):
                        groups.setdefault((name, hops), {})[row[field.name]] = None

    def _reach(self, round: Round, found: _Touched, name: str, hops: Hops, ids: dict[str, None]) -> None:
        """Add the records from which the hops lead to these ids."""
        limit = max(FAN_OUT, len(ids))
        begin = round.release.model.plans[name].object
        reached = list(ids)
        for place in range(len(hops) - 1, -1, -1):
            before = hops[place - 1].object if place else begin
            reached = step_back(round.connection, round.release, before, hops[place], reached, limit)
            if len(reached) > limit:
                found[name] = None
                return
        there = found.setdefault(name, {})
        if there is not None:
            there.update(dict.fromkeys(reached))


def _cleared(release: Release, object_name: str) -> Iterable[str]:
    """Of a record whose link a delete cleared, what may have changed."""
    return (field.name for field in release.model.objects[object_name].links)


def _ids_of(round: Round, records: Sequence[str]) -> list[str]:
    """Enrolments under way that these records began."""
    return [each.id for chunk in chunks(records) for each in load(round.connection, _enrolment.c.record_id.in_(chunk), active)]
