"""The beginnings of rules that clinic people read and change: scores and decision tables."""

from __future__ import annotations

from typing import Any

from designer.edits.edit import Edit
from designer.edits.elements import AddElement
from designer.naming import name_of
from designer.starts.wish import Begun, Wish

__all__ = ["decision", "score"]

_ANSWER = {"type": "boolean", "label": {"en": "Answer", "zh": "回答"}}
_BANDS = {"low": {"range": "..0", "label": {"en": "Low", "zh": "低"}}, "high": {"range": ">= 1", "label": {"en": "High", "zh": "高"}}}


def score(wish: Wish) -> Begun:
    """Over an object the first answer counts a point, and the sum stands on each record; without one it is told an answer."""
    head = {"name": wish.name, "label": wish.label}
    if not wish.about:
        items: dict[str, Any] = {"answer": {"points": {"true": 1, "false": 0}}}
        return Begun({**head, "inputs": {"answer": dict(_ANSWER)}, "items": items, "bands": _BANDS})
    name, field = _asked(wish)
    condition = name if field.get("type") == "boolean" else f"has({name})"
    items = {name: {"if": condition, "points": 1, **({"label": field["label"]} if "label" in field else {})}}
    return Begun({**head, "on": wish.about, "items": items, "missing": "zero", "bands": _BANDS},
                 after=_shown(wish, "integer", "_points", ": points|：得分", f"{wish.name}()"))


def _asked(wish: Wish) -> tuple[str, dict[str, Any]]:
    """The field that is likeliest to be counted."""
    fields = {name: field for name, field in wish.fields().items() if not field.get("formula") and field.get("type") != "state"}
    by_type = sorted(fields.items(), key=lambda one: (
        one[1].get("type") not in ("boolean",), one[1].get("type") not in ("choice", "choices", "integer", "decimal")))
    return by_type[0] if by_type else ("id", {})


def _shown(wish: Wish, kind: str, suffix: str, words: str, formula: str) -> tuple[Edit, ...]:
    """A computed field with the result, unless it is not wanted."""
    if wish.settings.get("shown") is False:
        return ()
    name = name_of(f"{wish.name}{suffix}", wish.layers.elements("objects", wish.about, ("fields",)))
    value = {"type": kind, "formula": formula, "label": wish.words(words)}
    return (AddElement(folder="objects", definition=wish.about, pack=wish.pack, section=("fields",), name=name, value=value),)


def decision(wish: Wish) -> Begun:
    """One rule and what holds otherwise."""
    head = {"name": wish.name, "label": wish.label}
    outputs = {"result": {"type": "text", "label": {"en": "Result", "zh": "结果"}}}
    label, (yes, no) = {"en": "First rule", "zh": "第一条规则"}, ("是", "否") if next(iter(wish.label)) == "zh" else ("yes", "no")
    if not wish.about:
        rules: dict[str, Any] = {"first": {"when": {"answer": "true"}, "then": yes, "label": label}}
        return Begun({**head, "inputs": {"answer": dict(_ANSWER)}, "outputs": outputs, "hit": "first", "rules": rules, "default": no})
    name, field = _asked(wish)
    cell = "true" if field.get("type") == "boolean" else "!= null"
    rules = {"first": {"when": {name: cell}, "then": yes, "label": label}}
    return Begun({**head, "on": wish.about, "outputs": outputs, "hit": "first", "rules": rules, "default": no},
                 after=_shown(wish, "text", "_result", ": result|：结果", f"{wish.name}()"))
