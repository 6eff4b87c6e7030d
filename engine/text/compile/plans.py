"""Follow-up plans: what begins and ends one, the date that its steps count from, and the steps in their order."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from engine.expressions import Position, refs, walk
from engine.expressions.tree import Ref
from engine.expressions.types import BOOL, Type
from engine.fields.base import FieldType
from engine.model import Form, Message, Object, Plan, Rule, Running
from engine.problems import Code
from engine.text.compile.context import Context, label
from engine.text.compile.paths import follow, leads_through_hidden
from engine.text.compile.plan_scope import PlanScope
from engine.text.compile.plan_steps import Steps
from engine.text.compile.rules import Rules
from engine.text.elements import Named
from engine.text.link import Definition
from engine.text.nodes import ScalarNode
from engine.text.places import place_within

__all__ = ["compile_plan"]


def compile_plan(
    context: Context, rules: Rules, definition: Definition, objects: Mapping[str, Object], forms: Mapping[str, Form],
    messages: Mapping[str, Message],
) -> Plan | None:
    """None when its subject or its anchor cannot be told, or a later layer hid them."""
    node = definition.node
    subject = context.over(node.get("subject"))
    anchor = _anchor(context, node.get("anchor"))
    if subject is None or anchor is None or subject not in objects or anchor.object not in objects:
        return None
    if not _about(context, objects[anchor.object], subject, anchor.node):
        return None
    steps = context.ids.elements("plan_step", definition.id, node.map("steps"))
    made = {step.name: found for step in steps if not step.gone and (found := _made(context, step))}
    scope = PlanScope(rules.scopes, anchor.object, subject, anchor.type, made)
    compiler = Steps(context, rules, scope, steps, objects, forms, messages)
    compiled = compiler.of()
    if not steps:
        context.problems.add(Code.CARE_001.at(definition.place, name=definition.name))
    known = {each.value: each for each in Running}
    return Plan(
        id=definition.id, name=definition.name, label=label(node.get("label"), definition.name), place=definition.place,
        former=definition.former, retired=definition.gone, subject=subject, object=anchor.object, anchor=anchor.path,
        enrol_when=_rule(context, rules, scope, node.get("enrol_when"), Position.ENROL, "the plan has not begun yet"),
        stop_when=compiler.rule(node.get("stop_when"), Position.STOP, BOOL),
        running=known.get(node.text("running"), Running.MOVE_AT_NEXT_STEP), steps=compiled,
        help=label(node.get("help"), "") if node.get("help") else None,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Anchor:
    object: str
    path: tuple[str, ...]
    type: Type
    node: ScalarNode


def _anchor(context: Context, node: object) -> _Anchor | None:
    """`treatment.surgery_date`: the object whose records begin the plan, and the path of a date or an instant."""
    if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
        return None
    name, _, path = node.value.partition(".")
    owner = context.over(ScalarNode(node.source, node.line, node.column, node.start, node.end, name))
    if owner is None:
        return None
    if not path:
        context.problems.add(Code.CARE_002.at(node.place, path=node.value, why="it is an object"))
        return None
    if leads_through_hidden(context, owner, path):
        return None
    followed = follow(context, owner, node, path, len(name) + 1)
    if followed is None:
        return None
    steps, kind = followed
    why = _no_anchor(context, owner, steps, kind)
    if why:
        context.problems.add(Code.CARE_002.at(node.place, path=node.value, why=why))
        return None
    return _Anchor(owner, steps, kind.expression_type, node)


def _no_anchor(context: Context, owner: str, steps: tuple[str, ...], kind: FieldType) -> str:
    if kind.name not in ("date", "datetime"):
        return f"it is of type {kind.name}"
    for step in steps[:-1]:
        owner = context.drafts[owner].types[step].link_to
    field = next(field for field in context.drafts[owner].named if field.name == steps[-1])
    # One that is computed when it is read changes without anybody being told.
    return "it is computed when it is read" if field.node.get("formula") is not None and not field.node.flag("stored") else ""


def _about(context: Context, made: Object, subject: str, node: ScalarNode) -> bool:
    """Whether a record that begins the plan is about exactly one record of its subject."""
    ends = []
    for path in made.subject:
        end = made.name
        for step in path:
            end = context.drafts[end].types[step].link_to
        ends.append(end)
    if ends == [subject]:
        return True
    if not ends and context.drafts[made.name].node.get("subject") is not None and context.drafts[made.name].node.text("subject") != "none":
        return False  # what it says has a problem of its own
    found = "nobody" if not ends else f"several records of '{ends[0]}'" if len(ends) > 1 else f"a record of '{ends[0]}'"
    context.problems.add(Code.CARE_003.at(node.place, subject=subject, object=made.name, found=found))
    return False


def _made(context: Context, step: Named) -> str:
    """The object of the record that a step makes, '' for none; told without reporting anything."""
    name = step.node.text("create")
    return name if name in context.drafts else ""


def _rule(context: Context, rules: Rules, scope: PlanScope, node: object, position: Position, why: str) -> Rule | None:
    """A condition that is judged before any step has been: it reads no answers."""
    rule = rules.rule(scope.object, node, position, scope=scope)
    if rule is None or not any(path[0] == "answers" for path in refs(rule.tree)):
        return rule
    at = min(part.at for part in walk(rule.tree) if isinstance(part, Ref) and part.path[0] == "answers")
    assert isinstance(node, ScalarNode)
    context.problems.add(Code.CARE_004.at(place_within(node, at), why=why))
    return None
