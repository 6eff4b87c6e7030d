"""Titles: literal text with `{path}` or `{expression}` in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from engine.expressions import refs
from engine.model import Field, Title
from engine.problems import Code, circle
from engine.text.compile.context import Context, Draft
from engine.text.compile.rules import Rules
from engine.text.nodes import ScalarNode
from engine.text.places import place_within

__all__ = ["check_title_circles", "holes", "title"]

Part = TypeVar("Part")

_TITLED = ("text", "phone", "email", "sequence", "id_number", "long_text")


def title(context: Context, rules: Rules, draft: Draft, fields: Mapping[str, Field]) -> Title:
    """The title as written, else the first text field, else the first field of any type."""
    node = draft.node.get("title")
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        return Title(node.value, holes(context, node, node.value, lambda inside, at: rules.tree(draft.name, node, inside, at, None)))
    free = [field for field in fields.values() if not field.restricted]
    name = next((field.name for kind in _TITLED for field in free if field.type.name == kind), "") or next(iter(fields), "")
    if not name:
        return Title("", ())
    place = fields[name].place
    source = ScalarNode(draft.node.source, place.line, place.column, 0, 0, name)
    tree = rules.tree(draft.name, source, name, 0, None)
    return Title("{" + name + "}", (tree,) if tree is not None else ())


def holes(context: Context, node: ScalarNode, text: str, read: Callable[[str, int], Part | None]) -> tuple[str | Part, ...]:
    """The literal texts and what `read` makes of each hole (what stands in it, and where) in their order."""
    parts: list[str | Part] = []
    at = 0
    while at < len(text):
        opening, closing = text.find("{", at), text.find("}", at)
        if opening < 0 and closing < 0:
            parts.append(text[at:])
            break
        end = text.find("}", opening)
        if opening < 0 or 0 <= closing < opening or end < 0 or "{" in text[opening + 1:end]:
            wrong = closing if closing >= 0 and (opening < 0 or closing < opening) else opening
            context.problems.add(Code.OBJECT_006.at(place_within(node, wrong)))
            break
        if opening > at:
            parts.append(text[at:opening])
        found = read(text[opening + 1:end], opening + 1)
        if found is not None:
            parts.append(found)
        at = end + 1
    return tuple(parts)


def check_title_circles(context: Context, titles: Mapping[str, Title]) -> None:
    """A title that shows a link shows the title of what it links to; that must end somewhere."""
    shows: dict[str, list[str]] = {}
    for name, found in titles.items():
        trees = [part for part in found.parts if not isinstance(part, str)]
        shows[name] = sorted({end for tree in trees for path in refs(tree) if (end := _shown(context, name, path))})
    for path in circles(shows):
        draft = context.drafts[path[0]]
        context.problems.add(Code.OBJECT_007.at(draft.node.place_of("title"), path=circle(path)))


def _shown(context: Context, object_name: str, path: tuple[str, ...]) -> str:
    """The object whose title stands at the end of a path, '' when it ends in a plain value."""
    for step in path:
        draft = context.drafts.get(object_name)
        kind = draft.types.get(step) if draft else None
        object_name = kind.link_to if kind else ""
    return object_name


def circles(edges: Mapping[str, list[str]]) -> list[list[str]]:
    """Each circle of a graph once, as the path from its smallest node back to it; without recursion."""
    found: dict[frozenset[str], list[str]] = {}
    done: set[str] = set()
    for start in sorted(edges):
        if start in done:
            continue
        path, steps = [start], [iter(edges[start])]
        on_path = {start}
        while path:
            following = next(steps[-1], None)
            if following is None:
                steps.pop()
                on_path.discard(path[-1])
                done.add(path.pop())
            elif following in on_path:
                circle = path[path.index(following):]
                least = circle.index(min(circle))
                circle = circle[least:] + circle[:least]
                found.setdefault(frozenset(circle), [*circle, circle[0]])
            elif following not in done and following in edges:
                path.append(following)
                on_path.add(following)
                steps.append(iter(edges[following]))
    return list(found.values())
