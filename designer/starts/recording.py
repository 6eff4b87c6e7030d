"""The beginnings of what a clinic records and shows: objects, sets of options, forms, lists, pages, records of a pack."""

from __future__ import annotations

from typing import Any

from designer.edits.edit import Edit
from designer.edits.granting import SetGrant
from designer.edits.refused import EditRefused
from designer.naming import name_of
from designer.starts.wish import Begun, Wish

__all__ = ["EACH", "choices", "dataset", "form", "object_", "page", "view"]

EACH = ("patient", "record", "clinic", "organisation")
"""What each record of a new object is about or belongs to."""
_UNTYPED = ("sequence", "state")


def object_(wish: Wish) -> Begun:
    """Records about a patient, in the patient's clinics; or what `each` says."""
    patient = wish.patient()
    each = wish.setting("each", *(EACH if patient else EACH[2:]), *EACH)
    fields: dict[str, Any] = {}
    value: dict[str, Any] = {"name": wish.name, "label": wish.label, "title": "{topic}"}
    to = {"patient": patient, "record": wish.about}.get(each, "")
    if each in ("patient", "record"):
        if to not in wish.objects():
            raise EditRefused("no_owner")
        link = name_of(to, ("topic", "due", "assignee"))
        path = wish.path_to_patient(to)
        value |= {"belongs_to": {"via": link}, **({} if path is None else {"subject": f"{link}.{path}".strip(".")})}
        inverse = {"inverse": _inverse(wish, to)} if each == "record" else {}
        fields[link] = {"type": "link", "to": to, "required": True, **inverse, "label": wish.layers.merged("objects", to).get("label", to)}
    else:
        value["belongs_to"] = each
    fields["topic"] = {"type": "text", "required": True, "max": 100, "label": {"en": "Subject", "zh": "主题"}}
    if wish.settings.get("task"):
        fields["due"] = {"type": "date", "required": True, "index": True, "label": {"en": "Due", "zh": "应完成日期"}}
        value["task"] = {"due": "due", "label": "topic"}
        if account := wish.account():
            value["task"] = {"due": "due", "assignee": "assignee", "label": "topic"}
            fields["assignee"] = {"type": "link", "to": account, "on_delete": "clear", "label": {"en": "Assignee", "zh": "负责人"}}
    return Begun({**value, "fields": fields}, after=_granted(wish))


def _inverse(wish: Wish, to: str) -> str:
    """What the records are called from the one that they belong to, so that its form can hold them as rows."""
    taken = [*wish.layers.elements("objects", to, ("fields",)), *(
        str(field.get("inverse")) for name in wish.objects() for field in wish.fields(name).values() if field.get("to") == to)]
    return name_of(f"{wish.name}_rows", taken)


def _granted(wish: Wish) -> tuple[Edit, ...]:
    """The roles that may work with the new records."""
    roles = wish.settings.get("roles")
    return tuple(
        SetGrant(role=str(role), object=wish.name, action=action, on=True, pack=wish.pack)
        for role in (roles if isinstance(roles, list) else []) for action in ("read", "create", "update")
    )


def choices(wish: Wish) -> Begun:
    """Options as somebody typed them, one a line; else yes and no."""
    typed = [line.strip() for line in str(wish.settings.get("options") or "").splitlines() if line.strip()]
    if not typed:
        return Begun({"name": wish.name, "label": wish.label,
                      "options": {"yes": {"label": {"en": "Yes", "zh": "是"}}, "no": {"label": {"en": "No", "zh": "否"}}}})
    options: dict[str, Any] = {}
    language = next(iter(wish.label))
    for text in typed[:200]:
        options[name_of(text, options, fallback="option")] = {"label": {language: text[:200]}}
    return Begun({"name": wish.name, "label": wish.label, "options": options})


def form(wish: Wish) -> Begun:
    """All fields that are typed in. The first form of an object is the one that opens for its records, unless said otherwise."""
    items: dict[str, Any] = {}
    for name, field in wish.fields().items():
        if not field.get("formula") and field.get("type") not in _UNTYPED:
            items[name] = {} if field.get("type") == "long_text" else {"width": "half"}
    others = [wish.layers.merged("forms", name) for name in wish.layers.names("forms")]
    taken = any(other.get("object") == wish.about and other.get("default") for other in others)
    usual = wish.settings.get("default", not taken)
    if usual and taken:
        raise EditRefused("has_default")
    head = {"name": wish.name, "object": wish.about, **({"default": True} if usual else {}), "label": wish.label}
    return Begun({**head, "items": items})


def view(wish: Wish) -> Begun:
    """A list with the first fields, a board of the states, or a calendar by the first date."""
    kind = wish.setting("kind_of_view", "list", "board", "calendar")
    shown = [name for name, field in wish.fields().items() if field.get("type") not in ("long_text", "attachment") and not field.get("restricted")]
    head = {"name": wish.name, "object": wish.about, "kind": kind, "label": wish.label}
    if kind == "list":
        return Begun({**head, "columns": {field: {} for field in shown[:6] or list(wish.fields())[:1]}})
    if kind == "board":
        if wish.about not in wish.layers.names("workflows"):
            raise EditRefused("no_states")
        return Begun({**head, "card": {field: {} for field in shown[:3]}})
    begins = _day(wish)
    return Begun({**head, "start": begins, "card": {field: {} for field in shown[:3] if field != begins}})


def _day(wish: Wish) -> str:
    days = [name for name, field in wish.fields().items() if field.get("type") in ("date", "datetime") and not field.get("formula")]
    if not days:
        raise EditRefused("no_day")
    required = [name for name in days if wish.fields()[name].get("required")]
    return [*required, *days][0]


def page(wish: Wish) -> Begun:
    """The page of an object's records; without an object a home page, of a role."""
    if wish.about:
        panels: dict[str, Any] = {"facts": {"kind": "facts", "label": {"en": "Details", "zh": "详情"}}}
        if wish.about == wish.patient():
            panels |= {"plans": {"kind": "plans"}, "messages": {"kind": "messages", "side": True}}
        panels["activity"] = {"kind": "stream", "label": {"en": "Activity", "zh": "动态"}, "side": True}
        shown = [name for name, field in wish.fields().items() if field.get("type") not in ("long_text", "attachment")]
        return Begun({"name": wish.name, "object": wish.about, "label": wish.label, "head": shown[:4], "panels": panels})
    role = str(wish.settings.get("role") or "")
    panels = {"tasks": {"kind": "tasks", "limit": 20}, "inbox": {"kind": "inbox", "side": True}, "create": {"kind": "create", "side": True},
              "recent": {"kind": "recent", "side": True}}
    if role:
        wish.layers.known("roles", role)
    return Begun({"name": wish.name, "label": wish.label, **({"roles": [role]} if role else {}), "panels": panels})


def dataset(wish: Wish) -> Begun:
    """No record yet; they are found again by a field that is always there."""
    typed = {name: field for name, field in wish.fields().items()
             if field.get("type") in ("text", "integer", "phone", "email") and not field.get("formula")}
    unique = wish.layers.merged("objects", wish.about).get("unique")
    named = [field for rule in (unique if isinstance(unique, dict) else {}).values() for field in (rule if isinstance(rule, list) else [])]
    key = next((name for name in (*named, *(n for n, f in typed.items() if f.get("required")), *typed) if name in typed), "")
    if not key:
        raise EditRefused("no_key")
    return Begun({"name": wish.name, "object": wish.about, "label": wish.label, "key": [key], "upgrade": "fill", "records": {}})
