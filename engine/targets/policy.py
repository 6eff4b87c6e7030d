"""Roles → policy: clauses that become SQL, and the Casbin model and lines that the enforcer decides by.

Both come from one reading of a grant or denial, `Clause`. Ids, not names, stand in lines, so a rename changes no right and a
name used again for something new inherits none.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable, Iterator, Mapping

from engine.expressions.tree import Ref, walk
from engine.expressions.types import RowsOf
from engine.model import Denial, Field, Grant, Model, Object, Role, Rule
from engine.model.reads import Hop, Hops, Read, reads
from engine.problems import Place

__all__ = [
    "ANY_ACTION", "CASBIN_MODEL", "Clause", "Effect", "Line", "Policy", "ROW", "RowsInput", "compile_policy", "formula_inputs", "reach",
    "rows_inputs",
]

ROW = "row"
"""What a line reaches besides fields: the row itself."""

ANY_ACTION = "*"
"""The action of a denial's field lines; no line that allows has it."""

CASBIN_MODEL = """
[request_definition]
r = sub, obj, act, row, reach

[policy_definition]
p = sub, dom, obj, act, rule, reach, eft

[role_definition]
g = _, _, _

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = r.obj == p.obj && (r.act == p.act || p.act == "*") && reaches(p.reach, r.reach) && g(r.sub, p.sub, p.dom) && holds(p.rule, r.row, p.dom)
"""
"""One request asks for one row and one reach. Lines are repeated for every clinic of the row (`dom`) before enforcing, so
that a denial held in any of them wins; `holds` evaluates the rule as the user stands in that clinic."""


class Effect(enum.Enum):
    """What a clause does; the values are Casbin's words."""

    ALLOW = "allow"
    DENY = "deny"


@dataclasses.dataclass(frozen=True, slots=True)
class Clause:
    """A grant or denial as an object's rows and fields feel it.

    For ALLOW `value` and `mask` are the fields (names) it shows whole or masked, for the actions of `can`. For DENY they are
    the fields it keeps from being seen whole (`mask`) or at all (`hide`), for every action, and `can` are denied actions.
    """

    id: str
    role: str
    """The role's id."""
    object: str
    """The object's name."""
    effect: Effect
    can: frozenset[str]
    rule: Rule | None
    place: Place
    value: frozenset[str] = frozenset()
    mask: frozenset[str] = frozenset()
    hide: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One Casbin line. `domain` is `*` until it is repeated for the clinics of a row."""

    role: str
    object: str
    action: str
    rule: str
    reach: str
    effect: Effect
    place: Place
    domain: str = "*"

    @property
    def values(self) -> tuple[str, ...]:
        """The words of the line in the order of the model's policy definition."""
        return (self.role, self.domain, self.object, self.action, self.rule, self.reach, self.effect.value)

    def within(self, domain: str) -> Line:
        """The same line for one clinic."""
        return dataclasses.replace(self, domain=domain)


@dataclasses.dataclass(frozen=True, slots=True)
class Policy:
    """All clauses and lines of a release. An empty policy denies everything."""

    clauses: Mapping[str, tuple[Clause, ...]]
    """By the object's name, in the order of roles and grants."""
    lines: tuple[Line, ...]
    rights: Mapping[str, frozenset[str]]
    """System rights by the role's id."""

    def of(self, object_name: str) -> tuple[Clause, ...]:
        """The clauses on an object; none for an object that nobody is granted."""
        return self.clauses.get(object_name, ())

    def clause(self, id: str) -> Clause:
        """The clause with an id. Raises KeyError."""
        return next(c for several in self.clauses.values() for c in several if c.id == id)


def compile_policy(model: Model) -> Policy:
    """The policy of a model: what is not granted here is denied."""
    clauses: dict[str, list[Clause]] = {}
    for role in model.roles.values():
        for clause in _clauses(role, model.objects):
            clauses.setdefault(clause.object, []).append(clause)
    frozen = {name: tuple(several) for name, several in clauses.items()}
    lines = tuple(line for several in frozen.values() for clause in several for line in _lines(clause, model.objects[clause.object]))
    return Policy(frozen, lines, {role.id: role.system for role in model.roles.values()})


def _clauses(role: Role, objects: Mapping[str, Object]) -> Iterator[Clause]:
    for grant in role.grants.values():
        if grant.object in objects and not grant.retired:
            yield _allowing(grant, role.id, objects[grant.object])
    for denial in role.denials.values():
        if denial.object in objects and not denial.retired:
            yield _denying(denial, role.id)


def _allowing(grant: Grant, role_id: str, object: Object) -> Clause:
    """Semantics, "Grants": all but restricted fields, less those it masks or hides; hide is stronger than mask than show."""
    limited = grant.mask | grant.hide
    value = {f.name for f in object.fields.values() if (not f.restricted or f.name in grant.show) and f.name not in limited}
    return Clause(
        grant.id, role_id, grant.object, Effect.ALLOW, grant.can, grant.rows, grant.place,
        value=frozenset(value), mask=(grant.mask - grant.hide) & object.fields.keys(),
    )


def _denying(denial: Denial, role_id: str) -> Clause:
    return Clause(
        denial.id, role_id, denial.object, Effect.DENY, denial.can, denial.rows, denial.place,
        mask=denial.mask - denial.hide, hide=denial.hide,
    )


def reach(sight: str, field: Field) -> str:
    """The word a line lists for a field: `value=<field id>` or `mask=<field id>`."""
    return f"{sight}={field.id}"


def _lines(clause: Clause, object: Object) -> Iterator[Line]:
    fields = object.fields

    def words(sight: str, names: Iterable[str]) -> list[str]:
        return [reach(sight, fields[name]) for name in sorted(names) if name in fields]

    def line(action: str, reached: list[str]) -> Line:
        return Line(f"role:{clause.role}", object.id, action, clause.id, " ".join(reached), clause.effect, clause.place)

    allowing = clause.effect is Effect.ALLOW
    seen = [*words("value", clause.value), *words("mask", clause.value | clause.mask)] if allowing else []
    for action in sorted(clause.can):
        yield line(action, [ROW, *seen])
    kept = [] if allowing else [*words("value", clause.mask | clause.hide), *words("mask", clause.hide)]
    if kept:
        yield line(ANY_ACTION, kept)


def formula_inputs(field: Field) -> tuple[tuple[str, ...], ...]:
    """The paths of the row that a formula field reads, sorted; () for a typed field. Child rows are in `rows_inputs`; for those
    of a record behind links that record stands here, as the path of its id.

    A formula is visible only where each of them is visible as a value; roots such as `today` and `user` hide nothing.
    """
    if field.formula is None:
        return ()
    found = set()
    for node in walk(field.formula.tree):
        if isinstance(node, Ref) and node.path[0] not in _ROOTS:
            rows = isinstance(node.type, RowsOf)
            path = (*node.path[:-1], "id") if rows else node.path
            if not rows or len(path) > 1:
                found.add(path)
    return tuple(sorted(found))


_ROOTS = frozenset({"user", "today", "now"})


@dataclasses.dataclass(frozen=True, slots=True)
class RowsInput:
    """What a formula reads of child rows, or of records behind them: fields of an object, the links that make children among them.

    `aligned`: those rows are in the very clinics that the row of the formula is in, since each belongs there through the other.
    """

    object: str
    fields: frozenset[str]
    aligned: bool


def rows_inputs(objects: Mapping[str, Object], object_name: str, field: Field) -> tuple[RowsInput, ...]:
    """What a formula reads of child rows, through the formulas of those rows too; () for one that reads none.

    A virtual formula counts what its reader may read, and is there for her only if she may read such rows and fields at all.
    A stored one has counted all rows: it is there for her only where it is sure that she may read all of them.
    """
    if field.formula is None:
        return ()
    found: dict[tuple[str, bool], set[str]] = {}
    for read in reads(objects, object_name, field.formula.tree, through=False):
        if any(hop.rows for hop in read.hops):
            for each in _deep(objects, read, ()):
                found.setdefault((each.object, _aligned(objects, object_name, each.hops)), set()).add(each.name)
    return tuple(RowsInput(name, frozenset(names), aligned) for (name, aligned), names in sorted(found.items()))


def _deep(objects: Mapping[str, Object], read: Read, within: tuple[str, ...]) -> Iterator[Read]:
    """A read with everything that it reads in turn, stored or not."""
    if not read.object:
        return
    yield read
    field, key = objects[read.object].fields.get(read.name), f"{read.object}.{read.name}"
    if field is not None and field.formula is not None and key not in within:
        for below in reads(objects, read.object, field.formula.tree, through=False):
            yield from _deep(objects, dataclasses.replace(below, hops=(*read.hops, *below.hops)), (*within, key))


def _aligned(objects: Mapping[str, Object], object_name: str, hops: Hops) -> bool:
    return all(objects[holder].belongs_to.via == hop.link for holder, hop in _holders(object_name, hops))


def _holders(object_name: str, hops: Hops) -> Iterator[tuple[str, Hop]]:
    """Each hop with the object that has its link."""
    for hop in hops:
        yield (hop.object if hop.rows else object_name), hop
        object_name = hop.object
