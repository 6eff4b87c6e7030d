"""The items of a form: fields, rows with items of their own, headings, notes and steps, each with its conditions."""

from __future__ import annotations

from typing import Any

from engine.expressions import Position
from engine.fields.base import StorageKind
from engine.model import FormItem, Inverse, Rule
from engine.model.form import WhenHidden
from engine.problems import Code, Place, suggest
from engine.text.compile.context import Context, Draft, label
from engine.text.compile.rules import Rules
from engine.text.elements import Named
from engine.text.nodes import MapNode, ScalarNode

__all__ = ["Items"]

_TEXTS = ("heading", "note", "step")
_OF_FIELDS = ("field", "required", "read_only", "when_hidden", "width")
_OF_ROWS = ("items", "min", "max", "order")
_KEYS: dict[str, tuple[str, ...]] = {
    **{what: (*_OF_FIELDS, *_OF_ROWS, "rows", *(other for other in _TEXTS if other != what)) for what in _TEXTS},
    "rows": (*_OF_FIELDS, *_TEXTS), "field": _OF_ROWS,
}
"""What an item is → keys that it does not have."""


class Items:
    """Compiles the items over one object. `default` says that the form makes new records."""

    def __init__(self, context: Context, rules: Rules, object_name: str, *, default: bool, row_link: str = "") -> None:
        self._context = context
        self._rules = rules
        self._object = object_name
        self._default = default
        self._row_link = row_link
        self._seen: dict[str, Place] = {}

    def items(self, parent_id: str, node: MapNode | None) -> dict[str, FormItem]:
        """The items by name, without those that are gone or wrong."""
        found = {}
        for named in self._context.ids.elements("item", parent_id, node):
            item = None if named.gone else self._item(named)
            if item is not None:
                found[named.name] = item
        return found

    def _item(self, named: Named) -> FormItem | None:
        node = named.node
        what = next((key for key in (*_TEXTS, "rows") if node.get(key) is not None), "field")
        wrong = [key for key in _KEYS[what] if node.get(key) is not None and not (what == "field" and key == "field")]
        for key in wrong:
            self._context.problems.add(Code.FORM_007.at(node.place_of(key), name=named.name, what=what, key=key))
        if wrong:
            return None
        if what in _TEXTS:
            return FormItem(label=label(node.get(what), named.name), note=what == "note", step=what == "step", **self._shared(named))
        return self._group(named) if what == "rows" else self._field(named)

    def _shared(self, named: Named) -> dict[str, Any]:
        node = named.node
        return {
            "id": named.id, "name": named.name, "place": named.place, "former": named.former,
            "show": self._rules.rule(self._object, node.get("show"), Position.SHOWN),
            "help": label(node.get("help"), "") if node.get("help") else None,
        }

    def _condition(self, node: MapNode, key: str, position: Position) -> Rule | None:
        found = node.get(key)
        return self._rules.rule(self._object, found, position) if isinstance(found, ScalarNode) and isinstance(found.value, str) else None

    def _field(self, named: Named) -> FormItem | None:
        node, context = named.node, self._context
        name = node.text("field", named.name)
        draft = context.drafts.get(self._object)
        if draft is None or context.hidden(self._object, name):
            return None
        place = node.place_of("field") if node.get("field") else named.place
        if name not in draft.types:
            context.report(draft.unknown(name, place))
            return None
        if name in self._seen:
            context.problems.add(Code.FORM_003.at(place, field=name, other=self._seen[name]))
        self._seen.setdefault(name, place)
        return self._of_field(named, draft, name, place)

    def _of_field(self, named: Named, draft: Draft, name: str, place: Place) -> FormItem:
        node, problems = named.node, self._context.problems
        field = next(other for other in draft.named if other.name == name)
        read_only, required = node.flag("read_only"), node.flag("required")
        why = "it is computed" if field.node.get("formula") is not None else f"the runtime sets fields of type {draft.types[name].name}"
        if not read_only and (field.node.get("formula") is not None or not draft.types[name].writable):
            problems.add(Code.FORM_002.at(place, field=name, why=why))
        if read_only and (required or node.text("required")):
            problems.add(Code.FORM_005.at(node.place_of("read_only"), name=named.name))
        own = node.get("label")
        shared = self._shared(named)
        policy = WhenHidden(node.text("when_hidden")) if node.text("when_hidden") else None
        if shared["show"] is not None and field.node.flag("required"):
            self._needed(named, field, name, policy)
        return FormItem(**shared | {
            "label": label(own, name) if own else label(field.node.get("label"), name), "field": name, "required": required,
            "required_if": self._condition(node, "required", Position.REQUIRED), "read_only": read_only,
            "read_only_if": self._condition(node, "read_only", Position.READ_ONLY), "when_hidden": policy, "width": node.text("width", "full"),
            "help": shared["help"] or (label(field.node.get("help"), "") if field.node.get("help") else None),
        })

    def _needed(self, named: Named, field: Named, name: str, policy: WhenHidden | None) -> None:
        """A form that hides what every record needs could not be saved."""
        if policy is WhenHidden.CLEAR:
            self._context.problems.add(Code.FORM_010.at(named.node.place_of("when_hidden"), field=name, what="empty"))
        elif (self._default or self._row_link) and field.node.get("default") is None:
            self._context.problems.add(Code.FORM_010.at(named.node.place_of("show"), field=name, what="hide"))

    def _group(self, named: Named) -> FormItem | None:
        """Rows that link to the record."""
        node, context = named.node, self._context
        draft = context.drafts.get(self._object)
        name = node.text("rows")
        inverse = draft.inverses.get(name) if draft else None
        if draft is None or inverse is None or self._row_link:
            found = suggest(name, draft.inverses) if draft else ""
            context.problems.add(Code.FORM_008.at(node.place_of("rows"), name=name, object=self._object, suggestion=found))
            return None
        least, most = (self._number(node, key, default) for key, default in (("min", 0), ("max", 50)))
        if least > most:
            context.problems.add(Code.FORM_011.at(node.place_of("min"), name=named.name, min=least, max=most))
        inner = Items(context, self._rules, inverse.object, default=False, row_link=inverse.link)
        own = node.get("label")
        found_label = label(own, name) if own else label(context.drafts[inverse.object].node.get("plural"), name)
        return FormItem(**self._shared(named) | {
            "label": found_label, "rows": name, "row_object": inverse.object, "row_link": inverse.link, "min": least, "max": most,
            "order": self._order(node, inverse), "items": inner.items(named.id, node.map("items")),
        })

    @staticmethod
    def _number(node: MapNode, key: str, default: int) -> int:
        found = node.get(key)
        return found.value if isinstance(found, ScalarNode) and isinstance(found.value, int) else default

    def _order(self, node: MapNode, inverse: Inverse) -> str:
        name = node.text("order")
        if not name:
            return ""
        draft = self._context.drafts[inverse.object]
        kind = draft.types.get(name)
        if kind is None:
            self._context.report(draft.unknown(name, node.place_of("order")))
            return ""
        field = next(other for other in draft.named if other.name == name)
        computed = field.node.get("formula") is not None
        if kind.columns[0].storage.kind is not StorageKind.INTEGER or computed:
            why = "it is computed" if computed else f"it is of type {kind.name}"
            self._context.problems.add(Code.FORM_009.at(node.place_of("order"), field=name, object=inverse.object, why=why))
            return ""
        return name

