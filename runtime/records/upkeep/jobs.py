"""Large fan-outs: what is still to be computed stands in `cw_recompute`, written with the change that caused it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, insert

from engine.model import Model
from engine.model.reads import Hop, Hops
from engine.targets.dependencies import Effect, Formula
from runtime.store import system
from runtime.store.compiled import Release

__all__ = ["CAUSES", "record", "resolve"]

CAUSES = 500
"""So many changed rows at most are the cause of one job."""


def record(
    connection: Connection, release: Release, effect: Effect, ids: Sequence[str], now: datetime.datetime, new_id: Callable[[], str],
) -> int:
    """Remember that a formula is to be computed in all rows that lead to some records; how many jobs that makes."""
    objects = release.model.objects
    target = objects[effect.formula.object]
    hops, holder = [], effect.formula.object
    for hop in effect.hops:
        link = objects[hop.object if hop.rows else holder].fields[hop.link]
        hops.append([objects[hop.object].id, link.id, hop.rows])
        holder = hop.object
    rows = [
        {"id": new_id(), "object": target.id, "field": target.fields[effect.formula.field].id, "hops": hops,
         "causes": list(ids[start:start + CAUSES]), "done_to": "", "at": now, "holder": None,
         "held_until": None}
        for start in range(0, len(ids), CAUSES)
    ]
    connection.execute(insert(system.recompute), rows)
    return len(rows)


def resolve(model: Model, job: Any) -> tuple[Formula | None, Hops | None]:
    """The formula and the way of a job in today's names. No formula: it is none any more. No way: it is another, so all rows
    are to be computed."""
    objects = {found.id: found for found in model.objects.values()}
    target = objects.get(job.object)
    field = next((f for f in target.fields.values() if f.id == job.field and f.kept), None) if target else None
    if target is None or field is None:
        return None, None
    hops: Hops = ()
    holder = target
    for object_id, link_id, rows in job.hops:
        further = objects.get(object_id)
        owner = further if rows else holder
        link = next((f for f in owner.fields.values() if f.id == link_id), None) if owner else None
        if further is None or link is None:
            return Formula(target.name, field.name), None
        hops = (*hops, Hop(further.name, link.name, rows))
        holder = further
    return Formula(target.name, field.name), hops
