"""What `organisation.yaml` sets for the whole installation."""

from __future__ import annotations

import datetime

from engine.expressions.calendar import Calendar
from engine.model import Organisation
from engine.text.compile.context import label
from engine.text.link import Namespace
from engine.text.nodes import MapNode
from engine.text.organisation import day, opening_hours, span

__all__ = ["settings"]


def settings(namespace: Namespace) -> Organisation:
    """The organisation's settings; a pack on its own stands for an organisation of its name."""
    node = namespace.organisation
    if node is None:
        top = namespace.packs[-1] if namespace.packs else None
        name = top.name if top else ""
        return Organisation(name=name, label=label(top.node.get("label") if top else None, name))
    return Organisation(
        name=node.text("name"), label=label(node.get("label"), node.text("name")), timezone=node.text("timezone", "Asia/Shanghai"),
        country=node.text("country", "CN"), languages=node.texts("languages") or ("zh", "en"),
        calendar=Calendar(holidays=_days(node, "holidays"), make_up_days=_days(node, "make_up_days")),
        hours=opening_hours(node.map("hours")), quiet_hours=span(node.text("quiet_hours")),
    )


def _days(node: MapNode, key: str) -> frozenset[datetime.date]:
    return frozenset(found for text in node.texts(key) if (found := day(text)))
