"""Sends the message of a step to whom it is for."""

from __future__ import annotations

from engine.model import Plan, PlanStep
from runtime.messages.sending import queue_message
from runtime.plans.enrolment import Enrolment, StepRow
from runtime.plans.round import Round
from runtime.plans.values import values_of
from runtime.store.compiled import Release

__all__ = ["tell"]


def tell(round: Round, release: Release, plan: Plan, step: PlanStep, row: StepRow, enrolment: Enrolment) -> None:
    """Queue it once; to nobody where the path to the recipient ends before her, or the message is no longer there.

    `release` is the one whose plan is followed; what is sent is the live release's message.
    """
    asked = release.model.messages[step.message]
    live = round.release.model
    message = next((each for each in live.messages.values() if each.id == asked.id), None)
    made = step.create and asked.object == step.create
    about, id = (step.create, row.record_id) if made else (plan.object, enrolment.record_id)
    ids = {object.id: object.name for object in live.objects.values()}
    names = ids.get(release.model.objects[about].id), ids.get(release.model.objects[step.recipient].id)
    if message is None or id is None or names[0] is None or names[1] is None:
        return
    path = step.to or ("id",)
    found = values_of(round.connection, release, round.actor, about, [path], [id], round.now)
    recipient = found[id][path] if id in found else None
    if recipient is not None:
        queue_message(
            round.connection, round.release, message, (names[0], id), (names[1], recipient),
            key=f"plan:{enrolment.id}:{row.step}:{row.n}", now=round.now, new_id=round.new_id, cause=step.id)
