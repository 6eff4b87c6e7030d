"""Messages: templates per language, checked against what those who get them may see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.expressions import Node, refs
from engine.expressions.tree import rows_read
from engine.model import Field, Filling, Form, Hole, Message, Object, Template, Workflow
from engine.model.answerable import FILLABLE_NOT, beyond
from engine.problems import Code, suggest
from engine.text.compile.context import Context, label
from engine.text.compile.paths import follow, leads_through_hidden
from engine.text.compile.rules import Rules
from engine.text.compile.titles import holes
from engine.text.limits import MAX_HOPS
from engine.text.link import Definition
from engine.text.nodes import MapNode, ScalarNode
from engine.text.places import place_within

__all__ = ["compile_message"]

_OWN = frozenset({"inbox"})
"""Channels that reach people who sign in alone: what they read there, they read with their own rights."""


def compile_message(
    context: Context, rules: Rules, definition: Definition, objects: Mapping[str, Object], forms: Mapping[str, Form],
    workflows: Mapping[str, Workflow],
) -> Message | None:
    """The message; None when its object is not known."""
    node = definition.node
    object_name = context.over(node.get("object"))
    if object_name is None or object_name not in objects:
        return None
    made = _Message(context, rules, definition, objects, object_name)
    filling = made.filling(forms, workflows.get(object_name))
    return Message(
        id=definition.id, name=definition.name, label=label(node.get("label"), definition.name), place=definition.place,
        former=definition.former, object=object_name, channels=made.channels, subject=made.templates("subject"),
        body=made.templates("body", filling is not None), purpose=node.text("purpose", "care"), filling=filling, show=made.show,
        urgent=node.flag("urgent"),
    )


def _reads(tree: Node) -> list[tuple[str, ...]]:
    """The paths that an expression reads, those of child rows too, sorted."""
    inner = {(*path, *below) for path, names in rows_read(tree).items() for below in names}
    return sorted({*refs(tree), *inner})


class _Message:
    """Compiles the parts of one message."""

    def __init__(
        self, context: Context, rules: Rules, definition: Definition, objects: Mapping[str, Object], object_name: str,
    ) -> None:
        self._context = context
        self._rules = rules
        self._node = definition.node
        self._objects = objects
        self._object = object_name
        self.channels = tuple(self._channels())
        self.show = tuple(self._shown())
        self._outward = [name for name in self.channels if name not in _OWN]

    def _channels(self) -> Iterator[str]:
        known = self._context.registry.channels
        for node in self._node.scalars("channels"):
            name = str(node.value)
            if name in known:
                yield name
            else:
                self._context.problems.add(Code.MESSAGE_002.at(
                    node.place, name=name, suggestion=suggest(name, known), known=", ".join(known)))

    def _shown(self) -> Iterator[str]:
        for node in self._node.scalars("show"):
            text = str(node.value)
            if not leads_through_hidden(self._context, self._object, text) and follow(self._context, self._object, node, text):
                yield text

    def templates(self, key: str, linked: bool = False) -> dict[str, Template]:
        """By language; a text that is the same in all is English."""
        node = self._node.get(key)
        written = {"en": node} if isinstance(node, ScalarNode) else {}
        if isinstance(node, MapNode):
            written = {language: entry.node for language, entry in node.entries.items() if isinstance(entry.node, ScalarNode)}
        found = {}
        for language, text in written.items():
            if isinstance(text.value, str):
                made = found[language] = self._template(text, text.value, linkable=key == "body" and linked)
                if linked and Hole.LINK not in made.parts:
                    self._context.problems.add(Code.MESSAGE_005.at(text.place, language=language))
        return found

    def _template(self, node: ScalarNode, text: str, *, linkable: bool) -> Template:
        def read(inside: str, at: int) -> Node | Hole | None:
            if inside.strip() == Hole.LINK.value and "link" not in self._objects[self._object].fields:
                if linkable:
                    return Hole.LINK
                why = "the message names no form in 'link'" if self._node.get("link") is None else "it belongs in the body"
                self._context.problems.add(Code.MESSAGE_004.at(place_within(node, at), what="'{link}'", why=why))
                return None
            tree = self._rules.tree(self._object, node, inside, at, None)
            if tree is not None:
                self._visible(tree, node, at)
            return tree

        return Template(text, holes(self._context, node, text, read))

    def _visible(self, tree: Node, node: ScalarNode, at: int) -> None:
        """Reports what nobody can be shown: the reader herself is not known, and a patient sees no restricted field."""
        place = place_within(node, at)
        for path in _reads(tree):
            if path[0] == "user":
                self._context.problems.add(Code.MESSAGE_004.at(place, what="'user'", why="it is sent by nobody who is signed in"))
                return
            restricted = self._restricted(self._object, path)
            if restricted and self._outward:
                self._context.problems.add(Code.MESSAGE_003.at(place, path=restricted, channel=self._outward[0]))
                return

    def _restricted(
        self, owner: str, path: tuple[str, ...], before: tuple[str, ...] = (), known: set[str] | None = None,
    ) -> str:
        """The path of the first step that only some may see and 'show' does not name, '' for none.

        A link prints the title of the record that it leads to, so what that title reads counts too, and so does what a formula reads
        (A-10). `known` are paths that were looked through before.
        """
        if len(before) > MAX_HOPS:
            return ""
        known = set() if known is None else known
        linked = ""
        for number, name in enumerate(path):
            obj = self._objects.get(owner)
            field = obj.fields.get(name) if obj else None
            if obj is None or field is None:
                inverse = obj.inverses.get(name) if obj else None
                if inverse is None:
                    return ""
                owner, linked = inverse.object, ""
                continue
            steps = ".".join((*before, *path[: number + 1]))
            if steps not in self.show:
                found = steps if field.restricted else "" if steps in known else self._computed(owner, field, (*before, *path[:number]), known)
                if found:
                    return found
                known.add(steps)
            owner = linked = field.type.link_to
        ends = self._objects.get(linked)
        titled = {read for part in ends.title.parts if isinstance(part, Node) for read in refs(part)} if ends else set()
        return next((found for read in sorted(titled) if (found := self._restricted(owner, read, (*before, *path), known))), "")

    def _computed(self, owner: str, field: Field, before: tuple[str, ...], known: set[str]) -> str:
        """The same of what a formula reads."""
        if field.formula is None:
            return ""
        return next((found for path in _reads(field.formula.tree) if (found := self._restricted(owner, path, before, known))), "")

    # The form that is filled by a link

    def filling(self, forms: Mapping[str, Form], workflow: Workflow | None) -> Filling | None:
        """What the link does; None without one, or with a problem."""
        node = self._node.get("link")
        named = node.get("form") if isinstance(node, MapNode) else node
        if not isinstance(named, ScalarNode):
            return None
        name = self._context.reference("form", named)
        form = forms.get(name) if name else None
        if form is None:
            return None
        why, fix = self._unfillable(form)
        if why:
            self._context.problems.add(Code.MESSAGE_006.at(named.place, form=form.name, why=why, fix=fix))
        transition = self._transition(node, form, workflow) if isinstance(node, MapNode) else ""
        days = node.value("days") if isinstance(node, MapNode) else None
        return Filling(form.name, transition, days if isinstance(days, int) else 7)

    def _unfillable(self, form: Form) -> tuple[str, str]:
        if form.object != self._object:
            return f"it is over the object '{form.object}'", f"name a form over '{self._object}'"
        fields = self._objects[self._object].fields
        open_items = [item for item in form.items.values() if item.field in fields and not item.read_only and fields[item.field].typed]
        askable = [item for item in open_items if fields[item.field].type.name not in FILLABLE_NOT]
        if not askable:
            return "nobody who is not signed in can fill any of its fields", "put a field on it that is no link and no file"
        asked = next((item for item in open_items if item.required is True and item not in askable), None)
        if asked is not None:
            return f"it requires '{asked.field}', which needs somebody who is signed in", f"take '{asked.field}' off the form"
        hidden = beyond(self._objects[self._object], form)
        if hidden:
            return f"a condition reads '{hidden}', which its page does not show", f"take the condition off the form, or show '{hidden}' on it"
        return "", ""

    def _transition(self, node: MapNode, form: Form, workflow: Workflow | None) -> str:
        named = node.get("transition")
        if not isinstance(named, ScalarNode):
            return ""
        name = str(named.value)
        known = workflow.transitions if workflow else {}
        transition = known.get(name)
        why, fix = "", ""
        if transition is None:
            why, fix = f"'{self._object}' has none of that name.{suggest(name, known)}".rstrip("."), "name a transition of its workflow"
        elif transition.reason == "required":
            why, fix = "it needs a reason", "name another one"
        elif transition.ask and transition.ask != form.name:
            why, fix = f"it asks for the form '{transition.ask}'", f"name that form, or a transition that asks for '{form.name}'"
        if why:
            self._context.problems.add(Code.MESSAGE_007.at(named.place, name=name, why=why, fix=fix))
            return ""
        return name
