"""Folders: what is published comes out again byte for byte, with the release it is based on beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.store import publish as publishing
from runtime.store.errors import StoreError
from runtime.store.folder import BASE_FILE, export, incoming, read_base, write_base
from tests.builders import files_of
from tests.runtime.store.publishing import VISIT, Clinic

ORGANISATION = "name: chain\nlabel: Chain\npacks: [base, test]\n"
ODD = VISIT.replace("\n", "\r\n").encode() + "# 备注 without a line end".encode()


def write(path: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)


def read(path: Path) -> dict[str, bytes]:
    return {
        file.relative_to(path).as_posix(): file.read_bytes()
        for file in path.rglob("*") if file.is_file() and file.name != BASE_FILE
    }


def test_export_gives_back_every_byte(clinic: Clinic, tmp_path: Path):
    """An organisation's folder → publish → export: equal bytes, and the export is based on the live release."""
    files = files_of({"objects/visit.yaml": ODD, "organisation.yaml": ORGANISATION})
    write(tmp_path / "in", files)
    done = clinic.send(incoming(tmp_path / "in", base=clinic.live))
    assert export(clinic.store, tmp_path / "out") == done.hash
    assert read(tmp_path / "out") == files
    assert read_base(tmp_path / "out") == done.hash
    assert publishing.plan(clinic.store, incoming(tmp_path / "out")).nothing_to_do


def test_an_export_replaces_only_an_export(clinic: Clinic, tmp_path: Path):
    """Somebody's own folder is never overwritten; an earlier export loses the files that are gone."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(StoreError, match="empty folder"):
        export(clinic.store, tmp_path / "mine")
    export(clinic.store, tmp_path / "out")
    clinic.publish({"objects/consultation.yaml": VISIT.replace("name: visit", "name: consultation\nwas: [visit]")})
    export(clinic.store, tmp_path / "out")
    assert not (tmp_path / "out" / "test" / "objects" / "visit.yaml").exists()
    assert (tmp_path / "out" / "test" / "objects" / "consultation.yaml").exists()


def test_one_pack_leaves_the_others_alone(clinic: Clinic, tmp_path: Path):
    """Publishing a pack's folder replaces that pack, though packs it requires lie beside it, changed or not."""
    export(clinic.store, tmp_path)
    patient = tmp_path / "base" / "objects" / "patient.yaml"
    patient.write_text(patient.read_text().replace("max: 60", "max: 61"))
    visit = tmp_path / "test" / "objects" / "visit.yaml"
    visit.write_text(visit.read_text() + "  fee: {type: integer}\n")
    wanted = incoming(tmp_path / "test")
    assert wanted.packs == {"test"} and wanted.base == clinic.live
    clinic.send(wanted)
    objects = clinic.store.release().model.objects
    assert "fee" in objects["visit"].fields and objects["patient"].fields["name"].type.max == 60


def test_the_base_file(tmp_path: Path):
    """A folder without the file has no base; what is not a hash is said so."""
    assert read_base(tmp_path) is None
    write_base(tmp_path, "a" * 64)
    assert (tmp_path / BASE_FILE).read_text() == "a" * 64 + "\n" and read_base(tmp_path) == "a" * 64
    (tmp_path / BASE_FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(StoreError):
        read_base(tmp_path)
