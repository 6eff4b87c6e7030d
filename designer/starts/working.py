"""The beginnings of how a clinic works: states, follow-up plans, messages, roles, and stories that try them."""

from __future__ import annotations

from typing import Any

from designer.edits.edit import Edit
from designer.edits.elements import AddElement
from designer.edits.refused import EditRefused
from designer.naming import name_of
from designer.starts.samples import Cast
from designer.starts.wish import Begun, Wish

__all__ = ["message", "plan", "role", "scenario", "workflow"]


def workflow(wish: Wish) -> Begun:
    """Open, then done."""
    return Begun({
        "object": wish.about, "field": name_of("status", wish.layers.elements("objects", wish.about, ("fields",))),
        "label": {"en": "Status", "zh": "状态"}, "initial": "open",
        "states": {"open": {"label": {"en": "Open", "zh": "待处理"}, "category": "open"},
                   "done": {"label": {"en": "Done", "zh": "已完成"}, "category": "done"}},
        "transitions": {"complete": {"from": "open", "to": "done", "label": {"en": "Complete", "zh": "完成"}}},
    })


def plan(wish: Wish) -> Begun:
    """One step on the day after the anchor: a day of the record that begins the plan, which gets one where it has none."""
    patient, task = wish.patient(), wish.setting("create", *(wish.tasks() or [""]))
    if not patient or wish.path_to_patient(wish.about) is None:
        raise EditRefused("about_nobody")
    if not task:
        raise EditRefused("no_task")
    days = [name for name, field in wish.fields().items() if field.get("type") in ("date", "datetime") and not field.get("formula")]
    day, before = str(wish.settings.get("anchor") or next(iter(days), "")), list[Edit]()
    if not day:
        day = name_of("day", wish.layers.elements("objects", wish.about, ("fields",)))
        before.append(AddElement(folder="objects", definition=wish.about, pack=wish.pack, section=("fields",), name=day,
                                 value={"type": "date", "index": True, "label": {"en": "Date", "zh": "日期"}}))
    first = {"label": {"en": "First step", "zh": "第一步"}, "at": "anchor + days(1)", "window": "days(3)", "create": task}
    value = {"name": wish.name, "label": wish.label, "subject": patient, "anchor": f"{wish.about}.{day}", "steps": {"first": first}}
    return Begun(value, tuple(before))


def message(wish: Wish) -> Begun:
    """The label as its text; to staff it stands in the inbox too."""
    channels = {"staff": ["inbox", "email"], "patient": ["email"]}[wish.setting("to", "staff", "patient")]
    text = {code: str(told).replace("{", "(").replace("}", ")") for code, told in wish.label.items()}
    return Begun({"name": wish.name, "object": wish.about, "label": wish.label, "channels": channels, "subject": text, "body": dict(text)})


def role(wish: Wish) -> Begun:
    """With leave to nothing yet."""
    return Begun({"name": wish.name, "label": wish.label, "grants": {}})


def scenario(wish: Wish) -> Begun:
    """A patient is put on a plan, and it goes on."""
    layers = wish.layers
    followed = layers.merged("plans", wish.about) if wish.about in layers.names("plans") else None
    if followed is None:
        raise EditRefused("no_plan")
    anchor, _, path = str(followed.get("anchor", "")).partition(".")
    day = str(wish.settings.get("from") or "2026-01-05")
    cast = Cast(wish, day)
    begins = cast.record(anchor, {path: day} if path and "." not in path else {})
    steps: dict[str, Any] = {
        "begins": {
            "when": {"enrol": wish.about, "of": begins},
            "expect": {"on_plan": {"plan": wish.about, "of": begins, "state": "active"}},
        },
        "a_day_later": {"at": "+1d", "expect": {"still_on_plan": {"plan": wish.about, "of": begins}}},
    }
    return Begun({"name": wish.name, "label": wish.label, "from": day, "given": cast.given, "steps": steps})
