"""What stands beside the drawing of a workflow: the panel of the state, transition, effect or timer that is chosen, or of a new one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from designer.access import cell_of, denials_of, grants_of, roles_of
from designer.asking import in_release
from designer.drafts.draft import Draft
from designer.drawing import live, texts_of
from designer.drawn import mark
from designer.following import DOES, Wanted, effect_said, offers, paths_to, target_of, value_rows, wanted_of
from designer.given import UNITS, moment_of
from designer.layers import label_of
from designer.operands import About
from designer.said_conditions import condition_said
from designer.said_types import category_words
from designer.words import words

__all__ = ["Panels", "address", "place_of"]

COLORS: Mapping[str, tuple[str, str]] = {
    "blue": ("Blue", "蓝"), "azure": ("Azure", "天蓝"), "indigo": ("Indigo", "靛蓝"), "purple": ("Purple", "紫"), "pink": ("Pink", "粉"),
    "red": ("Red", "红"), "orange": ("Orange", "橙"), "yellow": ("Yellow", "黄"), "lime": ("Lime", "黄绿"), "green": ("Green", "绿"),
    "teal": ("Teal", "蓝绿"), "cyan": ("Cyan", "青"), "gray": ("Grey", "灰"), "secondary": ("Pale grey", "浅灰"),
}
_CATEGORIES = ("open", "waiting", "done", "cancelled")


def address(draft: str, flow: str, **more: str) -> str:
    """The drawing of a workflow with what is chosen in it."""
    return f"/design/{draft}/drawing?{urlencode({'name': flow, **{key: value for key, value in more.items() if value}})}"


def place_of(at: str) -> tuple[tuple[str, ...], str]:
    """The section and the element of `transitions.finish.then.tell`; ((), '') for none."""
    *section, element = at.split(".") if at else [""]
    return tuple(section), element


class Panels:
    """The panels of one workflow of a draft for a person's language."""

    def __init__(self, draft: Draft, flow: str, language: str) -> None:
        self._draft, self._layers, self._flow, self._language = draft, draft.layers, flow, language
        self._states = live(self._layers, flow, ("states",))
        self._transitions = live(self._layers, flow, ("transitions",))
        self._say = words(language)

    def chosen(self, at: str) -> dict[str, Any] | None:
        """The panel of an element; None for what there is not."""
        section, element = place_of(at)
        value = live(self._layers, self._flow, section).get(element) if section else None
        if value is None:
            return None
        own = {"at": at, "section": ".".join(section), "element": element, "value": value, "drawn": mark(value),
               "label": label_of(value, self._language) or element,
               "owner": self._layers.owner("workflows", self._flow, (*section, element)), "new": False, "back": self._to()}
        if section == ("states",):
            return {**own, **self._state(element)}
        if section == ("transitions",):
            return {**own, **self._transition(element, value), **self._around(element, value)}
        if section == ("timers",):
            return {**own, **self._timer(value)}
        if section[0] == "transitions" and section[-1] == "then" and len(section) == 3:
            said = effect_said(self._layers, self._flow, value, self._language)
            return {**own, **self._effect(section[1], wanted_of(value), value, element), "label": said, "title": label_of(value, self._language)}
        return None

    def fresh(self, what: str, asked: Mapping[str, str]) -> dict[str, Any] | None:
        """The panel of a new element; None for a kind that there is not."""
        own: dict[str, Any] = {"at": "", "element": "", "value": {}, "label": "", "owner": self._draft.pack, "new": True, "back": self._to()}
        if what == "state":
            return {**own, "kind": "state", "section": "states", **self._looks()}
        if what == "transition":
            value = {"from": [asked["from"]] if asked.get("from") else [], "to": asked.get("to", "")}
            return {**own, "section": "transitions", **self._transition("", value), "roles": self._roles("")}
        if what == "timer":
            return {**own, "section": "timers", **self._timer({"in": asked.get("from", "")})}
        of = asked.get("of", "")
        if what == "effect" and of in self._transitions:
            do, _, rest = asked.get("kind", "").partition("/")
            if do not in DOES:
                return None
            on, _, name = rest.partition("/")
            made = self._effect(of, Wanted(do, on, name), {})
            said = effect_said(self._layers, self._flow, {"do": do, "on": on, **dict.fromkeys(("object", "name", "plan", "message"), name)},
                               self._language)
            return {**own, "section": f"transitions.{of}.then", **made, "label": said, "title": ""}
        return None

    # Parts

    def _to(self, at: str = "", **more: str) -> str:
        return address(self._draft.id, self._flow, at=at, **more)

    def _of(self, kind: str, **more: Any) -> dict[str, Any]:
        return {"kind": kind, "definition": self._flow, "pack": self._draft.pack, "folder": "workflows", **more}

    def _names(self, found: Mapping[str, Mapping[str, Any]], leave: str = "") -> list[tuple[str, str]]:
        return [(name, label_of(value, self._language) or name) for name, value in found.items() if name != leave]

    def _looks(self) -> dict[str, Any]:
        said = category_words(self._language)
        chinese = self._language.startswith("zh")
        return {"categories": [(name, said[name]) for name in _CATEGORIES], "colors": [(name, both[chinese]) for name, both in COLORS.items()]}

    def _state(self, name: str) -> dict[str, Any]:
        kept = in_release(self._draft, "workflows", self._flow, ("states", name))
        timers = live(self._layers, self._flow, ("timers",))
        return {
            "kind": "state", **self._looks(), "targets": self._names(self._states),
            "initial": self._layers.merged("workflows", self._flow).get("initial") == name,
            "initial_edit": self._of("change_definition", changes={"initial": name}),
            "remove_edit": self._of("remove_state", name=name, kept=kept), "kept": kept,
            "leaving": [self._way(way, value) for way, value in self._transitions.items() if name in texts_of(value.get("from"))],
            "arriving": [self._way(way, value) for way, value in self._transitions.items() if value.get("to") == name],
            "timers": [{"url": self._to(f"timers.{timer}"), "label": label_of(value, self._language) or timer}
                       for timer, value in timers.items() if value.get("in") == name],
            "timer_url": self._to(new="timer", **{"from": name}),
        }

    def _way(self, name: str, value: Mapping[str, Any]) -> dict[str, str]:
        return {"url": self._to(f"transitions.{name}"), "label": label_of(value, self._language) or name}

    def _transition(self, name: str, value: Mapping[str, Any]) -> dict[str, Any]:
        starts, end = texts_of(value.get("from")), value.get("to") if isinstance(value.get("to"), str) else ""
        lost = [state for state in (*starts, end) if state and state not in self._states]
        forms = [(form, self._layers.label("forms", form, self._language)) for form in self._layers.names("forms")
                 if self._layers.merged("forms", form).get("object") == self._flow and not self._layers.merged("forms", form).get("retired")]
        _ = self._say
        return {
            "kind": "transition", "starts": [(state, label, state in starts) for state, label in self._names(self._states)], "end": end,
            "ends": self._names(self._states), "lost": lost, "forms": forms,
            "reasons": [("", _("Not asked")), ("optional", _("Asked, may stay empty")), ("required", _("Required"))],
            "about": {"kind": "workflows", "name": self._flow, "section": "transitions", "element": name, "key": "when"},
        }

    def _around(self, name: str, value: Mapping[str, Any]) -> dict[str, Any]:
        """Who may do it and what follows from it."""
        starts, end = texts_of(value.get("from")), str(value.get("to") or "")
        edit = self._of("change_element", section=["transitions"], name=name, changes={"from": end, "to": starts[0] if starts else ""})
        timed = [label_of(timer, self._language) or key for key, timer in live(self._layers, self._flow, ("timers",)).items()
                 if timer.get("fire") == name]
        return {
            "roles": self._roles(name), "timed": timed, "effects": self._effects(name),
            "offers": offers(self._layers, self._flow, self._language, leave=name),
            "reverse_edit": edit if len(starts) == 1 and end and starts[0] != end else None,
            "remove_edit": self._of("remove_transition", name=name), "access_url": f"/design/{self._draft.id}/access?object={self._flow}",
        }

    def _roles(self, name: str) -> list[dict[str, Any]]:
        """All roles with whether they may do it; for a new one, whether they may change the record."""
        found = []
        for role in roles_of(self._layers):
            grants, denials = grants_of(self._layers, role), denials_of(self._layers, role)
            level = cell_of(grants, denials, self._flow, name or "update").level
            reads = cell_of(grants, denials, self._flow, "read").level not in ("none", "denied")
            on = level not in ("none", "denied")
            found.append({
                "name": role, "label": self._layers.label("roles", role, self._language), "on": on, "some": level in ("some", "less"), "reads": reads,
                "edit": {"kind": "grant", "role": role, "object": self._flow, "action": name, "on": not on, "pack": self._draft.pack},
            })
        return sorted(found, key=lambda role: (not role["on"], not role["reads"]))

    def _effects(self, name: str) -> list[dict[str, Any]]:
        section = ("transitions", name, "then")
        found = live(self._layers, self._flow, section)
        order = list(found)
        return [{
            "label": effect_said(self._layers, self._flow, value, self._language), "if": self._condition(section, effect, value), "name": effect,
            "url": self._to(".".join((*section, effect))),
            "up": self._of("move_element", section=list(section), name=effect, after=order[n - 2] if n > 1 else "") if n else None,
            "remove_edit": self._of("remove_element", section=list(section), name=effect),
        } for n, (effect, value) in enumerate(found.items())]

    def _condition(self, section: tuple[str, ...], effect: str, value: Mapping[str, Any]) -> str:
        about = About("workflows", self._flow, section, effect, "if")
        return condition_said(self._layers, about, str(value["if"]), self._language) if value.get("if") else ""

    def _effect(self, transition: str, wanted: Wanted, value: Mapping[str, Any], name: str = "") -> dict[str, Any]:
        _, flow, layers = self._say, self._flow, self._layers
        contact = wanted.do == "notify"
        people = paths_to(layers, flow, self._language, contact=contact)
        if wanted.do == "assign":
            people = [("user", _("whoever did the step")), *people]
        values = value.get("values")
        return {
            "kind": "effect", "of": transition, "wanted": wanted, "people": people if wanted.do in ("notify", "assign") else [],
            "back": self._to(f"transitions.{transition}"), "of_label": label_of(self._transitions.get(transition, {}), self._language) or transition,
            "rows": value_rows(layers, flow, wanted, values if isinstance(values, dict) else {}, self._language),
            "hints": self._hints(), "remove_edit": None, "there": target_of(layers, flow, wanted.on),
            "about": {"kind": "workflows", "name": flow, "section": f"transitions.{transition}.then", "element": name or "-", "key": "if"},
        }

    def _hints(self) -> list[tuple[str, str]]:
        """What values can be made of: the fields of the record, and days from today."""
        _ = self._say
        fields = [(name, _("%(field)s of this record") % {"field": label}) for name, label in self._fields(None)]
        return [("today", _("today")), ("today + days(7)", _("a week from today")), ("today + workdays(1)", _("the next working day")),
                ("user", _("whoever did the step")), *fields]

    def _fields(self, types: tuple[str, ...] | None) -> list[tuple[str, str]]:
        found = self._layers.elements("objects", self._flow, ("fields",))
        return [(name, label_of(field, self._language) or name) for name, field in found.items()
                if not field.get("retired") and not field.get("hidden") and (types is None or field.get("type") in types)]

    def _timer(self, value: Mapping[str, Any]) -> dict[str, Any]:
        _, text = self._say, str(value.get("at") or "")
        days = [*self._fields(("date", "datetime")), ("created_at", _("the record was made"))]
        moment = moment_of(text) if text else None
        known = moment is not None and moment.base in dict(days)
        units = dict(zip(UNITS, (_("days"), _("working days"), _("months"), _("hours")), strict=True))
        return {
            "kind": "timer", "states": self._names(self._states), "days": days, "moment": moment if known else None, "text": text,
            "units": list(units.items()), "fires": [
                (name, f"{label} ({', '.join(label_of(self._states.get(state, {}), self._language) or state for state in starts)})")
                for name, label in self._names(self._transitions) if self._transitions[name].get("reason") != "required"
                and (starts := texts_of(self._transitions[name].get("from")))],
            "misses": [("", _("It happens late")), ("skip", _("It is left out")), ("merge", _("Of several only the latest happens"))],
        }
