"""The files of the release that a publish leads to: the live ones with some packs replaced, removed or merged."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping

from engine.problems import Code, Place, Problem
from engine.text import Source
from engine.text.source import ORGANISATION_FILES
from runtime.store.merge import merge_files

__all__ = ["Candidate", "Incoming", "candidate"]

Files = Mapping[str, bytes]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What somebody wants published.

    `packs` are the packs to replace; None means all that an organisation's folder lists, or the last pack of `source`
    when it has none. `base` is the hash of the release the files were made from, '' for a first publish.
    """

    source: Source
    packs: frozenset[str] | None = None
    base: str | None = None
    remove: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        """Whether it is an organisation's folder."""
        return any(name in self.source.files for name in ORGANISATION_FILES)

    def replaces(self, path: str) -> bool:
        """Whether a file of the live release gives way to this one."""
        pack = path.partition("/")[0] if "/" in path else ""
        if not pack:
            return self.whole
        return pack not in self.remove and (pack in self.source.packs if self.packs is None else pack in self.packs)


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """The files to publish, with what is in the way of bringing them together."""

    source: Source
    problems: tuple[Problem, ...] = ()


def candidate(incoming: Incoming, live: Files | None, live_hash: str, stored: Mapping[str, Files]) -> Candidate:
    """`live` are the files of the live release (None before the first), `stored` those of the base by its hash, if known."""
    source = incoming.source
    if live is None:
        return Candidate(source, tuple(_wrong_removals(incoming, {})))
    ours = {path: content for path, content in source.files.items() if incoming.replaces(path)}
    theirs = {path: content for path, content in live.items() if incoming.replaces(path)}
    others = {path: content for path, content in live.items() if path not in theirs and not _removed(path, incoming)}
    problems = [*_wrong_removals(incoming, live), *_unlisted(incoming, live)]
    base = _base(incoming, theirs, live_hash, stored, problems)
    if base is None:
        return Candidate(source, tuple(problems))
    kept, conflicts = merge_files(base, theirs, ours, source.shown)
    # Packs that are required but neither live nor to be replaced come along with the folder.
    known = {path.partition("/")[0] for path in {**others, **kept}}
    extra = {p: content for p, content in source.files.items() if "/" in p and p.partition("/")[0] not in known
             and not _removed(p, incoming)}
    shown = {path: name for path, name in source.shown.items() if kept.get(path) == source.files.get(path)}
    merged = Source({**others, **extra, **kept}, shown, source.problems)
    return Candidate(merged, (*problems, *conflicts))


def _base(
    incoming: Incoming, theirs: Files, live_hash: str, stored: Mapping[str, Files], problems: list[Problem]
) -> Files | None:
    """The files that both sides started from, those of the replaced packs alone; None with a problem."""
    if incoming.base == live_hash:
        return theirs
    if not incoming.base:
        if not theirs:
            return theirs
        problems.append(Code.PLAN_012.at(Place(_first_file(incoming)), live=live_hash))
        return None
    files = stored.get(incoming.base)
    if files is None:
        problems.append(Code.PLAN_013.at(Place(_first_file(incoming)), base=incoming.base[:12]))
        return None
    return {path: content for path, content in files.items() if incoming.replaces(path)}


def _first_file(incoming: Incoming) -> str:
    return next((name for name in ORGANISATION_FILES if name in incoming.source.files), "pack.yaml")


def _removed(path: str, incoming: Incoming) -> bool:
    return "/" in path and path.partition("/")[0] in incoming.remove


def _wrong_removals(incoming: Incoming, live: Files) -> list[Problem]:
    known = {path.partition("/")[0] for path in live if "/" in path}
    return [
        Code.PLAN_014.at(Place(_first_file(incoming)), name=name, why="it is not live")
        for name in sorted(incoming.remove - known)
    ]


def _unlisted(incoming: Incoming, live: Files) -> list[Problem]:
    """Packs that would be published into an organisation that does not list them, so that nobody would see them."""
    name = next((name for name in ORGANISATION_FILES if name in live), None)
    if name is None or incoming.whole:
        return []
    listed = _listed(name, live[name])
    wanted: Collection[str] = incoming.source.packs if incoming.packs is None else incoming.packs
    return [
        Code.PLAN_010.at(Place("pack.yaml"), name=pack) for pack in sorted(set(wanted) - listed - incoming.remove)
    ]


def _listed(name: str, content: bytes) -> set[str]:
    from engine.problems import Problems
    from engine.text.nodes import MapNode
    from engine.text.parse import parse

    documents, _ = parse(Source({name: content}), Problems())
    root = documents[0].root if documents else None
    return set(root.texts("packs")) if isinstance(root, MapNode) else set()
