"""Records that are good enough to begin a story with: each with the values that it must have."""

from __future__ import annotations

from typing import Any

from designer.layers import label_of
from designer.starts.wish import Wish

__all__ = ["Cast"]

_DEPTH = 5


class Cast:
    """The given records of a scenario, one for each object that is needed."""

    def __init__(self, wish: Wish, day: str) -> None:
        self.given: dict[str, Any] = {}
        self._wish = wish
        self._day = day

    def record(self, object_name: str, values: dict[str, Any], depth: int = 0) -> str:
        """The name of a record of the object; those that it must link to are given first."""
        if object_name in self.given:
            return object_name
        found: dict[str, Any] = {}
        for name, field in self._wish.fields(object_name).items():
            if name in values:
                found[name] = values[name]
            elif field.get("required") and not field.get("formula") and (value := self._value(name, field, depth)) is not None:
                found[name] = value
        self.given[object_name] = {"object": object_name, "values": found}
        return object_name

    def _value(self, name: str, field: dict[str, Any], depth: int) -> Any:
        kind = field.get("type")
        if kind == "link":
            to = str(field.get("to"))
            return {"record": self.record(to, {}, depth + 1)} if depth < _DEPTH else None
        if kind in ("choice", "choices"):
            options = field.get("options") or self._wish.layers.merged("choices", str(field.get("of"))).get("options") or {}
            first = next(iter(options), None)
            return [first] if kind == "choices" and first else first
        said = label_of(field, "zh" if "zh" in self._wish.label else "en") or name
        number = field.get("min", 1 if field.get("max", 1) >= 1 else field.get("max")) if kind in ("integer", "decimal") else None
        plain = {
            "text": said[: int(field.get("max") or 40)], "long_text": said, "integer": number, "decimal": str(number), "boolean": False,
            "date": self._day, "datetime": f"{self._day}T09:00", "time": "09:00", "phone": "13800138000", "email": "someone@example.com",
        }
        return plain.get(str(kind))
