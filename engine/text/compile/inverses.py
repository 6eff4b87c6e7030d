"""The other ends of links: names for the rows that point to a record, checked against the names that its object has."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model import Inverse
from engine.problems import Code, Place
from engine.text.compile.context import Context, Draft
from engine.text.elements import Named

__all__ = ["find_inverses"]


def find_inverses(context: Context) -> None:
    """Give each draft the inverses of the links that point to it; a name that is taken there is a problem."""
    for draft in context.drafts.values():
        for named in draft.named:
            kind = draft.types.get(named.name)
            name = getattr(kind, "inverse", "")
            if kind is None or not name or kind.link_to not in context.drafts:
                continue
            if "formula" in named.node.entries:
                context.problems.add(Code.FIELD_006.at(named.node.place_of("inverse"), key="inverse", field=named.name))
                continue
            _add(context, context.drafts[kind.link_to], draft, named, name)


def _add(context: Context, target: Draft, draft: Draft, named: Named, name: str) -> None:
    place = named.node.place_of("inverse")
    for words, other in _taken(context, target, name):
        context.problems.add(Code.FIELD_016.at(place, name=name, field=named.name, object=target.name, taken=words, other=other))
        return
    target.inverses[name] = Inverse(name, draft.name, named.name)


def _taken(context: Context, target: Draft, name: str) -> Iterator[tuple[str, Place]]:
    """What has the name on the target already, in words, and where; nothing for a free name."""
    for field in target.named:
        if field.name == name:
            yield "a field", field.place
        elif name in field.former:
            yield f"the former name of the field '{field.name}'", field.place
    inverse = target.inverses.get(name)
    if inverse is not None:
        other = next(field for field in context.drafts[inverse.object].named if field.name == inverse.link)
        yield f"the inverse of '{inverse.object}.{inverse.link}'", other.place
