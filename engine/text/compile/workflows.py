"""Workflows: their states, their transitions, and what leads where."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import Position
from engine.model import Choices, Form, Object, Option, State, StateCategory, Transition, Workflow
from engine.names import ACTIONS
from engine.problems import Code, suggest
from engine.text.compile.context import Context, label
from engine.text.compile.effects import Effects
from engine.text.compile.rules import Rules
from engine.text.compile.timers import compile_timers
from engine.text.elements import Named, former_names
from engine.text.link import Definition
from engine.text.nodes import ScalarNode

__all__ = ["compile_workflow", "states", "states_as_choices"]


def states(context: Context, definition: Definition) -> tuple[dict[str, State], dict[str, str]]:
    """The states by current name and former name → current name. A hidden state stays known, as a retired one does."""
    named = context.ids.elements("state", definition.id, definition.node.map("states"))
    found = {one.name: _state(one) for one in named}
    if not any(not state.retired for state in found.values()):
        context.problems.add(Code.FLOW_006.at(definition.place, object=definition.name))
    return found, former_names(named)


def _state(named: Named) -> State:
    category = named.node.text("category", "open")
    known = {each.value: each for each in StateCategory}
    return State(
        id=named.id, name=named.name, label=label(named.node.get("label"), named.name), place=named.place, former=named.former,
        retired=named.gone, stored=named.id.rpartition(".")[2], category=known.get(category, StateCategory.OPEN),
        color=named.node.text("color"),
    )


def states_as_choices(definition: Definition, found: Mapping[str, State]) -> Choices:
    """The states as the options of the workflow's field."""
    nodes = definition.node.map("states")
    options = {}
    for name, state in found.items():
        node = nodes.map(name) if nodes else None
        options[name] = Option(
            id=state.id, name=name, label=state.label, place=state.place, former=state.former, retired=state.retired,
            stored=state.stored, color=node.text("color") if node else "",
        )
    return Choices(
        id=f"{definition.id}.{definition.node.text('field')}", name=f"{definition.name}.{definition.node.text('field')}",
        label=label(definition.node.get("label"), definition.name), place=definition.place, options=options,
    )


def compile_workflow(context: Context, rules: Rules, definition: Definition, found: tuple[dict[str, State], dict[str, str]],
                     forms: Mapping[str, Form], objects: Mapping[str, Object]) -> Workflow:
    steps = _Steps(context, rules, definition, *found, forms, Effects(context, rules, definition, objects))
    node = definition.node
    transitions = {}
    for named in context.ids.elements("transition", definition.id, node.map("transitions")):
        if not named.gone and not steps.of_hidden(named):
            transitions[named.name] = steps.transition(named)
    initial = steps.state(node.get("initial"))
    if initial:
        _reachable(context, steps.states, initial, transitions)
    return Workflow(
        id=definition.id, name=definition.name, label=label(node.get("label"), definition.name), place=definition.place,
        former=definition.former, object=definition.name, field=node.text("field"), initial=initial,
        states=dict(steps.states), transitions=transitions,
        timers=compile_timers(context, rules, definition, objects, steps.states),
    )


class _Steps:
    """Compiles the transitions of one workflow."""

    def __init__(self, context: Context, rules: Rules, definition: Definition, found: dict[str, State], former: dict[str, str],
                 forms: Mapping[str, Form], effects: Effects) -> None:
        self.states = found
        self._context = context
        self._rules = rules
        self._definition = definition
        self._former = former
        self._forms = forms
        self._effects = effects

    def state(self, node: object) -> str:
        """The state a scalar names; '' with a problem when there is none."""
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
            return ""
        name = node.value
        there = self.states.get(name)
        if there is not None and not there.retired:
            return name
        problems = self._context.problems
        current = [n for n, state in self.states.items() if not state.retired]
        if there is not None:
            problems.add(Code.NAME_011.at(node.place, kind="state", name=name, why="retired", other=there.place))
        elif name in self._former:
            problems.add(Code.NAME_008.at(node.place, name=name, kind="state", current=self._former[name]))
        else:
            problems.add(Code.FLOW_001.at(
                node.place, name=name, object=self._definition.name, suggestion=suggest(name, current), known=", ".join(current)))
        return ""

    def _hidden(self, node: ScalarNode) -> bool:
        states = self._definition.node.map("states")
        there = states.map(str(node.value)) if states else None
        return there is not None and there.flag("hidden")

    def of_hidden(self, named: Named) -> bool:
        """Whether a later layer hid the states that a transition leads to or comes from: then it goes with them."""
        sources = named.node.scalars("from")
        return any(map(self._hidden, named.node.scalars("to"))) or (bool(sources) and all(map(self._hidden, sources)))

    def transition(self, named: Named) -> Transition:
        node = named.node
        if named.name in ACTIONS:
            self._context.problems.add(Code.NAME_002.at(named.place, name=named.name, why="it is an action on every object"))
        sources = tuple(name for name in map(self.state, [n for n in node.scalars("from") if not self._hidden(n)]) if name)
        return Transition(
            id=named.id, name=named.name, label=label(node.get("label"), named.name), place=named.place, former=named.former,
            sources=sources, target=self.state(node.get("to")), ask=self._ask(node.get("ask")),
            when=self._rules.rule(self._definition.name, node.get("when"), Position.GUARD), reason=node.text("reason", "none"),
            then=self._effects.of(named),
        )

    def _ask(self, node: object) -> str:
        name = self._context.reference("form", node if isinstance(node, ScalarNode) else None)
        form = self._forms.get(name) if name else None
        if form is None or not isinstance(node, ScalarNode):
            return ""
        if form.object != self._definition.name:
            self._context.problems.add(Code.FLOW_005.at(node.place, form=name, found=form.object, object=self._definition.name))
        return form.name


def _reachable(context: Context, found: Mapping[str, State], initial: str, transitions: Mapping[str, Transition]) -> None:
    """Warn of states that nothing leads to; records may still have them from an import."""
    reached = {initial}
    waiting = [initial]
    while waiting:
        at = waiting.pop()
        following = {t.target for t in transitions.values() if at in t.sources} - reached - {""}
        reached |= following
        waiting.extend(following)
    for name, state in found.items():
        if name not in reached and not state.retired:
            context.problems.add(Code.FLOW_002.at(state.place, warning=True, name=name))


