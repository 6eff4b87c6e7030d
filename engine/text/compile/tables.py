"""Decision tables and scores, each compiled when something first calls it, so that one may call another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.expressions.checker.inline import Inline
from engine.expressions.functions import NAMES
from engine.model import DecisionTable, Score
from engine.problems import Code, circle
from engine.text.compile.context import Context
from engine.text.compile.decisions import compile_decision
from engine.text.compile.scope import DraftScope, Scopes
from engine.text.compile.scores import compile_score
from engine.text.compile.settings import settings
from engine.text.link import Definition

__all__ = ["KINDS", "Tables"]

KINDS = ("decision", "score")


class Tables:
    """All tables of a release by name. A table is a function of expressions, so its name is one among functions."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._found: dict[str, DecisionTable | Score | None] = {}
        self._open: list[str] = []
        self._definitions: dict[str, tuple[str, Definition]] = {}
        for kind in KINDS:
            for definition in context.namespace[kind].current.values():
                self._take(kind, definition)
        self._scopes: Scopes | None = None

    def _take(self, kind: str, definition: Definition) -> None:
        name = definition.name
        rival = self._definitions.get(name)
        other = f", the {rival[0]} at {rival[1].place}" if rival else ""
        if rival or name in NAMES:
            self._context.problems.add(Code.TABLE_001.at(definition.place, name=name, other=other))
        else:
            self._definitions[name] = (kind, definition)

    @property
    def scopes(self) -> Scopes:
        """The scopes of objects, for tables over one; the drafts must stand by now."""
        if self._scopes is None:
            self._scopes = Scopes(self._context.drafts, settings(self._context.namespace), self)
        return self._scopes

    def any_scope(self) -> DraftScope | None:
        """The scope of some object, for what all of them have in common."""
        return next((self.scopes.of(name) for name in self._context.drafts), None)

    def find(self, name: str) -> Inline | None:
        """The function of a table; a broken one, reported already, stays silent. None when there is no such table."""
        if name not in self._definitions:
            return None
        if name in self._open:
            path = [*self._open[self._open.index(name):], name]
            self._context.problems.add(Code.TABLE_010.at(self._definitions[min(path)][1].place, path=circle(path)))
            return _broken(name)
        made = self.table(name)
        return made.inline if made is not None else _broken(name)

    def table(self, name: str) -> DecisionTable | Score | None:
        """The finished table, None when it has a problem that leaves it without meaning."""
        if name not in self._found:
            kind, definition = self._definitions[name]
            self._open.append(name)
            make = compile_decision if kind == "decision" else compile_score
            self._found[name] = make(self._context, definition, self)
            self._open.pop()
        return self._found[name]

    def all(self, kind: str) -> Iterator[tuple[str, DecisionTable | Score]]:
        """The tables of a kind, compiled."""
        for name, (own, _) in self._definitions.items():
            made = self.table(name) if own == kind else None
            if made is not None:
                yield name, made

    def decisions(self) -> Mapping[str, DecisionTable]:
        return {name: made for name, made in self.all("decision") if isinstance(made, DecisionTable)}

    def scores(self) -> Mapping[str, Score]:
        return {name: made for name, made in self.all("score") if isinstance(made, Score)}


def _broken(name: str) -> Inline:
    return Inline(name, (), {}, "", broken=True)
