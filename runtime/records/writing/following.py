"""Lets followers see what a transaction did, and carries out what they command in it, with a bound against loops."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError

from runtime.access import Access
from runtime.identity.actor import system_actor
from runtime.records.commands import Command
from runtime.records.messages import text
from runtime.records.outcomes import Kind, Outcome, Refused
from runtime.records.writing.attempt import carry_out
from runtime.records.writing.happening import Follower
from runtime.records.writing.work import LateRefusals, Work
from runtime.store.compiled import Release

__all__ = ["DEPTH", "follow", "watched", "within"]

DEPTH = 8
"""So many times what followed may be followed in its turn; beyond, commands are refused: they go in a circle."""


def watched(release: Release, followers: Sequence[Follower]) -> frozenset[str]:
    """The objects that any follower wants to know of."""
    if not followers:
        return frozenset()
    key = ("records.watched", tuple(followers))
    found: frozenset[str] | None = release.cache.get(key)
    if found is None:
        found = release.cache[key] = frozenset[str]().union(*(one.watched(release) for one in followers))
    return found


def follow(work: Work, followers: Sequence[Follower]) -> None:
    """Show each follower what happened, then what that led to, until nothing more happens."""
    turn = [work]
    while turn:
        for each in turn:
            happened = tuple(each.happened)
            for follower in followers if happened else ():
                wanted = follower.watched(work.release)
                mine = [one for one in happened if one.object in wanted]
                if mine:
                    follower.follow(each, mine)
        turn = [inner for each in turn for inner in each.inner]


def within(work: Work, commands: Sequence[Command], *, channel: str = "effect") -> list[Outcome]:
    """Carry out commands as the built-in account, for the actor, in the same transaction: all of them or none.

    An outcome per command. Refusals leave nothing written. Raises Raced, which begins the whole transaction anew.
    """
    if work.depth >= DEPTH:
        refused = Refused(kind=Kind.INVALID, message=text("circle", work.language, depth=DEPTH))
        return [refused for _ in commands]
    outcomes: list[Outcome] = []
    for precheck in (False, True):
        inner = _inner(work, channel, precheck)
        savepoint = work.connection.begin_nested()
        try:
            outcomes = carry_out(inner, commands, {}, atomic=True)
        except LateRefusals as late:
            savepoint.rollback()
            rest = Refused(kind=Kind.NOT_TRIED, message=text("not_tried", work.language))
            return [late.refusals.get(place, rest) for place in range(len(commands))]
        except IntegrityError:
            savepoint.rollback()
            if precheck:
                raise
        else:
            savepoint.commit()
            work.inner.append(inner)
            break
    return outcomes


def _inner(work: Work, channel: str, precheck: bool) -> Work:
    actor = system_actor(work.actor.today)
    acting_for = work.journal.acting_for or ("" if work.actor.system else work.actor.id)
    return Work(
        connection=work.connection, release=work.release, access=Access.of(work.release, actor), actor=actor, now=work.now,
        request=dataclasses.replace(work.request, channel=channel), new_id=work.new_id, journal=work.journal.sibling(acting_for),
        language=work.language, precheck=precheck, followed=work.followed, depth=work.depth + 1,
        shared=work.shared,
    )
