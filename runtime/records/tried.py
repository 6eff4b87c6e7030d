"""What a trial says, as JSON and in words: the value, its type, and every part of the expression with what it came to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from engine.expressions.python.trace import WHY, Step
from engine.expressions.types import TEXT, ListOf, MapOf, OptionOf, RecordOf, Type
from engine.targets.browser_values import to_json
from runtime.records.trying import Tried, TriedTable

__all__ = ["as_json", "lines", "type_words", "value_json", "value_text", "why_text"]

HIDDEN = "hidden"
"""Why a part is null that the reader may not see; the other reasons are those of `engine.expressions.python.trace.WHY`."""

_CHINESE: Mapping[str, str] = {
    "boolean": "布尔值", "integer": "整数", "decimal": "小数", "float": "浮点数", "text": "文本", "date": "日期", "instant": "时刻", "time": "时间",
    "null": "空值",
}


def as_json(tried: Tried, language: str) -> dict[str, object]:
    """`{object, expression, type, value, trace, hidden}`; `trace` is a tree of `{text, start, end, type, value, why, parts}`, or None."""
    return {
        "object": tried.object.name, "expression": tried.expression, "type": tried.type.words, "value": value_json(tried.value, tried.type),
        "trace": None if tried.step is None else _step(tried.step, tried, language), "hidden": [".".join(path) for path in tried.hidden],
    }


def value_json(value: Any, kind: Type) -> object:
    """A value as JSON: decimals, dates and spans are texts, options stand by their current names."""
    if value is None:
        return None
    if isinstance(kind, OptionOf):
        return next((name for name, stored in kind.names.items() if stored == value), value)
    if isinstance(kind, ListOf) and isinstance(value, tuple | list):
        return [value_json(item, kind.item) for item in value]
    if isinstance(kind, MapOf) and isinstance(value, Mapping):
        return {str(to_json(key)): value_json(item, kind.value) for key, item in value.items()}
    return to_json(value)


def _step(step: Step, tried: Tried, language: str) -> dict[str, object]:
    why = _why(step, tried)
    found: dict[str, object] = {
        "text": step.text, "start": step.start, "end": step.end, "type": step.type.words, "value": value_json(step.value, step.type),
        "parts": [_step(part, tried, language) for part in step.parts],
    }
    if why:
        found |= {"why": why, "because": why_text(why, language)}
    called = _called(step, tried)
    if called is not None:
        parts = [{"name": part.name, "label": part.label(language), "value": to_json(value)} for part, value in called.parts]
        found["table"] = {"name": called.table.name, "label": called.table.label(language), "parts": parts}
    if step.items:
        found["items"] = [
            {"value": to_json(item.value), "parts": [_step(part, tried, language) for part in item.parts]} for item in step.items
        ]
        found["more"] = step.more
    return found


def _called(step: Step, tried: Tried) -> TriedTable | None:
    """The table that a part calls: it begins with its name and a bracket."""
    found = tried.tables.get(step.start)
    begins = found is not None and step.text[len(found.table.name):].lstrip().startswith("(")
    return found if begins and found is not None and step.text.startswith(found.table.name) and _ends(step.text) else None


def _ends(text: str) -> bool:
    """Whether a part is the call alone, perhaps with its output: `f(…)` or `f(…).out`, but no sum that begins with it."""
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        if sign in ")" and depth == 0:
            return re.fullmatch(r"\s*(\.\s*\w+\s*)?", text[at + 1:]) is not None
    return False


def _why(step: Step, tried: Tried) -> str:
    """Why a part is null; for what the reader may not see that comes before all else."""
    if step.value is not None:
        return ""
    path = tuple(part.strip() for part in step.text.split("."))
    return HIDDEN if path in tried.hidden else step.why


def why_text(why: str, language: str) -> str:
    """A reason in words."""
    english, chinese = _WHY.get(why, (WHY.get(why, why), WHY.get(why, why)))
    return chinese if language.startswith("zh") else english


_WHY: Mapping[str, tuple[str, str]] = {HIDDEN: ("not visible", "无权查看")}


def type_words(kind: Type, language: str) -> str:
    """A type in words."""
    if not language.startswith("zh"):
        return kind.words
    if isinstance(kind, ListOf):
        return f"{type_words(kind.item, language)}的列表"
    if isinstance(kind, MapOf):
        return f"从{type_words(kind.key, language)}到{type_words(kind.value, language)}的映射"
    if isinstance(kind, OptionOf):
        return f"{kind.choice_id} 的选项"
    if isinstance(kind, RecordOf):
        return f"{kind.object} 的关联"
    return _CHINESE.get(kind.words, "时长" if kind.words.startswith("duration") else kind.words)


def value_text(value: Any, kind: Type) -> str:
    """A value on one line of a terminal: texts in quotation marks, null as the word."""
    found = value_json(value, kind)
    return str(found) if isinstance(found, str) and kind != TEXT else json.dumps(found, ensure_ascii=False)


def lines(tried: Tried, language: str) -> Iterator[str]:
    """The value with its type, then every part below the one that it belongs to."""
    chinese = language.startswith("zh")
    yield f"{'值' if chinese else 'value'}: {value_text(tried.value, tried.type)}"
    yield f"{'类型' if chinese else 'type'}: {type_words(tried.type, language)}"
    if tried.step is None:
        yield "过程: 表达式过长，不逐项列出" if chinese else "trace: left out, the expression takes too many steps"
        return
    yield f"{'过程' if chinese else 'trace'}:"
    yield from _told(tried.step, tried, language, 1)


def _told(step: Step, tried: Tried, language: str, level: int) -> Iterator[str]:
    why = _why(step, tried)
    reason = f"   ({why_text(why, language)})" if why else ""
    yield f"{'  ' * level}{' '.join(step.text.split())} = {value_text(step.value, step.type)}{reason}"
    called = _called(step, tried)
    for element, value in called.parts if called else ():
        yield f"{'  ' * (level + 1)}· {element.label(language)}: {json.dumps(to_json(value))}"
    for part in step.parts:
        yield from _told(part, tried, language, level + 1)
    for item in step.items:
        yield f"{'  ' * (level + 1)}• {json.dumps(to_json(item.value), ensure_ascii=False)}"
        for part in item.parts:
            yield from _told(part, tried, language, level + 2)
    if step.more:
        yield f"{'  ' * (level + 1)}… {'另有' if language.startswith('zh') else 'and'} {step.more} {'项' if language.startswith('zh') else 'more'}"
