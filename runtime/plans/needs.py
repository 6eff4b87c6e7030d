"""What the rules of a plan read: of the record that begins it, behind its links, of the records its steps made."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from engine.expressions import refs
from engine.expressions.scope import BOUND_ROOTS
from engine.expressions.tree import Node, Path, Ref, rows_read
from engine.expressions.types import TEXT
from engine.model import Model, Plan, PlanStep, Rule
from engine.model.reads import Hops, Read, follow, reads
from engine.targets.plan_reads import real_path
from runtime.store.compiled import Release

__all__ = ["Effects", "Needs", "effects_of", "needs_of"]

Children = Mapping[Path, tuple[Path, ...]]


@dataclasses.dataclass(frozen=True, slots=True)
class Needs:
    """Paths from the record that begins the plan, child rows with what is read of each, and paths from the records of steps."""

    paths: tuple[Path, ...]
    children: Children
    answers: Mapping[str, tuple[Path, ...]]


@dataclasses.dataclass(frozen=True, slots=True)
class Effects:
    """Which records a change may put on a plan, take off it or move on it."""

    changed: Mapping[tuple[str, str], tuple[tuple[str, Hops], ...]]
    """(object, field) → the plan and the hops from the record that begins it to the changed one."""
    moved: Mapping[tuple[str, str], tuple[tuple[str, Hops], ...]]
    """(object, link) of rows that come, go or change their parent → the plan and the hops to the parents."""
    objects: frozenset[str]
    """Every object whose records matter to some plan."""


def needs_of(release: Release, plan: Plan) -> Needs:
    """What has to be loaded before the plan's rules are judged; found once per release."""
    kept: dict[str, Needs] = release.cache.setdefault("plans.needs", {})
    if plan.name not in kept:
        kept[plan.name] = _needs(release.model, plan)
    return kept[plan.name]


def effects_of(release: Release) -> Effects:
    """What each change has to do with the release's plans; found once per release."""
    found: Effects | None = release.cache.get("plans.effects")
    if found is None:
        found = release.cache["plans.effects"] = _effects(release.model)
    return found


def _rules(plan: Plan) -> Iterator[Rule]:
    for rule in (plan.enrol_when, plan.stop_when):
        if rule is not None:
            yield rule
    for step in plan.steps.values():
        yield from _times(step)
        yield from (rule for rule in (step.when, step.skip_when, *step.values.values()) if rule is not None)


def _times(step: PlanStep) -> Iterator[Rule]:
    """The rules that say when a step comes: what they read moves it."""
    yield from (rule for rule in (step.at, step.every, step.window) if rule is not None)


def _needs(model: Model, plan: Plan) -> Needs:
    paths: set[Path] = {("id",), ("clinic_id",), ("subject_id",), plan.anchor}
    children: dict[Path, set[Path]] = {}
    answers: dict[str, set[Path]] = {name: set() for name in plan.steps}
    for rule in _rules(plan):
        rows = rows_read(rule.tree)
        for path, parts in rows.items():
            real = real_path(model, plan, path)
            if real[0] != "answers":
                children.setdefault(real, set()).update(parts)
                paths.add(real[:-1] or ("id",))
        for path in refs(rule.tree):
            if path[0] == "answers":
                answers.setdefault(path[1], set()).add(path[2:] or ("id",))
            elif path not in rows and path[0] not in BOUND_ROOTS:
                paths.add(real_path(model, plan, path))
    return Needs(
        tuple(sorted(paths)), {path: tuple(sorted(parts)) for path, parts in children.items()},
        {name: tuple(sorted(found)) for name, found in answers.items()})


def _effects(model: Model) -> Effects:
    changed: dict[tuple[str, str], dict[tuple[str, Hops], None]] = {}
    moved: dict[tuple[str, str], dict[tuple[str, Hops], None]] = {}
    objects: set[str] = set()
    for plan in model.plans.values():
        objects.add(plan.object)
        objects.update(step.create for step in plan.steps.values() if step.create)
        for read in _moving(model, plan):
            objects.add(read.object)
            field = model.objects[read.object].fields.get(read.name)
            if field is None or field.stored:
                changed.setdefault((read.object, read.name), {})[plan.name, read.hops] = None
            for place, hop in enumerate(read.hops):
                if hop.rows:
                    objects.add(hop.object)
                    moved.setdefault((hop.object, hop.link), {})[plan.name, read.hops[:place]] = None
    return Effects(
        {key: tuple(found) for key, found in changed.items()}, {key: tuple(found) for key, found in moved.items()}, frozenset(objects))


def _moving(model: Model, plan: Plan) -> Iterator[Read]:
    """Every value whose change may enrol, stop or move; what is judged when a step is due is looked up then."""
    rules = [rule for rule in (plan.enrol_when, plan.stop_when) if rule is not None]
    rules += [rule for step in plan.steps.values() for rule in _times(step)]
    yield from _read(model, plan.object, plan.anchor)
    for rule in rules:
        yield from _of_tree(model, plan, rule.tree)


def _of_tree(model: Model, plan: Plan, tree: Node) -> Iterator[Read]:
    rows = rows_read(tree)
    for path in refs(tree):
        if path[0] in BOUND_ROOTS or path[0] == "answers":
            continue
        real = real_path(model, plan, path)
        yield from _read(model, plan.object, real)
        for part in rows.get(path, ()):
            hops, child = follow(model.objects, plan.object, real)
            yield from _behind(hops, _read(model, child, part))


def _read(model: Model, object_name: str, path: Path) -> Iterator[Read]:
    """What a path reads, stored formulas followed to what they are computed from: nobody is told when those change."""
    waiting: list[tuple[Hops, Read]] = [((), read) for read in reads(model.objects, object_name, Ref(TEXT, 0, path))]
    seen: set[tuple[Hops, str, str]] = set()
    while waiting:
        before, read = waiting.pop()
        hops = (*before, *read.hops)
        if not read.object or (hops, read.object, read.name) in seen:
            continue
        seen.add((hops, read.object, read.name))
        yield dataclasses.replace(read, hops=hops)
        field = model.objects[read.object].fields.get(read.name)
        if field is not None and field.kept and field.formula is not None:
            waiting += [(hops, inner) for inner in reads(model.objects, read.object, field.formula.tree)]


def _behind(hops: Hops, found: Iterable[Read]) -> Iterator[Read]:
    return (dataclasses.replace(read, hops=(*hops, *read.hops)) for read in found)
