"""Effective rights of a Model in comparable form, and how those of two releases differ.

A right is (role, object, action, allow or deny, row condition, fields). Conditions are compared as trees whose paths are
ids, formulas they read included, so renames are no difference and a changed formula is one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from engine.expressions.tree import Call, Compare, IsNull, Literal, Macro, Node, Ref, Var, rows_path
from engine.model import Field, Label, Model, Object
from engine.model.reads import follow
from engine.targets.operations import AccessChange
from engine.targets.policy import Clause, Effect, Policy, compile_policy, formula_inputs, rows_inputs

__all__ = ["Rights", "access_changes", "meaning", "new_fields_seen", "rights", "sense", "whose"]

ANY = "*"
Form = tuple[object, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Right:
    """One clause for one action. `words` is for people and no part of the comparison."""

    effect: Effect
    condition: Form
    whose: Form
    """Whose rows: what `belongs_to` and `subject` of the object come to."""
    value: frozenset[str]
    mask: frozenset[str]
    hide: frozenset[str]
    words: str = dataclasses.field(compare=False)

    def on(self, fields: frozenset[str]) -> Right:
        """The right as far as it concerns some fields."""
        return dataclasses.replace(self, value=self.value & fields, mask=self.mask & fields, hide=self.hide & fields)


@dataclasses.dataclass(frozen=True, slots=True)
class Rights:
    """Everything anybody may do in a release."""

    of_rows: Mapping[tuple[str, str, str], frozenset[Right]]
    """(role id, object id, action) → rights; an action is a system word or a transition's id."""
    of_system: Mapping[str, frozenset[str]]
    """Role id → rights on the system."""
    labels: Mapping[str, Label]
    """Role id → what people call it."""
    fields: frozenset[str]
    """Ids of every field in use."""
    restricted: frozenset[str]
    """Ids of those that only a grant that names them reaches."""


_NOTHING = frozenset[str]()


def rights(model: Model | None) -> Rights:
    """The rights of a release; before the first one nobody has any."""
    if model is None:
        return Rights({}, {}, {}, _NOTHING, _NOTHING)
    found: dict[tuple[str, str, str], set[Right]] = {}
    policy = compile_policy(model)
    seen = _Inherited(model, policy)
    for name, clauses in policy.clauses.items():
        obj = model.objects[name]
        for clause in clauses:
            right = _right(model, obj, clause, seen)
            for action in _actions(model, obj, clause):
                found.setdefault((clause.role, obj.id, action), set()).add(right)
    return Rights(
        {key: frozenset(several) for key, several in found.items()}, dict(policy.rights),
        {role.id: role.label for role in model.roles.values()},
        frozenset(field.id for obj in model.objects.values() for field in obj.fields.values()),
        frozenset(field.id for obj in model.objects.values() for field in obj.fields.values() if field.restricted),
    )


def _actions(model: Model, obj: Object, clause: Clause) -> Iterator[str]:
    flow = model.workflows.get(obj.name)
    for action in sorted(clause.can):
        yield flow.transitions[action].id if flow and action in flow.transitions else action
    if clause.effect is Effect.DENY and (clause.mask or clause.hide):
        yield ANY


class _Inherited:
    """Which formulas a role sees at all, by what they read: a formula that a grant shows is there only with its inputs."""

    def __init__(self, model: Model, policy: Policy) -> None:
        self._objects = model.objects
        self._clauses = policy.clauses
        self._known: dict[tuple[str, str, str], bool] = {}

    def whole(self, role: str, obj: Object, names: frozenset[str]) -> frozenset[str]:
        """The fields among `names` that are seen where a grant shows them."""
        return frozenset(name for name in names if name in obj.fields and self._inputs(role, obj, obj.fields[name]))

    def _inputs(self, role: str, obj: Object, field: Field) -> bool:
        if field.formula is None:
            return True
        key = (role, obj.name, field.name)
        if key not in self._known:
            self._known[key] = True  # a circle, which the compiler refuses
            rows = rows_inputs(self._objects, obj.name, field)
            self._known[key] = all(self._path(role, obj, path) for path in formula_inputs(field)) and all(
                self._grants(role, each.object, name, always=field.kept) for each in rows for name in each.fields)
        return self._known[key]

    def _path(self, role: str, obj: Object, path: tuple[str, ...]) -> bool:
        for name in path:
            field = obj.fields.get(name)
            if field is None:
                return name not in obj.inverses
            if not self._grants(role, obj.name, name) or not self._inputs(role, obj, field):
                return False
            obj = self._objects.get(field.type.link_to, obj)
        return True

    def _grants(self, role: str, object_name: str, name: str, *, always: bool = False) -> bool:
        """Whether the role may read rows of an object with a field; `always`: every row, and no denial may take that away."""
        clauses = [clause for clause in self._clauses.get(object_name, ()) if clause.role == role]
        if name not in self._objects[object_name].fields:
            return True
        if always and any(c.effect is Effect.DENY and ("read" in c.can or name in c.mask | c.hide) for c in clauses):
            return False
        return any(c.effect is Effect.ALLOW and "read" in c.can and name in c.value and not (always and c.rule) for c in clauses)


def _right(model: Model, obj: Object, clause: Clause, seen: _Inherited) -> Right:
    def ids(names: frozenset[str]) -> frozenset[str]:
        return frozenset(obj.fields[name].id for name in names if name in obj.fields)

    condition = ("always",) if clause.rule is None else _form(clause.rule.tree, obj, model, ())
    where = f" where {clause.rule.text}" if clause.rule else ""
    return Right(
        clause.effect, condition, whose(obj, model), ids(seen.whole(clause.role, obj, clause.value)), ids(clause.mask), ids(clause.hide),
        f"{clause.effect.value}{where}",
    )


def whose(obj: Object, model: Model) -> tuple[Form, Form]:
    """What `belongs_to` and what `subject` of an object come to, in ids."""
    belongs = obj.belongs_to
    root = model.objects.get(belongs.root)
    path = _path(belongs.root_path, obj, model, ())
    subjects = tuple(_path(path, obj, model, ()) for path in obj.subject)
    return (belongs.scope, belongs.root_scope, root.id if root else "", path), subjects


def meaning(field: Field, obj: Object, model: Model) -> Form:
    """What a formula gives, in ids: equal for two releases whose rows give it equal values."""
    assert field.formula is not None
    return (model.organisation.timezone, _form(field.formula.tree, obj, model, (field.id,)))


def sense(tree: Node, obj: Object, model: Model) -> Form:
    """What an expression over an object's rows gives, in ids, like `meaning`."""
    return (model.organisation.timezone, _form(tree, obj, model, ()))


def _form(node: Node, obj: Object, model: Model, within: tuple[str, ...], variables: tuple[Object | None, ...] = ()) -> Form:
    """A tree without places and names. `within` are the formulas being followed (the compiler refuses circles), `variables` the
    objects of child rows that the macros around run over, the innermost first."""
    if isinstance(node, Ref):
        return ("ref", _path(node.path, obj, model, within))
    own: object = ""
    if isinstance(node, Literal):
        own = repr(node.value)
    elif isinstance(node, Compare):
        own = node.op
    elif isinstance(node, IsNull):
        own = node.negated
    elif isinstance(node, Call):
        own = node.function.name
    elif isinstance(node, Var):
        row = variables[node.outwards] if node.outwards < len(variables) else None
        own = (node.outwards, _path(node.path, row, model, within) if row else node.path)
    elif isinstance(node, Macro):
        row = _rows(node, obj, model)
        parts = (node.test, node.body)
        inside = (_form(part, obj, model, within, (row, *variables)) if part is not None else () for part in parts)
        return ("Macro", node.kind, _form(node.over, obj, model, within, variables), *inside)
    return (type(node).__name__, own, *(_form(child, obj, model, within, variables) for child in node.children))


def _rows(node: Macro, obj: Object, model: Model) -> Object | None:
    """The object of the child rows that a macro runs over."""
    path = rows_path(node.over)
    return model.objects[follow(model.objects, obj.name, path)[1]] if path else None


def _path(path: tuple[str, ...], obj: Object, model: Model, within: tuple[str, ...]) -> Form:
    """The ids along a path; a formula at its end stands with its own form, `user.teams` with the roster."""
    at: Object | None = obj
    rest = path
    found: list[object] = []
    if path and path[0] == "user" and "user" not in obj.fields:
        found.append("user")
        at, rest = model.account, path[1:]
        if rest[:1] == ("teams",) and model.roster is not None:
            found.append(model.roster.id)
    for name in rest:
        field = at.fields.get(name) if at else None
        inverse = at.inverses.get(name) if at else None
        if inverse is not None:
            child = model.objects[inverse.object]
            found += [child.id, child.fields[inverse.link].id]
            continue
        if field is None or at is None:
            found.append(name)
            continue
        found.append(field.id)
        if field.formula is not None and field.id not in within:
            found.append(_form(field.formula.tree, at, model, (*within, field.id)))
        at = model.objects.get(field.type.link_to)
    return tuple(found)


def access_changes(before: Rights, after: Rights) -> tuple[AccessChange, ...]:
    """What roles may do that differs, apart from seeing fields that are new and not restricted, or gone altogether."""
    both = before.fields & after.fields
    compared = both | (after.restricted - before.fields)
    grouped: dict[tuple[str, str, str, str], list[str]] = {}
    for key in sorted({*before.of_rows, *after.of_rows}):
        role, obj, action = key
        old = {right.on(compared) for right in before.of_rows.get(key, ())}
        new = {right.on(compared) for right in after.of_rows.get(key, ())}
        if old != new:
            told = _Words(old | new)
            grouped.setdefault((role, obj, told(old - new), told(new - old)), []).append(action)
    changes = [*_system_changes(before, after)]
    for (role, obj, was, now), actions in grouped.items():
        listed = ", ".join(action.rpartition(".")[2] for action in actions)
        changes.append(AccessChange(
            id=f"{role}/{obj}", label=_label(role, before, after), role=role, object=obj,
            before=f"{listed}: {was}" if was else "", after=f"{listed}: {now}" if now else "",
        ))
    return tuple(changes)


def new_fields_seen(before: Rights, after: Rights) -> dict[str, tuple[str, ...]]:
    """Fields that are new on an object somebody could read before → ids of the roles that come to see them whole."""
    known = {obj for role, obj, action in before.of_rows if action == "read"}
    fresh = after.fields - before.fields - after.restricted
    seen: dict[str, set[str]] = {}
    for (role, obj, action), several in after.of_rows.items():
        if action == "read" and obj in known:
            for right in several:
                for field in right.value & fresh if right.effect is Effect.ALLOW else ():
                    seen.setdefault(field, set()).add(role)
    return {field: tuple(sorted(roles)) for field, roles in sorted(seen.items())}


class _Words:
    """Says rights, with the fields that tell them apart."""

    def __init__(self, together: set[Right]) -> None:
        self._common = frozenset.intersection(*(right.value for right in together))

    def __call__(self, several: set[Right]) -> str:
        return "; ".join(sorted(self._one(right) for right in several))

    def _one(self, right: Right) -> str:
        parts = (("showing", right.value - self._common), ("masking", right.mask), ("hiding", right.hide))
        said = [f"{word} {', '.join(sorted(_last(id_) for id_ in ids))}" for word, ids in parts if ids]
        return " ".join((right.words, *said))


def _last(element_id: str) -> str:
    return element_id.rpartition(".")[2]


def _label(role: str, before: Rights, after: Rights) -> Label:
    return after.labels.get(role) or before.labels[role]


def _system_changes(before: Rights, after: Rights) -> Iterator[AccessChange]:
    for role in sorted({*before.of_system, *after.of_system}):
        old, new = before.of_system.get(role, frozenset()), after.of_system.get(role, frozenset())
        if old != new:
            yield AccessChange(
                id=role, label=_label(role, before, after), role=role, object="",
                before=", ".join(sorted(old)), after=", ".join(sorted(new)),
            )
