"""Whose row it is (`belongs_to`) and whom it is about (`subject`)."""

from __future__ import annotations

from engine.model import BelongsTo
from engine.problems import Code, Place, circle
from engine.text.compile.context import Context, Draft
from engine.text.compile.paths import follow, target
from engine.text.nodes import MapNode, ScalarNode

__all__ = ["belongs_to", "subject", "via"]


def belongs_to(context: Context, draft: Draft) -> BelongsTo:
    """With the path to the row that carries the clinics itself; an object that says nothing belongs to a clinic."""
    scope = draft.node.text("belongs_to", "clinic")
    if _via(draft) is None:
        return BelongsTo(scope, root=draft.name, root_scope=scope)
    path: list[str] = []
    seen = [draft.name]
    at: Draft | None = draft
    while at is not None and (node := _via(at)) is not None:
        kind = at.types.get(str(node.value))
        if kind is None:
            if at is draft:
                context.report(at.unknown(str(node.value), node.place))
            break
        if not kind.link_to:
            if at is draft:
                context.problems.add(Code.OBJECT_003.at(node.place, name=node.value))
            break
        path.append(str(node.value))
        if kind.link_to in seen:
            _circle(context, draft, seen, kind.link_to, _place(draft))
            break
        seen.append(kind.link_to)
        at = context.drafts.get(kind.link_to)
    else:
        root = at or draft
        return BelongsTo("via", path[0], tuple(path), root.name, root.node.text("belongs_to", "clinic"))
    return BelongsTo("via", str(getattr(_via(draft), "value", "")), root=draft.name, root_scope="clinic")


def _via(draft: Draft) -> ScalarNode | None:
    """The scalar of `belongs_to: {via: …}`."""
    node = draft.node.get("belongs_to")
    via = node.get("via") if isinstance(node, MapNode) else None
    return via if isinstance(via, ScalarNode) else None


def via(draft: Draft) -> str:
    """The name of the link that `belongs_to` goes by, '' for none."""
    node = _via(draft)
    return str(node.value) if node else ""


def _place(draft: Draft) -> Place:
    node = _via(draft)
    return node.place if node else draft.definition.place


def _circle(context: Context, draft: Draft, seen: list[str], back: str, place: Place) -> None:
    """Reported once, at the first object of the circle by name."""
    among = seen[seen.index(back):]
    if draft.name == min(among):
        context.problems.add(Code.OBJECT_004.at(place, path=circle([*among, back])))


def subject(context: Context, draft: Draft) -> tuple[tuple[str, ...], ...]:
    """Paths to the rows it is about; all lead to one object, the one with `subject: self` when there is one."""
    if draft.node.text("subject", "none") == "none" and not isinstance(draft.node.get("subject"), MapNode):
        nodes = draft.node.scalars("subject")
        if not nodes or nodes[0].value == "none":
            return ()
    found: list[tuple[str, ...]] = []
    for node in draft.node.scalars("subject"):
        if node.value == "self":
            found.append(())
            continue
        followed = follow(context, draft.name, node, str(node.value))
        if followed is None:
            continue
        steps, kind = followed
        if not kind.link_to:
            context.problems.add(Code.OBJECT_005.at(node.place, path=node.value, wanted=_subjects(context), found=kind.name))
            continue
        end = target(context, draft.name, steps)
        wanted = _subjects(context)
        if wanted and end != wanted:
            context.problems.add(Code.OBJECT_005.at(node.place, path=node.value, wanted=wanted, found=end))
            continue
        found.append(steps)
    return tuple(found)


def _subjects(context: Context) -> str:
    """The object whose records are the subjects."""
    return next((name for name, draft in context.drafts.items() if draft.node.text("subject") == "self"), "")
