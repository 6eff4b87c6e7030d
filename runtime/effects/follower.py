"""Runs the effects of transitions in the transaction of the transitions themselves."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from engine.model import Object, Transition
from runtime.audit.keys import Keys
from runtime.effects.chain import Chain
from runtime.effects.running import Around, Stopped, run
from runtime.identity.actor import Actor
from runtime.jobs.job import NewJob
from runtime.jobs.queue import schedule
from runtime.records.writing.following import within
from runtime.records.writing.happening import Follower, Happening
from runtime.records.writing.work import Work
from runtime.store.compiled import Release

__all__ = ["KIND", "EffectsFollower", "followers"]

KIND = "effects"
"""The kind of the jobs of what was refused."""
FIRST_RETRY = datetime.timedelta(seconds=30)


def followers(keys: Keys) -> tuple[Follower, ...]:
    """See `runtime.composition`."""
    return (EffectsFollower(),)


class EffectsFollower:
    """Follows the transitions that have a `then:`."""

    def watched(self, release: Release) -> frozenset[str]:
        """See `Follower`."""
        flows = release.model.workflows.values()
        return frozenset(flow.object for flow in flows if any(transition.then for transition in flow.transitions.values()))

    def follow(self, work: Work, happened: Sequence[Happening]) -> None:
        """See `Follower`. Transitions that were taken by several records at once are worked off together."""
        together: dict[tuple[str, str], list[Happening]] = {}
        for one in happened:
            if one.transition is not None and one.transition.then:
                together.setdefault((one.object, one.transition.name), []).append(one)
        for several in together.values():
            _lead(work, several)


def _lead(work: Work, several: Sequence[Happening]) -> None:
    """Run the effects of one transition for the records that took it."""
    object, transition = work.release.model.objects[several[0].object], several[0].transition
    assert transition is not None
    chain = Chain.of(work)
    versions = {one.id: one.version for one in several}
    ended = {id for id in versions if chain.ends(work, object.name, id)}
    around = Around(
        connection=work.connection, release=work.release, actor=asker(work), now=work.now, new_id=work.new_id,
        carry=lambda commands: within(work, commands), causes={id: str(version) for id, version in versions.items()})

    def reached(record_id: str, object_name: str, id: str) -> None:
        chain.led(work, (object.name, record_id), object_name, id)

    stopped = run(around, object, transition, [id for id in versions if id not in ended], reached=reached)
    first = next(iter(transition.then.values()))
    stopped |= {id: Stopped(first, f"{first.place} {first.id}: circle") for id in ended}
    jobs = [_delayed(work, object, transition, one, stopped[one.id], circle=one.id in ended) for one in several if one.id in stopped]
    schedule(work.connection, jobs, now=work.now, new_id=work.new_id, release=work.release)
    for id in stopped:
        work.warn(*chain.root(work, object.name, id), "follow_up_delayed")


def asker(work: Work) -> Actor:
    """Who began: `user` in what follows from what followed, too."""
    found: Actor = work.shared.setdefault("effects.asker", work.actor)
    return found


def _delayed(work: Work, object: Object, transition: Transition, one: Happening, stopped: Stopped, *, circle: bool) -> NewJob:
    names = list(transition.then)
    left = [transition.then[name].id for name in names[names.index(stopped.effect.name):]]
    by = asker(work)
    return NewJob(
        kind=KIND, key=f"effects:{transition.id}:{one.id}:{one.version}", due_at=work.now + FIRST_RETRY,
        payload={
            "transition": transition.id, "effects": left, "by": "" if by.system else by.id, "version": one.version,
            "problem": stopped.problem, "circle": circle,
        },
        object=object.id, record_id=one.id, subject_id=one.row.get("subject_id"), clinic_id=one.row.get("clinic_id"))
