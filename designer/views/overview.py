"""A draft's front page: packs, kinds and definitions with search, what was changed, what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, request

from designer.blueprint import designer
from designer.drafts.checking import problems_of
from designer.drafts.draft import Draft
from designer.edits.said import kinds_said, section_said
from designer.layers import SECTIONS, Layers, label_of
from designer.shell import draft_of, head, names_of, problem_rows, show
from engine.text.kinds import KINDS
from runtime.screens.past import moment
from runtime.screens.plans import locale_of
from runtime.web.routes import Policy, declare
from runtime.web.state import RequestState, here

__all__ = ["definition_url"]

FOUND = 60
PROBLEMS = 50


def definition_url(draft_id: str, folder: str, name: str) -> str:
    return f"/design/{draft_id}/definition?kind={folder}&name={name}"


@designer.get("/<record:id>")
@declare(policy=Policy.DESIGN)
def draft_overview(id: str) -> Response:
    """Everything that is defined; with `q` what the words are found in."""
    state, draft = here(), draft_of(id)
    layers, q = draft.layers, request.args.get("q", "").strip()[:100]
    problems = problem_rows(draft, list(problems_of(draft))[:PROBLEMS])
    return show(
        "overview.html", draft=head(state, draft, "overview"), q=q, found=list(_found(layers, draft, state.language, q)) if q else None,
        packs=[] if q else list(_packs(state, draft, layers)), problems=problems, log=_log(state, draft),
    )


def _packs(state: RequestState, draft: Draft, layers: Layers) -> Iterator[dict[str, Any]]:
    changed = set(draft.changed)
    packs = {pack["value"]: pack["label"] for pack in head(state, draft, "")["packs"]}
    extended: dict[tuple[str, str], list[str]] = {}
    for folder in KINDS:
        for text in layers.texts(folder):
            if text.root.text("extend"):
                extended.setdefault((folder, text.root.text("extend").partition(":")[2]), []).append(text.root.pack)
    for pack in reversed(layers.packs):
        kinds = []
        for folder in KINDS:
            listed = [
                {"name": name, "label": label_of(value, state.language) or _of_object(layers, folder, name, state.language),
                 "url": definition_url(draft.id, folder, name), "owner": owner,
                 "extended": [packs.get(p, p) for p in extended.get((folder, name), ())] if owner == pack else [],
                 "changed": bool(changed & {layer.path for layer in layers.of(folder, name) if layer.pack == pack})}
                for name, owner in layers.names(folder).items()
                if owner == pack or pack in extended.get((folder, name), ())
                for value in [layers.merged(folder, name)]
            ]
            if listed:
                kinds.append({"folder": folder, "label": kinds_said(folder, state.language), "definitions": listed})
        yield {"name": pack, "label": packs.get(pack, pack), "kinds": kinds, "export_url": f"/design/{draft.id}/export?pack={pack}",
               "file_url": f"/design/{draft.id}/file?path={layers.header(pack).path}" if layers.header(pack) else ""}  # type: ignore[union-attr]


def _of_object(layers: Layers, folder: str, name: str, language: str) -> str:
    """Workflows are known by their object."""
    return layers.label("objects", name, language) if KINDS[folder].name_key == "object" else name


def _found(layers: Layers, draft: Draft, language: str, q: str) -> Iterator[dict[str, Any]]:
    """Definitions and elements whose name or label, in any language, holds the words."""
    wanted, count = q.casefold(), 0
    for folder in KINDS:
        for name, owner in layers.names(folder).items():
            value = layers.merged(folder, name)
            where = kinds_said(folder, language)
            label = label_of(value, language) or _of_object(layers, folder, name, language)
            if _holds(value, name, wanted):
                yield {"label": label, "name": name, "where": where, "pack": owner, "url": definition_url(draft.id, folder, name)}
                count += 1
            for section in SECTIONS.get(folder, ()):
                for element, part in layers.elements(folder, name, (section,)).items():
                    if _holds(part, element, wanted):
                        yield {"label": label_of(part, language) or element, "name": element,
                               "where": f"{label} · {section_said((section,), language)}", "pack": owner,
                               "url": f"{definition_url(draft.id, folder, name)}#{section}-{element}"}
                        count += 1
                    if count >= FOUND:
                        return


def _holds(value: dict[str, Any], name: str, wanted: str) -> bool:
    label = value.get("label")
    texts = [label] if isinstance(label, str) else list(label.values()) if isinstance(label, dict) else []
    return wanted in name or any(wanted in str(text).casefold() for text in texts)


def _log(state: RequestState, draft: Draft) -> list[dict[str, Any]]:
    said = "zh" if state.language.startswith("zh") else "en"
    locale = locale_of(state.release, state.language)
    entries = list(reversed(draft.log))[:30]
    who = names_of(state, {entry.by for entry in entries})
    return [
        {"said": entry.said[said], "when": moment(entry.at, locale), "who": who.get(entry.by, ""), "undone": entry.undone}
        for entry in entries
    ]
