"""What a workflow allows: one decision for pressing a button and for drawing it grey (style, Decide, then do)."""

from collections.abc import Mapping
from typing import Any

import pytest

from engine.expressions import Position
from engine.expressions.tree import Path
from engine.model import State, Transition, Workflow
from engine.targets.machine import Decision, Machine, Refusal
from tests.engine.samples import PLACE, label
from tests.engine.targets.rules import rule


def state(name: str, stored: str = "") -> State:
    return State(id=f"core:task.{stored or name}", name=name, label=label(name.title(), "状态"), place=PLACE, stored=stored or name)


def step(name: str, sources: tuple[str, ...], target: str, **given: Any) -> Transition:
    when = given.pop("when", "")
    guard = rule(when, Position.GUARD) if when else None
    return Transition(
        id=f"core:task.{name}", name=name, label=label(name.title(), "步骤"), place=PLACE, sources=sources,
        target=target, when=guard, **given)


STEPS = (
    step("start", ("planned", "waiting"), "running"),
    step("complete", ("running",), "done", when="has(pain)", ask="call", former=("finish",)),
    step("escalate", ("running",), "done", when="pain >= 7"),
    step("cancel", ("planned", "running"), "cancelled", reason="required"),
    step("note", ("running",), "running", reason="optional"),
)
STATES = (state("planned"), state("waiting", "due"), state("running"), state("done"), state("cancelled"))
MACHINE = Machine(
    Workflow(
        id="core:task", name="task", label=label("Task"), place=PLACE, object="task", field="status", initial="planned",
        states={each.name: each for each in STATES}, transitions={each.name: each for each in STEPS}),
    {"complete": {"pain", "outcome"}})


def row(values: Mapping[str, Any]) -> Any:
    def lookup(path: Path) -> Any:
        return values.get(path[0])

    return lookup


NOTHING = row({})


@pytest.mark.parametrize(("name", "now", "target"), [
    ("start", "planned", "running"), ("start", "due", "running"), ("start", "running", None), ("start", "done", None),
    ("cancel", "done", None), ("start", "waiting", None), ("start", None, None), ("start", "no such", None),
])
def test_only_from_its_sources(name: str, now: str | None, target: str | None) -> None:
    """States are compared by stored names: `due` is what rows of the state now called `waiting` hold."""
    found = MACHINE.decide(name, now, NOTHING)
    if target is None:
        assert isinstance(found, Refusal) and found.code == "wrong_state"
    else:
        assert isinstance(found, Decision) and (found.source, found.target) == (now, target)


@pytest.mark.parametrize(("pain", "allowed"), [(7, True), (6, False), (None, False)])
def test_a_guard_that_is_false_or_unknown_refuses(pain: int | None, allowed: bool) -> None:
    """Unknown is false for guards; the refusal names the rule and its line."""
    found = MACHINE.decide("escalate", "running", row({"pain": pain}))
    assert isinstance(found, Decision) is allowed
    if isinstance(found, Refusal):
        assert found.code == "guard_refused" and found.place == PLACE and found.words["fields"] == ("pain",)
        assert found.text("en") == "“Escalate” is not possible now: pain >= 7 does not hold."


@pytest.mark.parametrize(("name", "code"), [
    ("finish", "former_transition"), ("complet", "unknown_transition_near"), ("zzz", "unknown_transition"),
    ("\x00" * 9999, "unknown_transition"),
    ("", "unknown_transition"),
])
def test_unknown_steps(name: str, code: str) -> None:
    """A former name is told the current one, a misspelt one the nearest; nothing is echoed that cannot be printed."""
    found = MACHINE.decide(name, "running", NOTHING)
    assert isinstance(found, Refusal) and found.code == code
    assert found.text("zh").isprintable() and found.text("en")


@pytest.mark.parametrize(("name", "reason", "found"), [
    ("cancel", None, "reason_required"), ("cancel", "  ", "reason_required"), ("cancel", " moved away ", "moved away"),
    ("note", None, None), ("note", "x", "x"), ("complete", "x", "reason_unwanted"), ("note", "a\x00", "control_character"),
    ("note", "x" * 2001, "too_long"), ("complete", "", None),
])
def test_reasons(name: str, reason: str | None, found: str | None) -> None:
    """Required, optional or none; what is given is cleaned like any text."""
    decided = MACHINE.decide(name, "running", row({"pain": 1}), reason)
    assert (decided.code if isinstance(decided, Refusal) else decided.reason) == found


def test_buttons() -> None:
    """The steps that leave the state, in order; grey with a reason, but not for a guard over what the step still asks."""
    offers = MACHINE.buttons("running", row({"pain": 3}))
    assert [(o.transition.name, o.refusal.code if o.refusal else None) for o in offers] == [
        ("complete", None), ("escalate", "guard_refused"), ("cancel", None), ("note", None)]
    unasked = MACHINE.buttons("running", NOTHING)
    assert [o.transition.name for o in unasked if o.refusal is None] == ["complete", "cancel", "note"]
    assert MACHINE.buttons("done", NOTHING) == () and MACHINE.buttons(None, NOTHING) == ()


def test_a_button_that_is_not_grey_can_be_pressed() -> None:
    """Over all states and values: what is offered is decided in favour once what it asks for is given, and the rest is refused."""
    for now in ("planned", "due", "running", "done", "cancelled"):
        for pain in (None, 3, 9):
            offers = {o.transition.name: o.refusal for o in MACHINE.buttons(now, row({"pain": pain}))}
            for transition in STEPS:
                name = transition.name
                values = {"pain": 1} if transition.ask else {"pain": pain}
                decided = MACHINE.decide(name, now, row(values), "why" if transition.reason == "required" else None)
                assert isinstance(decided, Decision) is (name in offers and offers[name] is None)


def test_initial_state_is_the_stored_name() -> None:
    """A new row holds the first name of the initial state."""
    assert MACHINE.initial == "planned"
