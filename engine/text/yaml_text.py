"""YAML with positions: the events of PyYAML's C parser, held to the strict subset that definitions are written in."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import yaml

from engine.problems import Code, Place, Problem, Problems
from engine.text.limits import MAX_DEPTH, MAX_NODES, MAX_PROBLEMS
from engine.text.nodes import Entry, ListNode, MapNode, Node, ScalarNode, SourceText
from engine.text.scalars import MAX_DIGITS, NotANumber, resolve

__all__ = ["parse_yaml"]

_DIRECTIVE = re.compile(r"%\S*")


def parse_yaml(source: SourceText, problems: Problems) -> Node | None:
    """The document's value; None when it cannot be read. Problems of the subset are gathered and reading goes on."""
    builder = _Builder(source, problems)
    first = _DIRECTIVE.match(source.text)
    if first:
        problems.add(Code.TEXT_018.at(Place(source.shown), text=first.group()))
    try:
        return builder.build(yaml.parse(source.text, Loader=yaml.CSafeLoader))
    except _Stop as stop:
        if stop.problem is not None:
            problems.add(stop.problem)
    except yaml.MarkedYAMLError as error:
        problems.add(_unreadable(source, error))
    except yaml.YAMLError as error:
        problems.add(Code.TEXT_001.at(Place(source.shown), why=str(error).splitlines()[0]))
    return None


def _unreadable(source: SourceText, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    place = Place(source.shown, mark.line + 1, mark.column + 1) if mark else Place(source.shown)
    # libyaml says "could not find expected ':'" and the like; its context says what it was reading.
    why = " ".join(part for part in (error.problem, error.context) if part)
    return Code.TEXT_001.at(place, why=why)


class _Stop(Exception):
    """Reading cannot go on: a limit is reached, or enough is reported."""

    def __init__(self, problem: Problem | None = None) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclasses.dataclass(slots=True)
class _Open:
    """A list or map that is being read."""

    start: Any
    items: list[Node] | None
    entries: dict[str, Entry]
    key: ScalarNode | None = None
    waits_for_value: bool = False


class _Builder:
    """Turns events into nodes with a stack of its own, so that depth is a number and not Python's stack."""

    def __init__(self, source: SourceText, problems: Problems) -> None:
        self._source = source
        self._problems = problems
        self._open: list[_Open] = []
        self._count = 0
        self._root: Node | None = None
        self._documents = 0
        self._enough = len(problems) + MAX_PROBLEMS
        self._has_hole = False

    def build(self, events: Iterator[Any]) -> Node | None:
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                self._begin(event)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self._finish(event)
            elif isinstance(event, yaml.AliasEvent):
                self._problem(Code.TEXT_008, event, name=event.anchor)
                self._place(self._node(event, None, ""))
                self._has_hole = True
            elif isinstance(event, yaml.DocumentStartEvent):
                self._documents += 1
                if self._documents > 1:
                    raise _Stop(Code.TEXT_012.at(self._at(event)))
        if self._root is None or (isinstance(self._root, ScalarNode) and self._root.value is None):
            self._problems.add(Code.TEXT_017.at(Place(self._source.shown)))
            return None
        # What an alias stood for is not known, so nothing sensible could be said about the values.
        return None if self._has_hole else self._root

    def _at(self, event: Any) -> Place:
        return Place(self._source.shown, event.start_mark.line + 1, event.start_mark.column + 1)

    def _problem(self, code: Code, event: Any, **words: Any) -> None:
        self._problems.add(code.at(self._at(event), **words))

    def _counted(self, event: Any) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            raise _Stop(Code.TEXT_014.at(self._at(event), limit=MAX_NODES))
        if len(self._problems) > self._enough:
            raise _Stop
        if event.anchor is not None:
            self._problem(Code.TEXT_007, event, name=event.anchor)
        if event.tag is not None:
            self._problem(Code.TEXT_009, event, tag=event.tag)

    def _node(self, event: Any, value: Any, style: str) -> ScalarNode:
        start, end = event.start_mark, event.end_mark
        return ScalarNode(self._source, start.line + 1, start.column + 1, start.index, end.index, value, style)

    def _scalar(self, event: Any) -> None:
        self._counted(event)
        style = event.style or ""
        top = self._open[-1] if self._open else None
        if top is not None and top.items is None and not top.waits_for_value:
            self._key(top, self._node(event, event.value, style), style)
            return
        self._place(self._node(event, event.value if style else self._resolved(event), style))

    def _resolved(self, event: Any) -> Any:
        try:
            return resolve(event.value)
        except NotANumber:
            self._problem(Code.TEXT_015, event, text=event.value[:40], digits=MAX_DIGITS)
            return 0

    def _key(self, top: _Open, key: ScalarNode, style: str) -> None:
        top.waits_for_value = True
        top.key = None
        name = str(key.value)
        if not style and name == "<<":
            self._problems.add(Code.TEXT_010.at(key.place))
        elif not name:
            self._problems.add(Code.TEXT_016.at(key.place))
        elif name in top.entries:
            self._problems.add(Code.TEXT_011.at(key.place, key=name[:60], other=top.entries[name].place))
        else:
            top.key = key

    def _begin(self, event: Any) -> None:
        self._counted(event)
        if len(self._open) >= MAX_DEPTH:
            raise _Stop(Code.TEXT_013.at(self._at(event), limit=MAX_DEPTH))
        is_list = isinstance(event, yaml.SequenceStartEvent)
        self._open.append(_Open(event.start_mark, [] if is_list else None, {}))

    def _finish(self, event: Any) -> None:
        done = self._open.pop()
        start, end = done.start, event.end_mark
        marks = (self._source, start.line + 1, start.column + 1, start.index, end.index)
        self._place(MapNode(*marks, done.entries) if done.items is None else ListNode(*marks, tuple(done.items)))

    def _place(self, node: Node) -> None:
        """Put a finished value where it belongs: under the waiting key, into the open list, or as the root."""
        if not self._open:
            self._root = node
            return
        top = self._open[-1]
        if top.items is not None:
            top.items.append(node)
        elif not top.waits_for_value:
            self._problems.add(Code.TEXT_016.at(node.place))
            top.waits_for_value, top.key = True, None
        else:
            top.waits_for_value = False
            if top.key is not None:
                top.entries[str(top.key.value)] = Entry(top.key, node)
