"""Any file of a draft as text, with the problems at their lines; what its keys can be; packs to take along."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import orjson
from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from designer.blueprint import designer
from designer.drafts.checking import problems_of
from designer.drafts.draft import Draft
from designer.drafts.exporting import archive, of_pack
from designer.drafts.keeping import digest
from designer.edits.files import CreateFile, ReplaceText
from designer.layers import Layers
from designer.naming import name_of
from designer.shell import draft_of, drafts, head, problem_rows, show
from designer.uses import uses
from designer.views.editing import carried_out
from engine.text.kinds import KINDS
from runtime.web.errors import HttpProblem
from runtime.web.routes import Audit, Csrf, Policy, Rate, declare
from runtime.web.state import here

__all__: list[str] = []

_SCHEMAS = Path(__file__).parents[2] / "definitions" / "schemas"


@designer.get("/<record:id>/file")
@declare(policy=Policy.DESIGN)
def show_file(id: str) -> Response:
    """One file in the editor; a textarea without scripts."""
    state, draft = here(), draft_of(id)
    path = request.args.get("path", "")
    if path and path not in draft.files:
        raise HttpProblem("not_found")
    changed = set(draft.changed)
    tree: dict[str, list[dict[str, Any]]] = {}
    for name in sorted(draft.files):
        tree.setdefault(name.partition("/")[0] if "/" in name else "", []).append(
            {"path": name, "label": name.partition("/")[2] or name, "changed": name in changed, "current": name == path,
             "url": f"/design/{id}/file?path={name}"})
    text = draft.files.get(path, "")
    wanted = request.args.get("line", "")
    line = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 8 else 1
    return show(
        "file.html", draft=head(state, draft, "files"), tree=tree, path=path, text=text, digest=digest(text), schema=_schema_of(path),
        problems=problem_rows(draft, list(problems_of(draft, path))) if path else [], line=line,
        names=json.dumps(_names(draft), ensure_ascii=False), is_json=path.endswith(".json"),
    )


def _schema_of(path: str) -> str:
    """The kind whose schema a file follows, '' for none."""
    parts = path.split("/")
    if len(parts) == 3 and parts[1] in KINDS:
        return KINDS[parts[1]].schema
    return {"pack": "pack", "organisation": "organisation"}.get(parts[-1].partition(".")[0], "")


def _names(draft: Draft) -> dict[str, list[str]]:
    """Names that stand behind keys: completion offers them."""
    layers: Layers = draft.layers
    objects = list(layers.names("objects"))
    return {"object": objects, "to": objects, "of": list(layers.names("choices")), "on": objects, "create": objects,
            "ask": list(layers.names("forms")), "form": list(layers.names("forms"))}


@designer.post("/<record:id>/file")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="file")
def save_file(id: str) -> AnyResponse:
    """The text of a page without scripts; browsers send line breaks as CR LF, files keep their own."""
    state, draft = here(), draft_of(id)
    path, text = request.form.get("path", ""), request.form.get("text", "").replace("\r\n", "\n")
    if "\r\n" in draft.files.get(path, ""):
        text = text.replace("\n", "\r\n")
    expect = {path: request.form.get("digest", "")}

    def act() -> Draft:
        return drafts(state).edit(id, ReplaceText(path=path, text=text), state.who.id, state.now, expect=expect)

    return carried_out(state, id, act, lambda _: f"/design/{id}/file?path={path}")


@functools.cache
def _schema(kind: str) -> bytes:
    return (_SCHEMAS / f"{kind}.schema.json").read_bytes()


@designer.get("/schema")
@declare(policy=Policy.DESIGN)
def file_schema() -> Response:
    """The JSON Schema of a kind."""
    kind = request.args.get("kind", "")
    if kind not in {*(found.schema for found in KINDS.values()), "pack", "organisation"} or not (_SCHEMAS / f"{kind}.schema.json").is_file():
        raise HttpProblem("not_found")
    return Response(_schema(kind), content_type="application/json")


@designer.get("/<record:id>/problems")
@declare(policy=Policy.DESIGN)
def file_problems(id: str) -> Response:
    """The problems of one file as JSON."""
    draft, path = draft_of(id), request.args.get("path", "")
    return Response(orjson.dumps({"here": problem_rows(draft, list(problems_of(draft, path)))}), content_type="application/json")


@designer.get("/<record:id>/uses")
@declare(policy=Policy.DESIGN)
def show_uses(id: str) -> Response:
    """Where a definition or an element is used."""
    state, draft = here(), draft_of(id)
    folder, name = request.args.get("kind", ""), request.args.get("name", "")
    section = tuple(part for part in request.args.get("section", "").split(".") if part)
    element = request.args.get("element", "")
    if folder not in KINDS or not draft.layers.of(folder, name):
        raise HttpProblem("not_found")
    found = [{"path": use.path, "line": use.line, "text": use.text, "url": f"/design/{id}/file?path={use.path}&line={use.line}"}
             for use in uses(draft.files, folder, name, section, element)]
    return show("uses.html", draft=head(state, draft, "overview"), found=found, what=element or name,
                back=f"/design/{id}/definition?kind={folder}&name={name}")


@designer.get("/<record:id>/export")
@declare(policy=Policy.DESIGN, audit=Audit.NONE)
def export_pack(id: str) -> Response:
    """A pack of the draft, or without `pack` all of them, as a zip. Definitions hold no record of a patient."""
    draft, pack = draft_of(id), request.args.get("pack", "")
    files = of_pack(draft.files, pack)
    if not files or (pack and pack not in draft.layers.packs):
        raise HttpProblem("not_found")
    response = Response(archive(files), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{pack or "definitions"}.zip"'
    return response


@designer.post("/<record:id>/file/new")
@declare(policy=Policy.DESIGN, rate=Rate.WRITE, csrf=Csrf.FORM, payload="file")
def new_file(id: str) -> AnyResponse:
    """An empty file, for who writes text."""
    state = here()
    draft_of(id)
    path = request.form.get("path", "").strip()

    def act() -> Draft:
        stem = path.rpartition("/")[2].partition(".")[0]
        folder = path.split("/")[1] if path.count("/") == 2 else ""
        key = KINDS[folder].name_key if folder in KINDS else "name"
        return drafts(state).edit(id, CreateFile(path=path, value={key: name_of(stem, ())}), state.who.id, state.now)

    return carried_out(state, id, act, lambda _: f"/design/{id}/file?path={path}")
