"""A plan as a line of days: each step with its day, as far as that can be read, and its conditions in words. Made of texts that need not check."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from designer.drawing import texts_of
from designer.layers import Layers, label_of
from designer.operands import About
from designer.said_conditions import condition_said
from designer.spans import At, at_of, span_of, span_said
from designer.words import words

__all__ = ["Lane", "bases", "lanes_of", "steps_of", "summary"]


@dataclasses.dataclass(frozen=True, slots=True)
class Lane:
    """A step. `day` counts from the anchor, None where it cannot be read; `key` is the key that dragging changes."""

    name: str
    label: str
    said: str
    key: str
    at: At | None
    day: float | None
    window: float
    every: float
    times: int
    facts: tuple[str, ...]
    only: str
    skipped: str

    def as_json(self) -> dict[str, Any]:
        """What the script draws."""
        span = self.at.span if self.at else None
        return {"name": self.name, "key": self.key, "day": self.day, "window": self.window, "every": self.every, "times": self.times,
                "base": self.at.base if self.at else "", "number": span.number if span else 0, "unit": span.unit if span else ""}


def steps_of(layers: Layers, plan: str) -> dict[str, dict[str, Any]]:
    """The steps that are neither retired nor hidden."""
    found = layers.elements("plans", plan, ("steps",))
    return {name: value for name, value in found.items() if not value.get("retired") and not value.get("hidden")}


def bases(layers: Layers, plan: str, before: str, language: str) -> list[tuple[str, str]]:
    """What the time of a step can count from: the anchor, and when an earlier step was due."""
    found = [("anchor", _anchor(layers, plan, language))]
    for name, step in steps_of(layers, plan).items():
        if name == before:
            break
        task: Any = layers.merged("objects", str(step.get("create") or "")).get("task") if step.get("create") else None
        if isinstance(task, dict) and task.get("due"):
            found.append((f"answers.{name}.{task['due']}", label_of(step, language) or name))
    return found


def _anchor(layers: Layers, plan: str, language: str) -> str:
    made, _, path = str(layers.merged("plans", plan).get("anchor") or "").partition(".")
    field = layers.elements("objects", made, ("fields",)).get(path, {})
    return f"{layers.label('objects', made, language)}: {label_of(field, language) or path}"


def lanes_of(layers: Layers, plan: str, language: str) -> list[Lane]:
    """The steps in their order."""
    found: list[Lane] = []
    for name, step in steps_of(layers, plan).items():
        key = "from" if step.get("every") else "at"
        at = at_of(step.get(key) or "")
        days = {lane.name: lane.day for lane in found}
        start = 0.0 if at and at.base == "anchor" else days.get(at.base.split(".")[1]) if at and at.base.startswith("answers.") else None
        every, window = span_of(step.get("every") or ""), span_of(step.get("window") or "")
        found.append(Lane(
            name=name, label=label_of(step, language) or name, said=_said(layers, plan, name, step, at, language), key=key, at=at,
            day=start + at.span.days if at and start is not None else None, window=window.days if window else 0.0,
            every=every.days if every else 0.0, times=_times(step.get("times")),
            facts=tuple(_facts(layers, step, language)), only=_condition(layers, plan, name, step, "when", language),
            skipped=_condition(layers, plan, name, step, "skip_when", language)))
    return found


def _condition(layers: Layers, plan: str, name: str, step: Mapping[str, Any], key: str, language: str) -> str:
    return condition_said(layers, About("plans", plan, ("steps",), name, key), _text(step.get(key)), language)


def _text(condition: object) -> str:
    return str(condition).lower() if isinstance(condition, bool) else str(condition or "")


def _said(layers: Layers, plan: str, name: str, step: Mapping[str, Any], at: At | None, language: str) -> str:
    _ = words(language)
    told = dict(bases(layers, plan, name, language))
    text = str(step.get("from" if step.get("every") else "at") or "")
    if at is not None and at.base in told:
        what, span = told[at.base], span_said(at.span, language)
        after = _("%(span)s after %(what)s") if at.span.number > 0 else _("%(span)s before %(what)s") if at.span.number else _("on %(what)s")
        text = after % {"span": span, "what": what}
    if not step.get("every"):
        return text
    every = span_of(step["every"])
    again = _("again every %(span)s") % {"span": span_said(every, language) if every else step["every"]}
    times = _("%(n)s times") % {"n": step["times"]} if step.get("times") else _("until the plan ends")
    return f"{text}; {again}, {times}"


def _facts(layers: Layers, step: Mapping[str, Any], language: str) -> list[str]:
    _ = words(language)
    found = [layers.label("objects", str(step["create"]), language)] if step.get("create") else []
    if step.get("form"):
        found.append(layers.label("forms", str(step["form"]), language))
    if step.get("message"):
        found.append(_("tells: %(message)s") % {"message": layers.label("messages", str(step["message"]), language)})
    window = span_of(step.get("window") or "")
    if window:
        found.append(_("within %(span)s") % {"span": span_said(window, language)})
    if texts_of(step.get("calendar")):
        found.append(_("when the clinics are open"))
    return found


def summary(layers: Layers, plan: str, language: str) -> list[tuple[str, str]]:
    """What holds for the plan as a whole, in words."""
    _, whole = words(language), layers.merged("plans", plan)
    begins = condition_said(layers, About("plans", plan, (), "", "enrol_when"), _text(whole.get("enrol_when")), language)
    ends = condition_said(layers, About("plans", plan, (), "", "stop_when"), _text(whole.get("stop_when")), language)
    running = {
        "keep": _("they go on as they began"), "move_at_next_step": _("what has not been made yet follows the change"),
        "replan": _("open steps are counted anew"),
    }
    return [
        (_("For each"), layers.label("objects", str(whole.get("subject") or ""), language)), (_("Counts from"), _anchor(layers, plan, language)),
        (_("Begins by itself when"), begins or _("never; people begin it by hand")),
        (_("Ends early when"), ends or _("never")),
        (_("Those on it when it changes"), running.get(str(whole.get("running") or "move_at_next_step"), str(whole.get("running")))),
    ]


def _times(written: object) -> int:
    """How often, 0 for what is no number that a plan takes."""
    return written if isinstance(written, int) and not isinstance(written, bool) and 0 < written < 100_000 else 0
