"""What only all workflows together show: effects that fire one another for ever, and ones that can never take place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.model import Effect, EnrolIn, Fire, Message, Notify, Plan, Transition, Workflow
from engine.problems import Code, circle
from engine.text.compile.context import Context
from engine.text.compile.titles import circles

__all__ = ["check_automation"]


def check_automation(
    context: Context, workflows: Mapping[str, Workflow], plans: Mapping[str, Plan], messages: Mapping[str, Message],
) -> None:
    """Warn of unconditional circles; report what is done to records of the wrong object or from the wrong state."""
    for flow in workflows.values():
        for transition in flow.transitions.values():
            _from_its_state(context, flow, transition)
            for effect in transition.then.values():
                _about(context, flow, effect, plans, messages)
    _circles(context, workflows)


def _from_its_state(context: Context, flow: Workflow, transition: Transition) -> None:
    """The first transition that the record itself takes next must leave the state that this one leads to."""
    following = next((effect for effect in transition.then.values() if isinstance(effect, Fire) and not effect.on), None)
    there = flow.transitions.get(following.transition) if following is not None else None
    if following is not None and there is not None and transition.target and transition.target not in there.sources:
        context.problems.add(Code.FLOW_014.at(following.place, name=there.name, state=transition.target))


def _about(context: Context, flow: Workflow, effect: Effect, plans: Mapping[str, Plan], messages: Mapping[str, Message]) -> None:
    if isinstance(effect, EnrolIn):
        plan = plans.get(effect.plan)
        if plan is not None and plan.object != effect.target:
            context.problems.add(Code.FLOW_018.at(effect.place, kind="plan", name=plan.name, found=plan.object, object=effect.target))
    elif isinstance(effect, Notify):
        message = messages.get(effect.message)
        if message is not None and message.object != flow.object:
            context.problems.add(
                Code.FLOW_018.at(effect.place, kind="message", name=message.name, found=message.object, object=flow.object))


def _circles(context: Context, workflows: Mapping[str, Workflow]) -> None:
    edges = {f"{flow.object}.{name}": sorted(_surely_fires(workflows, transition))
             for flow in workflows.values() for name, transition in flow.transitions.items()}
    for path in circles(edges):
        object_name, _, name = path[0].partition(".")
        place = workflows[object_name].transitions[name].place
        context.problems.add(Code.FLOW_017.at(place, warning=True, name=name, path=circle(path)))


def _surely_fires(workflows: Mapping[str, Workflow], transition: Transition) -> Iterator[str]:
    for effect in transition.then.values():
        flow = workflows.get(effect.target)
        if isinstance(effect, Fire) and effect.condition is None and flow is not None:
            there = flow.transitions.get(effect.transition)
            if there is not None and there.when is None:
                yield f"{effect.target}.{effect.transition}"
