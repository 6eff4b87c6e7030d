"""Reading folders: which files belong to a pack, what is refused, where required packs are looked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.text import Source, check, read_bytes, read_folder

FOLDER_CODES = {"FILE-001", "FILE-002", "FILE-003", "FILE-004", "FILE-005", "FILE-006", "TEXT-003", "TEXT-004"}
"""Codes that need a folder or bytes that are no text; each has a test below."""

PACK = "name: {name}\nversion: 1.2.0\nlanguage: 1\n"


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def pack(root: Path, files: dict[str, str | bytes] | None = None, name: str = "mine", more: str = "") -> Path:
    return write(root / name, {"pack.yaml": PACK.format(name=name) + more, **(files or {})})


def codes(source: Source) -> list[tuple[str, str]]:
    return [(p.code.code, str(p.place)) for p in check(source).problems]


def test_problems_name_files_relative_to_the_folder_that_was_read(tmp_path: Path) -> None:
    """`objects/patient.yaml:6:11`, as the design prints it, while a release knows the file as `mine/objects/patient.yaml`."""
    source = read_folder(pack(tmp_path, {"objects/visit.yaml": "name: visit\nfields: {a: {type: txt}}\n"}))
    assert list(source.files) == ["mine/objects/visit.yaml", "mine/pack.yaml"]
    assert codes(source) == [("FIELD-002", "objects/visit.yaml:2:20")]


def test_a_folder_without_pack_and_organisation_is_refused(tmp_path: Path) -> None:
    assert codes(read_folder(tmp_path))[0][0] == "FILE-001"
    assert codes(read_folder(tmp_path / "absent"))[0][0] == "FILE-001"


def test_links_out_of_the_folder_are_refused_and_links_within_it_are_not(tmp_path: Path) -> None:
    """A pack from elsewhere must not read the server's files."""
    write(tmp_path, {"secret.yaml": "name: secret\noptions: {a: {}}\n"})
    folder = pack(tmp_path, {"choices/a.yaml": "name: a\noptions: {x: {}}\n"})
    (folder / "choices" / "b.yaml").symlink_to(tmp_path / "secret.yaml")
    (folder / "objects").symlink_to(tmp_path)
    (folder / "choices" / "c.yaml").symlink_to(folder / "choices" / "a.yaml")
    found = codes(read_folder(folder))
    assert ("FILE-002", "choices/b.yaml:1:1") in found
    assert ("FILE-002", "objects:1:1") in found
    assert ("NAME-004", "choices/c.yaml:1:7") in found


def test_too_many_files_are_refused_once(tmp_path: Path) -> None:
    folder = pack(tmp_path, {f"choices/c{n}.yaml": "" for n in range(2_001)})
    assert [code for code, _ in codes(read_folder(folder))].count("FILE-003") == 1


def test_unknown_folders_and_endings_are_problems(tmp_path: Path) -> None:
    folder = pack(tmp_path, {"object/a.yaml": "", "choices/a.txt": "", "choices/deep/a.yaml": "", "a.yaml": "", ".git/x": "",
                             "README.md": "", "notes.doc": ""})
    assert codes(read_folder(folder)) == [
        ("FILE-008", "a.yaml:1:1"), ("FILE-005", "choices/a.txt:1:1"), ("FILE-004", "choices/deep:1:1"),
        ("FILE-005", "notes.doc:1:1"), ("FILE-004", "object:1:1"),
    ]


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    folder = pack(tmp_path, {"choices/a.yaml": ""})
    (folder / "choices" / "loop.yaml").symlink_to(folder / "choices" / "loop.yaml")
    os.mkfifo(folder / "choices" / "pipe.yaml")
    found = codes(read_folder(folder))
    assert ("FILE-006", "choices/loop.yaml:1:1") in found
    assert ("FILE-006", "choices/pipe.yaml:1:1") in found


@pytest.mark.parametrize(("content", "code", "place"), [
    ("name: x\n".encode("utf-16"), "TEXT-004", "1:1"),
    ("name: x\n".encode("utf-8-sig"), "TEXT-004", "1:1"),
    ("name: x\n".encode("utf-32"), "TEXT-004", "1:1"),
    ("name: 男\nlabel: ".encode() + "男".encode("gb18030"), "TEXT-003", "2:8"),
    ("name: x\n".encode("utf-16-le"), "TEXT-005", "1:2"),
    (b"name: \xed\xa0\x80", "TEXT-003", "1:7"),
], ids=["utf-16", "utf-8 with mark", "utf-32", "gb18030", "utf-16 without mark", "surrogate"])
@pytest.mark.parametrize("ending", ["yaml", "json"])
def test_other_encodings_are_named(content: bytes, code: str, place: str, ending: str) -> None:
    """A-84: a file saved by a Chinese Windows editor gives a problem that says so, not garbage."""
    found = codes(read_bytes({"mine/pack.yaml": PACK.format(name="mine").encode(), f"mine/choices/x.{ending}": content}))
    assert (code, f"mine/choices/x.{ending}:{place}") in found


def test_required_packs_are_found_beside_the_folder_then_in_search_then_built_in(tmp_path: Path) -> None:
    beside, other = tmp_path / "beside", tmp_path / "other"
    pack(beside, {"choices/x.yaml": "name: x\noptions: {near: {}}\n"}, "low")
    pack(other, {"choices/x.yaml": "name: x\noptions: {far: {}}\n"}, "low")
    pack(other, {"choices/y.yaml": "name: y\noptions: {far: {}}\n"}, "lower")
    mine = pack(beside, {}, "mine", "requires: {low: '>=1.0', lower: '>=1.0'}\n")
    checked = check(read_folder(mine, search=[other]))
    assert checked.model is not None
    assert list(checked.model.choices["x"].options) == ["near"]
    assert list(checked.model.packs) == ["low", "lower", "mine"]
    assert codes(read_folder(mine)) == [("PACK-001", "pack.yaml:4:33")]


def test_check_looks_for_missing_packs_in_search(tmp_path: Path) -> None:
    """A stored release that gains a pack: the bytes know nothing of folders."""
    pack(tmp_path, {}, "low")
    source = read_bytes({"mine/pack.yaml": (PACK.format(name="mine") + "requires: {low: '1.2'}\n").encode()})
    assert check(source).model is None
    checked = check(source, search=[tmp_path])
    assert checked.model is not None and set(checked.source.files) == {"mine/pack.yaml", "low/pack.yaml"}


def test_an_organisation_lists_its_packs_in_layer_order(tmp_path: Path) -> None:
    write(tmp_path, {"organisation.yaml": "name: hexin\nlabel: {zh: 和心}\npacks: [low, own]\ntimezone: Asia/Urumqi\nlanguages: [zh]\n"})
    pack(tmp_path, {}, "low")
    pack(tmp_path / "packs", {"choices/x.yaml": "name: x\noptions: {}\n"}, "own", "requires: {low: '>=1'}\n")
    source = read_folder(tmp_path)
    assert codes(source) == [("CHOICE-002", "packs/own/choices/x.yaml:1:7")]
    (tmp_path / "packs/own/choices/x.yaml").write_text("name: x\noptions: {a: {}}\n")
    model = check(read_folder(tmp_path)).model
    assert model is not None
    assert (model.organisation.name, model.organisation.timezone, model.organisation.languages) == ("hexin", "Asia/Urumqi", ("zh",))
    assert list(model.packs) == ["low", "own"]


def test_the_content_hash_is_of_paths_and_bytes() -> None:
    """The same bytes under other paths, or cut at another place, are another release; the order of files is not."""
    one = read_bytes({"a/x": b"12", "a/y": b"3"})
    assert one.hash == read_bytes({"a/y": b"3", "a/x": b"12"}).hash
    assert len({one.hash, read_bytes({"a/x": b"1", "a/y": b"23"}).hash, read_bytes({"a/z": b"12", "a/y": b"3"}).hash}) == 3
    assert len(one.hash) == 64
