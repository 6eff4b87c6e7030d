"""The published JSON Schemas: fresh, valid, and of one mind with our own walk over the nodes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml

from engine.fields import FIELD_TYPES
from engine.problems import Problems
from engine.registry import builtin
from engine.text.kinds import KINDS
from engine.text.nodes import SourceText, plain
from engine.text.schemas import as_text, schemas
from engine.text.validate import Validator
from engine.text.yaml_text import parse_yaml
from tests.builders import model_of, problems_of
from tests.engine.text.broken import CASES

ROOT = Path(__file__).resolve().parents[3]
KIND = {kind.folder: kind.schema for kind in KINDS.values()}


@pytest.mark.parametrize("kind", list(schemas(builtin())))
def test_files_are_fresh_and_valid(kind: str) -> None:
    """`.ci/schemas.py` writes them; editors complete and check with them."""
    schema = schemas(builtin())[kind]
    file = ROOT / "definitions" / "schemas" / f"{kind}.schema.json"
    assert file.read_text(encoding="utf-8") == as_text(schema), "run .ci/schemas.py"
    jsonschema.Draft202012Validator.check_schema(schema)


def test_every_definition_has_one_schema() -> None:
    """`x-files` tells editors which files are of which kind; no file that ships is of none or of two."""
    patterns = {kind: schema["x-files"] for kind, schema in schemas(builtin()).items()}
    files = [*(ROOT / "definitions" / "packs").rglob("*.yaml"), *(ROOT / "examples").rglob("*.yaml")]
    found = {file: [kind for kind, several in patterns.items() if any(map(file.match, several))] for file in files}
    assert {len(kinds) for kinds in found.values()} == {1}
    assert {kind for kinds in found.values() for kind in kinds} == set(patterns)


def _texts() -> Iterator[tuple[str, str]]:
    for file in sorted((ROOT / "definitions" / "packs").rglob("*/*/*.yaml")):
        yield KIND[file.parent.name], file.read_text(encoding="utf-8")
    for case in CASES:
        for path, text in case.files.items():
            kind = path.split("/")[0]
            if kind in KIND and path.endswith("yaml") and not case.code.startswith(("TEXT", "FILE")):
                yield KIND[kind], text.replace("«", "")


def test_our_walk_agrees_with_jsonschema() -> None:
    """The walk finds a fault exactly when jsonschema does, over all packs and all broken packs."""
    found = schemas(builtin())
    judged = {kind: jsonschema.Draft202012Validator(schema) for kind, schema in found.items()}
    walks = {kind: Validator(schema, kind) for kind, schema in found.items()}
    compared = {True: 0, False: 0}
    for kind, text in _texts():
        problems = Problems()
        node = parse_yaml(SourceText("p/x/y.yaml", "y.yaml", text), problems)
        assert node is not None
        walks[kind].document(node, problems)
        if kind == "object" and "extend" not in node.entries and node.map("fields"):  # type: ignore[union-attr]
            for name, _, field in node.map("fields").maps():  # type: ignore[union-attr]
                if field.text("type") in FIELD_TYPES:
                    walks[kind].part(f"field.{field.text('type')}", field, name, problems)
        value = json.loads(json.dumps(plain(node), default=float))
        mine = not list(problems)
        if kind == "object" and any(p.get("type") not in FIELD_TYPES for p in value.get("fields", {}).values()) and mine:
            continue  # a field's type is judged when its layers are merged: FIELD-002 and FIELD-003
        assert judged[kind].is_valid(value) == mine, f"{text}\n{[str(p) for p in problems]}"
        compared[mine] += 1
    assert compared[True] > 60 and compared[False] > 12


@pytest.mark.parametrize("name", list(FIELD_TYPES))
def test_the_example_of_every_field_type_compiles(name: str) -> None:
    """A field type brings its own example for the reference."""
    example = FIELD_TYPES[name].example
    files = {"objects/x.yaml": f"name: x\nfields:\n  f: {example}\n"}
    if name == "state":
        files["workflows/x.yaml"] = "object: x\nfield: f\ninitial: a\nstates: {a: {}}\ntransitions: {}\n"
    written = yaml.safe_load(example)
    if "of" in written:
        files[f"choices/{written['of']}.yaml"] = f"name: {written['of']}\noptions: {{a: {{}}}}\n"
    assert model_of(files).objects["x"].fields["f"].type.name == name


def test_keys_of_features_that_do_not_run_are_unknown() -> None:
    """Design, chapter 2: `encrypted: true` before encryption exists must not be taken silently."""
    found = problems_of({"objects/x.yaml": "name: x\nfields:\n  f: {type: text, encrypted: true}\n"})
    assert [(p.code.code, p.place.column) for p in found] == [("SHAPE-001", 19)]
