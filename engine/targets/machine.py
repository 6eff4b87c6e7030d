"""What a workflow allows: pure decisions over a state and a row, for pressing a button and for drawing it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any

from engine.expressions import Env, refs, to_python
from engine.expressions.scope import RESERVED_ROOTS
from engine.expressions.tree import Path
from engine.fields.base import Invalid
from engine.fields.messages import say
from engine.fields.text import clean
from engine.model import Effect, Label, State, Transition, Workflow
from engine.problems import Place, suggest

__all__ = ["REASON_MAX", "Decision", "Machine", "Offer", "Refusal"]

Lookup = Callable[[Path], Any]
REASON_MAX = 2000


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """A transition that may happen: from and to are STORED names, for the compare-and-set."""

    transition: Transition
    source: str
    target: str
    reason: str | None = None

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What follows by itself, in order; `Consequences` says which of them take place for a row."""
        return tuple(self.transition.then.values())


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """Why a transition may not happen, and the line of the definition that says so (None: no line does)."""

    code: str
    words: Mapping[str, object]
    place: Place | None = None

    def text(self, language: str) -> str:
        return say(self.code, self.words, language)

    @property
    def fields(self) -> tuple[str, ...]:
        """The row's fields that the guard which refused reads."""
        found: Any = self.words.get("fields", ())
        return tuple(found)

    def depends(self, labels: Sequence[str], language: str) -> str:
        """The refusal of a guard by what people call the fields that it reads."""
        return Refusal("guard_depends", {**self.words, "fields": ", ".join(labels)}).text(language)


@dataclasses.dataclass(frozen=True, slots=True)
class Offer:
    """A button: a transition that leaves the row's state, with the reason when it is grey."""

    transition: Transition
    refusal: Refusal | None


@dataclasses.dataclass(frozen=True, slots=True)
class _Looked:
    """An Env over a plain look-up."""

    lookup: Lookup


class Machine:
    """A workflow with its guards compiled; made once per release. `asked`: the fields that forms may ask for with a transition, by its name."""

    def __init__(self, workflow: Workflow, asked: Mapping[str, Set[str]]) -> None:
        self.workflow = workflow
        self._by_stored: dict[str, State] = {state.stored: state for state in workflow.states.values()}
        self._former = {was: t.name for t in workflow.transitions.values() for was in t.former}
        self._guards: dict[str, Callable[[Env], Any]] = {}
        self._asked_later: set[str] = set()
        for name, transition in workflow.transitions.items():
            if transition.when is None:
                continue
            self._guards[name] = to_python(transition.when.tree)
            if _own_fields(transition) & asked.get(name, frozenset()):
                self._asked_later.add(name)

    @property
    def initial(self) -> str:
        """The stored name of the state that a new row has."""
        return self.workflow.states[self.workflow.initial].stored

    def decide(self, name: str, state: str | None, lookup: Lookup, reason: str | None = None) -> Decision | Refusal:
        """Whether a row in `state` (stored name) may take the transition.

        `lookup` gives the row's values by path as they are once the values asked for with the transition are in;
        a guard that is unknown refuses. Never raises for values of the fields' types.
        """
        transition = self.workflow.transitions.get(name)
        if transition is None:
            return self._unknown(name)
        refused = self._in_state(transition, state) or self._guarded(transition, lookup)
        if refused is not None:
            return refused
        given = self._reason(transition, reason)
        if isinstance(given, Refusal):
            return given
        target = self.workflow.states[transition.target].stored
        return Decision(transition, state or "", target, given)

    def buttons(self, state: str | None, lookup: Lookup) -> tuple[Offer, ...]:
        """The transitions that leave the state, in order. A guard over values still to be asked for is not judged yet."""
        return tuple(
            Offer(t, None if t.name in self._asked_later else self._guarded(t, lookup))
            for t in self.workflow.transitions.values()
            if self._in_state(t, state) is None
        )

    def _unknown(self, name: str) -> Refusal:
        if name in self._former:
            return Refusal("former_transition", {"name": name, "current": self._former[name]}, self.workflow.place)
        shown = "".join(c if c.isprintable() else "\ufffd" for c in name[:60])
        near = suggest(shown, self.workflow.transitions).partition("'")[2].partition("'")[0]
        if near:
            return Refusal("unknown_transition_near", {"name": shown, "suggestion": near}, self.workflow.place)
        return Refusal("unknown_transition", {"name": shown}, self.workflow.place)

    def _in_state(self, transition: Transition, state: str | None) -> Refusal | None:
        now = self._by_stored.get(state or "")
        if now is not None and now.name in transition.sources:
            return None
        shown: Label | str = now.label if now is not None else state or "–"
        return Refusal("wrong_state", {"transition": transition.label, "state": shown}, transition.place)

    def _guarded(self, transition: Transition, lookup: Lookup) -> Refusal | None:
        rule = transition.when
        if rule is None or rule.position.settle(self._guards[transition.name](_Looked(lookup))) is True:
            return None
        words = {"transition": transition.label, "rule": rule.text, "fields": tuple(sorted(_own_fields(transition)))}
        return Refusal("guard_refused", words, rule.place)

    def _reason(self, transition: Transition, reason: str | None) -> str | None | Refusal:
        try:
            text = clean(reason, REASON_MAX, lines=True) if reason else None
        except Invalid as refused:
            return Refusal(refused.code, refused.words)
        if text is None and transition.reason == "required":
            return Refusal("reason_required", {"transition": transition.label}, transition.place)
        if text is not None and transition.reason == "none":
            return Refusal("reason_unwanted", {"transition": transition.label}, transition.place)
        return text


def _own_fields(transition: Transition) -> set[str]:
    """The row's fields that the guard reads."""
    return {path[0] for path in refs(transition.when.tree)} - RESERVED_ROOTS if transition.when else set()
