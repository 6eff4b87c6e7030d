"""Hostile input: whatever the bytes, a check ends quickly with problems that have places, and never raises."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
import yaml

from engine.text import Source, check, read_bytes, read_folder
from engine.text.limits import MAX_DEPTH
from tests.builders import files_of, problems_of
from tests.spent import quick

PACKS = Path(__file__).resolve().parents[3] / "definitions" / "packs"
VALUES = ["5", "[]", "{}", "null", "true", "[a, b]", "{a: b}", "''", "x.y.z", "'{'", "-1", "1.5", "[[]]", "{x: {y: {z: 1}}}",
          "core:patient"]
KEYS = ["name", "type", "object", "to", "of", "was", "id", "hidden", "retired", "after", "extend", "fields", "x"]


def judged(source: Source) -> list[str]:
    """The problems as printed; asserts that each has a place within its file."""
    found = list(quick(lambda: check(source), below=2).problems)
    for problem in found:
        assert problem.place.line >= 1 and problem.place.column >= 1 and problem.as_json()["fix"]
    return [str(problem) for problem in found]


@pytest.mark.parametrize("text", [
    "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b, *b]\n", "&a [*a]", "? {}\n: x", "{[]: 1}", "- - - a\n", "a: b: c", "%TAG ! x\n---\na",
    "\"\\x\"", "'", "a: 'b", "{",
    "[" * 100_000, "{a: " * 100_000, "- " * 100_000, "a: |9\n  x\n", "!!binary x", "? ? ? a", "---\n---\n",
    "a:\n" * 50_000, "x" * 900_000, ("k" * 1025) + ": v", "\x7f", "a: \ud7ff\ue000", "null", "5", "[]", "''", "... \n",
    "\u2028", "a: \r\rb",
], ids=map(str, range(30)))
@pytest.mark.parametrize("kind", ["objects", "roles"])
def test_bombs_and_oddities(text: str, kind: str) -> None:
    """A-84: laughs, self-alias, odd keys, depth, long scalars: a problem at a place, not an exception."""
    assert judged(read_bytes(files_of({f"{kind}/x.yaml": text})))
    assert judged(read_bytes(files_of({f"{kind}/x.json": text})))


def test_random_damage_to_real_packs_never_raises() -> None:
    """Lines lost, doubled, cut and overwritten in the shipped packs, with a fixed seed."""
    original = read_folder(PACKS / "dental_implant").files
    rng = random.Random(20261122)
    for _ in range(25):
        files = dict(original)
        for path in rng.sample(sorted(files), 3):
            files[path] = _damaged(rng, files[path].decode()).encode()
        judged(read_bytes(files))


def _damaged(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    return rng.choice([
        lambda: "\n".join(lines[:at] + lines[at + 1:]),
        lambda: "\n".join(lines[:at]),
        lambda: "\n".join([*lines[:at], rng.choice(lines), *lines[at:]]),
        lambda: re.sub(r": [^,{}\[\]\n]+", lambda m: f": {rng.choice(VALUES)}" if rng.random() < 0.15 else m[0], text),
        lambda: re.sub(r"\b\w+:", lambda m: f"{rng.choice(KEYS)}:" if rng.random() < 0.05 else m[0], text),
    ])()


@pytest.mark.parametrize(("count", "files"), [
    (10_000, {"objects/x.yaml": "name: x\nfields:\n" + "".join(f"  f{n}: {{type: integer}}\n" for n in range(10_000))}),
    (5_000, {"choices/x.yaml": "name: x\noptions:\n" + "".join(f"  f{n}: {{label: x}}\n" for n in range(5_000))}),
], ids=["10,000 fields", "5,000 options"])
def test_large_definitions_are_checked_in_time(count: int, files: dict[str, str]) -> None:
    assert judged(read_bytes(files_of(files))) == []


def test_ten_thousand_wrong_names_are_reported_in_time() -> None:
    """Suggestions must not make a check quadratic."""
    fields = "".join(f"  f{n}: {{type: integer}}\n" for n in range(5_000))
    items = "".join(f"  g{n}: {{}}\n" for n in range(5_000))
    files = {"objects/x.yaml": f"name: x\nfields:\n{fields}", "forms/x.yaml": f"name: x\nobject: x\nitems:\n{items}"}
    found = judged(read_bytes(files_of(files)))
    assert len(found) == 5_000 and all("FIELD-001" in text for text in found)


def test_a_long_circle_is_found_without_recursion() -> None:
    fields = "".join(f"  f{n}: {{type: integer, formula: f{(n + 1) % 1_200}}}\n" for n in range(1_200))
    (found,) = problems_of({"objects/x.yaml": f"name: x\nfields:\n{fields}"})
    assert found.code.code == "FIELD-007" and len(found.message) < 200


def test_depth_is_counted_alike_in_both_forms() -> None:
    """One level below the limit is fine in both, one above it is refused in both."""
    for levels, refused in ((MAX_DEPTH - 1, False), (MAX_DEPTH, True)):
        for ending, text in (("yaml", "a: " + "[" * levels + "]" * levels), ("json", '{"a": ' + "[" * levels + "]" * levels + "}")):
            found = problems_of({f"choices/x.{ending}": text})
            assert any(p.code.code == "TEXT-013" for p in found) is refused


@pytest.mark.corpus
def test_sample_files_of_yaml_and_json(shared_data: Path) -> None:
    """The shared samples: JSON whose name begins with n_ is refused; nothing raises, whatever the file."""
    for file in sorted((shared_data / "bad_input" / "json").iterdir()):
        found = judged(read_bytes(files_of({"choices/x.json": file.read_bytes()})))
        assert found
        if file.name.startswith("n_"):
            assert any(" TEXT-" in text for text in found), file.name
    for file in sorted((shared_data / "bad_input" / "yaml").iterdir()):
        judged(read_bytes(files_of({"choices/x.yaml": file.read_bytes()})))
        for sample in yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader):  # noqa: S506 - texts only
            text = str(sample.get("yaml", "")).translate(str.maketrans({"␣": " ", "»": "\t", "—": "", "∎": "", "⇔": "\ufeff"}))
            assert judged(read_bytes(files_of({"choices/x.yaml": text.replace("←", "\r").replace("↵", "")})))
