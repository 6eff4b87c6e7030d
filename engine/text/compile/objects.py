"""From drafts to Objects: fields with defaults and formulas, whose rows they are, whom they are about, rules and indexes."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import Position, refs
from engine.expressions.scope import BOUND_ROOTS
from engine.fields.base import FieldType, Invalid
from engine.fields.text import INDEXABLE_TEXT
from engine.model import Check, Field, Index, Label, Object, Roster, Rule, UniqueRule
from engine.names import RUNTIME_FIELDS
from engine.problems import Code
from engine.text.compile.belonging import belongs_to, subject, via
from engine.text.compile.contact import contact
from engine.text.compile.context import Context, Draft, label
from engine.text.compile.drafts import field_type
from engine.text.compile.rules import Rules
from engine.text.compile.tasks import task
from engine.text.compile.titles import title
from engine.text.elements import Named
from engine.text.nodes import ListNode, MapNode, Node, ScalarNode, plain

__all__ = ["compile_object", "literal"]

_INDEXED = ("clinic_id", "subject_id", "created_at", "updated_at", "id")
_TYPED_ONLY = ("required", "default", "search")
_STORED_ONLY = (*_TYPED_ONLY, "index")
_NOT_KEPT = frozenset({"attachment", "link"})
"""Types whose columns other parts of the runtime look after by themselves: a file's record, a link's foreign key."""


def compile_object(context: Context, rules: Rules, draft: Draft) -> Object:
    node = draft.node
    fields = {named.name: _field(context, rules, draft, named) for named in draft.named if named.name in draft.types}
    gone = {named.name: found for named in draft.gone.values() if (found := _gone(context, draft, named)) is not None}
    belongs = belongs_to(context, draft)
    own_label = label(node.get("label"), draft.name)
    return Object(
        id=draft.definition.id, name=draft.name, label=own_label, place=draft.definition.place, former=draft.definition.former,
        retired=draft.definition.gone, plural=label(node.get("plural"), draft.name) if node.get("plural") else own_label,
        title=title(context, rules, draft, fields), belongs_to=belongs, subject=subject(context, draft),
        account=node.flag("account"), clinic=node.flag("clinic"), roster=_roster(context, draft),
        contact=contact(context, draft),
        task=task(context, draft, fields), icon=node.text("icon"),
        fields=fields, retired_fields=gone, inverses=dict(draft.inverses), unique=_unique(context, draft, fields, belongs.root_scope),
        indexes=_indexes(context, draft, fields), checks=_checks(context, rules, draft),
        workflow=draft.state_field if draft.state_field in fields else "",
        help=label(node.get("help"), "") if node.get("help") else None,
    )


def _field(context: Context, rules: Rules, draft: Draft, named: Named) -> Field:
    kind, node = draft.types[named.name], named.node
    formula, kept = None, node.flag("stored")
    if node.get("formula") is not None:
        formula = rules.rule(draft.name, node.get("formula"), Position.FORMULA, kind.expression_type)
        for key in _TYPED_ONLY if kept else _STORED_ONLY:
            if key in node.entries and node.value(key) is not False:
                context.problems.add(Code.FIELD_006.at(node.entries[key].place, key=key, field=named.name))
        if kept and (kind.name in _NOT_KEPT or not kind.writable or len(kind.columns) > 1):
            context.problems.add(Code.FIELD_010.at(node.entries["stored"].place, key="stored", field=named.name, type=kind.name))
    elif kept:
        context.problems.add(Code.FIELD_014.at(node.entries["stored"].place, field=named.name))
    if node.flag("search") and not kind.searchable:
        context.problems.add(Code.FIELD_010.at(node.entries["search"].place, key="search", field=named.name, type=kind.name))
    required = node.flag("required")
    if required and not kind.writable:
        context.problems.add(Code.FIELD_010.at(node.entries["required"].place, key="required", field=named.name, type=kind.name))
    if required and node.text("on_delete") == "clear":
        context.problems.add(Code.FIELD_011.at(node.place_of("on_delete"), field=named.name))
    elif node.text("on_delete") == "clear" and named.name == via(draft):
        context.problems.add(Code.FIELD_013.at(node.place_of("on_delete"), field=named.name))
    return Field(
        id=named.id, name=named.name, label=label(node.get("label"), named.name), place=named.place, former=named.former,
        retired=named.gone, type=kind, required=required, restricted=node.flag("restricted", kind.personal),
        indexed=node.flag("index"), searched=node.flag("search") if "search" in node.entries else None,
        default=_default(context, kind, named), initial=_initial(context, rules, draft, kind, named), formula=formula,
        kept=kept and formula is not None,
        help=label(node.get("help"), "") if node.get("help") else None,
    )


def _gone(context: Context, draft: Draft, named: Named) -> Field | None:
    """A retired field keeps its type, for its column; None when its type cannot be told any more."""
    kind = field_type(context.for_retired(context.problems), draft, named)
    if kind is None:
        return None
    node = named.node
    return Field(
        id=named.id, name=named.name, label=label(node.get("label"), named.name), place=named.place, former=named.former, retired=True,
        type=kind, restricted=node.flag("restricted", kind.personal), kept=node.flag("stored") and "formula" in node.entries,
    )


def _default(context: Context, kind: FieldType, named: Named) -> object:
    node = named.node.get("default")
    if node is None or isinstance(node, MapNode):
        return None
    if not kind.writable or kind.link_to or kind.name == "attachment":
        context.problems.add(Code.FIELD_010.at(named.node.entries["default"].place, key="default", field=named.name, type=kind.name))
        return None
    try:
        return literal(kind, node)
    except Invalid as error:
        context.problems.add(Code.FIELD_005.at(node.place, field=named.name, code=error.code))
        return None


def _initial(context: Context, rules: Rules, draft: Draft, kind: FieldType, named: Named) -> Rule | None:
    """`default: {formula: …}`. What it reads must be there before the record is."""
    node = named.node.get("default")
    if not isinstance(node, MapNode):
        return None
    if not kind.writable or kind.name == "attachment":
        context.problems.add(Code.FIELD_010.at(named.node.entries["default"].place, key="default", field=named.name, type=kind.name))
        return None
    made = rules.rule(draft.name, node.get("formula"), Position.DEFAULT, kind.expression_type)
    for path in sorted(refs(made.tree)) if made else ():
        if path[0] not in BOUND_ROOTS:
            context.problems.add(Code.FIELD_017.at(node.place_of("formula"), field=named.name, path=".".join(path)))
            return None
    return made


def literal(kind: FieldType, node: Node) -> object:
    """The in-memory value of a literal of a definition. Raises Invalid."""
    return kind.parse(plain(node))


def _names(context: Context, draft: Draft, body: MapNode | ListNode | Node | None, fields: Mapping[str, Field], what: str,
           runtime: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The fields of a unique rule or an index: stored ones of this object."""
    nodes: tuple[Node, ...] = ()
    if isinstance(body, ListNode):
        nodes = body.items
    elif isinstance(body, MapNode):
        nodes = body.scalars("fields")
    found = []
    for node in nodes:
        if not isinstance(node, ScalarNode):
            continue
        name = str(node.value)
        if name in runtime:
            found.append(name)
        elif name in RUNTIME_FIELDS:
            why = f"the runtime's field can only be one of {', '.join(runtime)}" if runtime else "the runtime keeps it"
            context.problems.add(Code.OBJECT_009.at(node.place, name=name, what=what, why=why))
        elif not context.hidden(draft.name, name) and context.field(draft.name, node) is not None:
            why = _not_indexable(fields[name], unique=not runtime)
            if why:
                context.problems.add(Code.OBJECT_009.at(node.place, name=name, what=what, why=why))
            found.append(name)
    return tuple(found)


def _not_indexable(field: Field, *, unique: bool) -> str:
    if not field.stored:
        return "it is computed and has no column"
    if unique and field.formula is not None:
        return "it is computed, so that a change elsewhere could make two records alike"
    if field.type.name == "choices":
        return "it holds several values"
    return "" if field.type.indexable else f"its texts may be too long for an index: at most {INDEXABLE_TEXT} characters fit (its 'max')"


def _bodies(context: Context, kind: str, draft: Draft, key: str) -> list[tuple[Named, Node]]:
    """The named elements of a map whose values may be lists."""
    node = draft.node.map(key)
    return [(named, node.entries[named.name].node) for named in context.ids.elements(kind, draft.definition.id, node)
            if node is not None and not named.gone]


def _unique(context: Context, draft: Draft, fields: Mapping[str, Field], root_scope: str) -> dict[str, UniqueRule]:
    found = {}
    natural = "organisation" if root_scope == "organisation" else "clinic"
    for named, body in _bodies(context, "unique", draft, "unique"):
        names = _names(context, draft, body, fields, "a unique rule")
        scope = named.node.text("scope") or natural
        if scope == "clinic" and natural == "organisation":
            context.problems.add(Code.OBJECT_010.at(named.node.place_of("scope"), name=draft.name))
        message = label(named.node.get("message"), "") if named.node.get("message") else label(None, named.name)
        if names:
            found[named.name] = UniqueRule(
                id=named.id, name=named.name, label=message, place=named.place, former=named.former, fields=names, scope=scope)
    return found


def _indexes(context: Context, draft: Draft, fields: Mapping[str, Field]) -> dict[str, Index]:
    found = {}
    for named, body in _bodies(context, "index", draft, "indexes"):
        names = _names(context, draft, body, fields, "an index", _INDEXED)
        if names:
            found[named.name] = Index(
                id=named.id, name=named.name, label=label(None, named.name), place=named.place, former=named.former, fields=names)
    return found


def _checks(context: Context, rules: Rules, draft: Draft) -> dict[str, Check]:
    found = {}
    for named in context.ids.elements("check", draft.definition.id, draft.node.map("checks")):
        if named.gone:
            continue
        rule = rules.rule(draft.name, named.node.get("rule"), Position.VALIDATION)
        beside = named.node.get("field")
        if isinstance(beside, ScalarNode):
            context.fields(draft.name, [beside])
        if rule is not None:
            message: Label = label(named.node.get("message"), named.name)
            found[named.name] = Check(
                id=named.id, name=named.name, label=message, place=named.place, former=named.former, rule=rule, message=message,
                field=named.node.text("field"))
    return found


def _roster(context: Context, draft: Draft) -> Roster | None:
    node = draft.node.map("roster")
    if node is None:
        return None
    account = next((name for name, other in context.drafts.items() if other.node.flag("account")), "")
    for key in ("team", "person"):
        target = node.get(key)
        if not isinstance(target, ScalarNode):
            return None
        kind = context.field(draft.name, target)
        if kind is not None and not kind.link_to:
            context.problems.add(Code.OBJECT_008.at(target.place, name=target.value, key=key, why="it is not a link"))
        elif kind is not None and key == "person" and kind.link_to != account:
            context.problems.add(Code.OBJECT_008.at(
                target.place, name=target.value, key=key, why=f"it links to '{kind.link_to}', and people who sign in are '{account}'"))
    return Roster(node.text("team"), node.text("person"))


