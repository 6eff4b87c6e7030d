"""Roles: what their grants and denials name exists, and says one thing."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import Position
from engine.model import Denial, Grant, Role, Rule, Workflow
from engine.names import ACTIONS, SYSTEM_RIGHTS
from engine.problems import Code, suggest
from engine.text.compile.context import Context, label
from engine.text.compile.rules import Rules
from engine.text.elements import Named
from engine.text.link import Definition

__all__ = ["compile_role"]


def compile_role(context: Context, rules: Rules, definition: Definition, workflows: Mapping[str, Workflow]) -> Role:
    lines = _Lines(context, rules, definition, workflows)
    grants = {n.name: grant for n in context.ids.elements("grant", definition.id, definition.node.map("grants"))
              if not n.gone and (grant := lines.grant(n)) is not None}
    denials = {n.name: denial for n in context.ids.elements("denial", definition.id, definition.node.map("denials"))
               if not n.gone and (denial := lines.denial(n)) is not None}
    return Role(
        id=definition.id, name=definition.name, label=label(definition.node.get("label"), definition.name), place=definition.place,
        former=definition.former, grants=grants, denials=denials,
        system=frozenset(definition.node.texts("system")) & frozenset(SYSTEM_RIGHTS),
    )


class _Lines:
    """Compiles the grants and denials of one role."""

    def __init__(self, context: Context, rules: Rules, definition: Definition, workflows: Mapping[str, Workflow]) -> None:
        self._context = context
        self._rules = rules
        self._role = definition.name
        self._workflows = workflows

    def grant(self, named: Named) -> Grant | None:
        object_name = self._object(named)
        if object_name is None:
            return None
        sights = self._sights(object_name, named, ("show", "mask", "hide"))
        return Grant(
            id=named.id, name=named.name, label=label(named.node.get("label"), named.name), place=named.place, former=named.former,
            role=self._role, object=object_name, can=self._actions(object_name, named),
            rows=self._rows(object_name, named, Position.ROW_RULE), show=sights["show"], mask=sights["mask"], hide=sights["hide"],
        )

    def denial(self, named: Named) -> Denial | None:
        object_name = self._object(named)
        if object_name is None:
            return None
        sights = self._sights(object_name, named, ("mask", "hide"))
        can = self._actions(object_name, named)
        if not any(named.node.get(key) is not None for key in ("can", "mask", "hide")):
            self._context.problems.add(Code.ROLE_003.at(named.place, name=named.name))
        return Denial(
            id=named.id, name=named.name, label=label(named.node.get("label"), named.name), place=named.place, former=named.former,
            role=self._role, object=object_name, can=can, rows=self._rows(object_name, named, Position.DENIAL),
            mask=sights["mask"], hide=sights["hide"],
        )

    def _object(self, named: Named) -> str | None:
        return self._context.over(named.node.get("object"))

    def _rows(self, object_name: str, named: Named, position: Position) -> Rule | None:
        return self._rules.rule(object_name, named.node.get("rows"), position)

    def _actions(self, object_name: str, named: Named) -> frozenset[str]:
        workflow = self._workflows.get(object_name)
        transitions = workflow.transitions if workflow else {}
        former = {old: t.name for t in transitions.values() for old in t.former}
        found = set()
        for node in named.node.scalars("can"):
            name = str(node.value)
            if name in ACTIONS or name in transitions:
                found.add(name)
            elif name in former:
                self._context.problems.add(Code.NAME_008.at(node.place, name=name, kind="transition", current=former[name]))
            elif not self._context.namespace["workflow"].incomplete:
                known = [*ACTIONS, *transitions]
                self._context.problems.add(Code.ROLE_001.at(
                    node.place, name=name, object=object_name, suggestion=suggest(name, known), known=", ".join(known)))
        return frozenset(found)

    def _sights(self, object_name: str, named: Named, keys: tuple[str, ...]) -> dict[str, frozenset[str]]:
        """The fields under each key; a field under two is reported at the second."""
        found: dict[str, frozenset[str]] = {}
        seen: dict[str, str] = {}
        for key in keys:
            nodes = named.node.scalars(key)
            found[key] = frozenset(self._context.fields(object_name, nodes))
            for node in nodes:
                name = str(node.value)
                if seen.setdefault(name, key) != key:
                    self._context.problems.add(Code.ROLE_002.at(node.place, field=name, one=seen[name], other=key))
        return found
