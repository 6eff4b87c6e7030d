"""The steps of a plan: when each comes, under which conditions, what it makes and whom it tells."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence

from engine.expressions import Position, refs, to_python, walk
from engine.expressions.tree import Node, Path, Ref
from engine.expressions.types import BOOL, DATE, DURATION, HOURS, INSTANT, TEXT, WORKDAYS, DurationOf, Type
from engine.expressions.values import Months, Workdays
from engine.model import Form, Message, Missed, Object, PlanStep, Rule
from engine.model.reads import reads
from engine.problems import Code
from engine.text.compile.context import Context, label
from engine.text.compile.effects import not_settable
from engine.text.compile.paths import follow, leads_through_hidden, target
from engine.text.compile.plan_scope import PlanScope
from engine.text.compile.rules import Rules
from engine.text.elements import Named, former_names
from engine.text.nodes import MapNode, ScalarNode
from engine.text.places import place_within

__all__ = ["Steps"]


class Steps:
    """Compiles the steps of one plan in their order; those before are what a step may know the answers of."""

    def __init__(
        self, context: Context, rules: Rules, scope: PlanScope, named: Sequence[Named], objects: Mapping[str, Object],
        forms: Mapping[str, Form], messages: Mapping[str, Message],
    ) -> None:
        self._context = context
        self._rules = rules
        self._scope = scope
        self._named = named
        self._objects = objects
        self._forms = forms
        self._messages = messages
        self._before: set[str] = set()

    def of(self) -> dict[str, PlanStep]:
        """By name; without those that are gone."""
        found = {}
        for named in self._named:
            step = None if named.gone else self._step(named)
            if step is not None:
                found[named.name] = step
            self._before.add(named.name)
        return found

    def _step(self, named: Named) -> PlanStep | None:
        node = named.node
        self._keys(named)
        at = self._time(node.get("at") or node.get("from"))
        every = self._span(node, "every", at)
        window = self._span(node, "window", at)
        if node.get("create") is None and node.get("message") is None:
            self._context.problems.add(Code.CARE_010.at(named.place, name=named.name))
        create = self._context.over(node.get("create")) or ""
        when, skip_when = (self.rule(node.get(key), position, BOOL) for key, position in (
            ("when", Position.EFFECT_IF), ("skip_when", Position.SKIP)))
        form = self._form(node.get("form"), create)
        values = self._values(named, create)
        message, to, recipient = self._told(named, create)
        wanted = node.get("create") is not None
        if at is None or (wanted and create not in self._objects) or not (create or message):
            return None  # also where a later layer hid what the step is for
        times = node.value("times")
        return PlanStep(
            id=named.id, name=named.name, label=label(node.get("label"), named.name), place=named.place, former=named.former, at=at,
            every=every, times=times if isinstance(times, int) else 0 if every else 1, window=window,
            working=node.text("calendar") == "clinic_hours", when=when, skip_when=skip_when, create=create, form=form, values=values,
            message=message, to=to, recipient=recipient,
            missed={each.value: each for each in Missed}.get(node.text("missed"), Missed.RUN_LATE),
        )

    def _keys(self, named: Named) -> None:
        """A step comes once (`at`), or again and again (`every` and `from`)."""
        keys = named.node.entries
        repeats = "every" in keys
        for key in ("from", "times"):
            if key in keys and not repeats:
                self._context.problems.add(Code.CARE_005.at(keys[key].place, what=f"'{key}' without 'every'"))
        if repeats and "at" in keys:
            self._context.problems.add(Code.SHAPE_009.at(keys["at"].place, one="every", other="at"))
        elif repeats and "from" not in keys:
            self._context.problems.add(Code.CARE_005.at(keys["every"].place, what="'every' without 'from'"))
        elif not repeats and "at" not in keys:
            self._context.problems.add(Code.SHAPE_003.at(named.place, key="at", owner="a step"))
        for key in ("form", "values"):
            if key in keys and "create" not in keys:
                self._context.problems.add(Code.CARE_005.at(keys[key].place, what=f"'{key}' without 'create'"))
        if "to" in keys and "message" not in keys:
            self._context.problems.add(Code.CARE_005.at(keys["to"].place, what="'to' without 'message'"))

    # Expressions

    def rule(self, node: object, position: Position, want: Type | None) -> Rule | None:
        """An expression of the plan; the answers it names are those of steps compiled so far."""
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
            return None
        if self._names_gone(node):
            return None
        tree = self._rules.tree(self._scope.object, node, node.value, 0, want, self._scope)
        if tree is None:
            return None
        for part in walk(tree):
            if isinstance(part, Ref) and part.path[0] == "answers" and not self._known(node, part):
                return None
        return Rule(node.value, tree, position, node.place)

    def _known(self, node: ScalarNode, part: Ref) -> bool:
        place = place_within(node, part.at)
        if len(part.path) == 1:
            self._context.problems.add(Code.CARE_006.at(place, name="answers", why="it is all of them"))
            return False
        if part.path[1] not in self._before:
            self._context.problems.add(Code.CARE_006.at(place, name=f"answers.{part.path[1]}", why="that step does not stand before this one"))
            return False
        return True

    def _names_gone(self, node: ScalarNode) -> bool:
        """Report a step that is retired or renamed as such, where an expression names it as `answers.<step>`."""
        text = str(node.value)
        gone = {step.name: step for step in self._named if step.gone}
        former = former_names(self._named)
        for name, at in _answers(text):
            place = place_within(node, at)
            if name in gone:
                why = "retired" if gone[name].retired else "hidden"
                self._context.problems.add(Code.NAME_011.at(place, kind="step", name=name, why=why, other=gone[name].place))
                return True
            if name in former and not any(step.name == name for step in self._named):
                self._context.problems.add(Code.NAME_008.at(place, name=name, kind="step", current=former[name]))
                return True
        return False

    def _time(self, node: object) -> Rule | None:
        """When a step comes: a date or an instant, from what does not change by itself."""
        rule = self.rule(node, Position.DEFAULT, None)
        if rule is None or not isinstance(node, ScalarNode):
            return None
        if rule.tree.type not in (DATE, INSTANT):
            self._context.problems.add(Code.CARE_007.at(node.place, found=rule.tree.type.words))
            return None
        wrong = next(self._moving(rule.tree), None)
        if wrong is not None:
            name, at = wrong
            self._context.problems.add(Code.CARE_008.at(place_within(node, at), name=name))
            return None
        return rule

    def _moving(self, tree: Node) -> Iterator[tuple[str, int]]:
        """What is read that changes by itself, by name, and where."""
        for part in walk(tree):
            if not isinstance(part, Ref) or part.path[0] == "anchor":
                continue
            owner, path = self._from(part.path)
            for read in reads(self._objects, owner, Ref(TEXT, part.at, path)) if owner and path else ():
                if not read.object and read.name in ("today", "now", "user"):
                    yield read.name, part.at

    def _from(self, path: Path) -> tuple[str, Path]:
        """A path of the plan as one from the record of an object."""
        if path[0] == "answers":
            return getattr(self._scope.member(self._scope.root("answers"), path[1]), "object", ""), path[2:]  # type: ignore[arg-type]
        if path[0] == "subject":
            return getattr(self._scope.root("subject"), "object", ""), path[1:]
        return self._scope.object, path

    def _span(self, node: MapNode, key: str, at: Rule | None) -> Rule | None:
        """A span of time that is the same for everybody, and longer than nothing."""
        given = node.get(key)
        if not isinstance(given, ScalarNode) or not isinstance(given.value, str):
            return None
        tree = self._rules.tree(self._scope.object, given, given.value, 0, None, self._scope)
        if tree is None:
            return None
        why = _no_span(key, tree, at.tree.type if at else None)
        if why:
            self._context.problems.add(Code.CARE_009.at(given.place, key=key, why=why))
            return None
        return Rule(given.value, tree, Position.DEFAULT, given.place)

    # What is made, and who is told

    def _form(self, node: object, create: str) -> str:
        name = self._context.reference("form", node) if isinstance(node, ScalarNode) else None
        form = self._forms.get(name) if name else None
        if form is None or not isinstance(node, ScalarNode):
            return ""
        if create and form.object != create:
            wanted = f"makes records of '{create}'"
            self._context.problems.add(Code.CARE_011.at(node.place, kind="form", name=form.name, found=form.object, wanted=wanted))
        return form.name

    def _values(self, named: Named, create: str) -> dict[str, Rule]:
        written = named.node.map("values")
        made = self._objects.get(create)
        if made is None:
            return {}
        found: dict[str, Rule] = {}
        for name, entry in written.entries.items() if written is not None else ():
            if self._context.hidden(create, name) or self._context.field(create, entry.key) is None:
                continue
            field = made.fields[name]
            why = not_settable(field.type, computed=field.formula is not None)
            if why:
                self._context.problems.add(Code.FLOW_009.at(entry.place, field=name, why=why))
                continue
            rule = self.rule(entry.node, Position.DEFAULT, field.type.expression_type)
            if rule is not None:
                found[name] = rule
        given = {*self._filled(made), *(written.entries if written is not None else ())}
        for field in made.fields.values():
            if field.required and field.stored and not field.filled and field.type.writable and field.name not in given:
                self._context.problems.add(Code.FLOW_011.at(named.place, object=create, field=field.name))
        return found

    def _filled(self, made: Object) -> Iterator[str]:
        """What a step fills in by itself: links to the patient and to the record that begins the plan, when it is due, its label."""
        subject = getattr(self._scope.root("subject"), "object", "")
        about = {path[0] for path in made.subject if len(path) == 1}
        for field in made.links:
            to = field.type.link_to
            if (to == subject and field.name in about) or (to == self._scope.object and to != subject):
                yield field.name
        if made.task is not None:
            yield made.task.due
            yield made.task.label

    def _told(self, named: Named, create: str) -> tuple[str, Path, str]:
        """The message, the links to who gets it and the object there; '' without a message."""
        node, to = named.node.get("message"), named.node.get("to")
        if not isinstance(node, ScalarNode):
            return "", (), ""
        there = self._context.namespace["message"].gone.get(str(node.value))
        name = None if there is not None and there.hidden else self._context.reference("message", node)
        message = self._messages.get(name) if name else None
        if message is None:
            return "", (), ""
        if message.object not in (create, self._scope.object):
            wanted = f"is about '{self._scope.object}'" + (f" and makes records of '{create}'" if create else "")
            self._context.problems.add(Code.CARE_011.at(node.place, kind="message", name=message.name, found=message.object, wanted=wanted))
            return "", (), ""
        path = self._to(to, message.object, node)
        if path is None:
            return "", (), ""
        recipient = target(self._context, message.object, path)
        draft = self._context.drafts[recipient]
        if not draft.node.flag("account") and draft.node.map("contact") is None:
            self._context.problems.add(Code.FLOW_013.at((to if isinstance(to, ScalarNode) else node).place, object=recipient))
            return "", (), ""
        return message.name, path, recipient

    def _to(self, node: object, about: str, otherwise: ScalarNode) -> Path | None:
        """The links to the recipient; without `to` to the one patient whom the record is about."""
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str) or node.value == "subject":
            paths = self._objects[about].subject
            if len(paths) != 1:
                self._context.problems.add(Code.FLOW_019.at((node if isinstance(node, ScalarNode) else otherwise).place, object=about))
                return None
            return paths[0]
        if node.value == "self":
            return ()
        if leads_through_hidden(self._context, about, node.value):
            return None
        followed = follow(self._context, about, node, node.value)
        if followed is None:
            return None
        if not followed[1].link_to:
            self._context.problems.add(Code.FLOW_008.at(node.place, path=node.value, name=followed[0][-1]))
            return None
        return followed[0]


def _answers(text: str) -> Iterator[tuple[str, int]]:
    """The names behind `answers.` in an expression as written, and where each stands."""
    for found in re.finditer(r"(?<![\w.])answers\s*\.\s*([a-z][a-z0-9_]*)", text):
        yield found[1], found.start(1)


def _no_span(key: str, tree: Node, at: Type | None) -> str:
    """Why a tree is no span of this key, '' when it is one."""
    if not isinstance(tree.type, DurationOf) or tree.type == DURATION:
        return f"it gives {tree.type.words}"
    if refs(tree):
        return "it is not the same for everybody"
    span = to_python(tree)(None)
    if span is None or not _positive(span):
        return "it is no time at all"
    if key == "every" and tree.type == HOURS and at == DATE:
        return "hours cannot be added to a date"
    if key == "every" and tree.type == WORKDAYS and at == INSTANT:
        return "working days cannot be added to an instant"
    if key == "every" and isinstance(span, datetime.timedelta) and span < datetime.timedelta(hours=1):
        return "it is shorter than an hour"
    return ""


def _positive(span: object) -> bool:
    return span.count > 0 if isinstance(span, Months | Workdays) else isinstance(span, datetime.timedelta) and span > datetime.timedelta()
