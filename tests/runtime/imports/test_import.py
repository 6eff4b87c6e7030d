"""`carework import`, on both databases.

1. The American sample of 299 patients loads whole, with its phones as typed; a second run changes nothing.
2. Ten damaged lines are told with line, column and reason; the other 289 load.
3. Killed in the middle and run again, the result is the same.
4. A mapping that is wrong is refused with the place in it, before anything is written.
5. Rows are written with the rights of the account; a trial run writes nothing; changed rows are updated.
"""

from __future__ import annotations

import csv
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from runtime.store.database import Store
from tests.runtime.cli.conftest import ROOT, Cli

MAPPING = Path(__file__).with_name("patients_a.mapping.yaml")


@pytest.fixture
def patients(shared_data: Path) -> Path:
    return shared_data / "patients_import" / "patients_a.csv"


def _patients(cli: Cli, *columns: str) -> Sequence[sa.Row[tuple[object, ...]]]:
    """The patients' columns (`phone.e164` for a companion)."""
    store = Store.open(cli.url)
    table = store.release().tables.object("patient")
    with store.read() as connection:
        found = connection.execute(sa.select(*(table.column(*name.split(".")) for name in columns))).all()
    store.close()
    return found


def _summary(output: str) -> tuple[int, ...]:
    """created, updated, unchanged, refused, warnings"""
    found = re.search(r"created (\d+), updated (\d+), unchanged (\d+), refused (\d+), warnings (\d+)", output)
    assert found is not None, output
    return tuple(map(int, found.groups()))


def _import(cli: Cli, file: Path, mapping: Path = MAPPING, *more: str, code: int = 0) -> str:
    return cli("import", file, "--mapping", mapping, "--clinic", "XH", *more, code=code).output


def _write(folder: Path, table: str, mapping: str) -> tuple[Path, Path]:
    (folder / "table.csv").write_text(table, "utf-8")
    (folder / "mapping.yaml").write_text(mapping, "utf-8")
    return folder / "table.csv", folder / "mapping.yaml"


@pytest.mark.corpus
def test_american_patients(cli: Cli, patients: Path) -> None:
    """Requirement 1: 299, of whom 173 male, 126 female, 50 deceased; no phone is made into something it is not."""
    assert _summary(_import(cli, patients)) == (299, 0, 0, 0, 299)
    found = _patients(cli, "sex", "deceased_on", "phone", "phone.e164", "postal_code", "version")
    assert len(found) == 299
    assert [sum(row[0] == sex for row in found) for sex in ("male", "female")] == [173, 126]
    assert sum(row[1] is not None for row in found) == 50
    with patients.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert sorted(row[2] for row in found) == sorted(line["phone"] for line in lines)
    assert {row[3] for row in found} == {None}
    assert sorted(row[4] or "" for row in found) == sorted(line["postal_code"] for line in lines)
    assert _summary(_import(cli, patients)) == (0, 0, 299, 0, 299)
    assert _summary(_import(cli, patients.with_suffix(".xlsx"))) == (0, 0, 299, 0, 299)
    assert {row[5] for row in _patients(cli, "sex", "deceased_on", "phone", "phone.e164", "postal_code", "version")} == {1}


def _damage(content: str) -> tuple[str, list[tuple[int, str]]]:
    """The file with ten lines damaged, each in its own way, and (line, column) of each."""
    lines = content.split("\n")
    names = lines[0].split(",")

    def put(number: int, column: str, value: str) -> tuple[int, str]:
        cells = lines[number - 1].split(",")
        cells[names.index(column)] = value
        lines[number - 1] = ",".join(cells)
        return number, column

    told = [
        put(3, "sex", "mail"), put(11, "birth_date", "1956-13-03"), put(20, "deceased_at", "yesterday"), put(33, "marital_status", "X"),
        put(47, "source_id", ""), put(60, "birth_date", "2999-01-01"), put(71, "country", "United States"),
        put(85, "given_name", "A\0b"), put(99, "address", '"313 Lockman Row'),
    ]
    lines[119] = lines[119].rpartition(",")[0]
    return "\n".join(lines), [*told, (120, "language")]


@pytest.mark.corpus
def test_ten_damaged_lines_are_told_and_the_others_load(cli: Cli, patients: Path, tmp_path: Path) -> None:
    """Requirement 2, on the terminal and in the table of problems."""
    content, told = _damage(patients.read_text("utf-8"))
    (tmp_path / "damaged.csv").write_text(content, "utf-8", newline="")
    output = _import(cli, tmp_path / "damaged.csv", MAPPING, "--problems", str(tmp_path / "out.csv"), code=1)
    assert _summary(output)[:4] == (289, 0, 0, 10)
    assert len(_patients(cli, "id")) == 289
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        refused = [row for row in csv.DictReader(file) if row["kind"] == "refused"]
    assert [(int(row["line"]), row["column name"]) for row in refused] == told
    assert all(row["message"] and row["code"].startswith("IMPORT-") for row in refused)
    assert "damaged.csv:3:7 IMPORT-036 column 'sex':" in output
    assert _summary(_import(cli, patients))[:4] == (10, 0, 289, 0)


KILLED = """
import os, signal, sys
import runtime.imports.importing as importing
from runtime.cli.main import main
from runtime.records.writing.journal import Journal
importing.BATCH = 20
written, write = [], Journal.write
def stop(self, *arguments, **named):
    write(self, *arguments, **named)
    written.append(1)
    if len(written) == 5:
        os.kill(os.getpid(), signal.SIGKILL)
Journal.write = stop
main(sys.argv[1:])
"""


@pytest.mark.corpus
def test_killed_in_the_middle_and_run_again(cli: Cli, patients: Path) -> None:
    """Requirement 3: killed inside the fifth transaction, four are there; the second run adds the rest."""
    command = [sys.executable, "-c", KILLED, "import", str(patients), "--mapping", str(MAPPING), "--clinic", "XH"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **cli.env}, capture_output=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert len(_patients(cli, "id")) == 80
    assert _summary(_import(cli, patients)) == (219, 0, 80, 0, 299)
    assert len(set(_patients(cli, "external_id"))) == 299
    assert "ok" in cli("doctor", "--deep").output


def test_changed_rows_are_updated_and_the_rest_left_alone(cli: Cli, tmp_path: Path) -> None:
    """Requirement 5: by the key; an empty cell empties the field, what is not mapped stays."""
    mapping = "object: patient\nkey: [external_id]\ncolumns: {external_id: id, name: name, city: city}\n"
    files = _write(tmp_path, "id,name,city\n1,李雷,上海\n2,韩梅,杭州\n", mapping)
    assert _summary(_import(cli, *files)) == (2, 0, 0, 0, 0)
    files = _write(tmp_path, "id,name,city\n2,韩梅,\n1,李雷,上海\n3,王芳,苏州\n", mapping)
    assert _summary(_import(cli, *files)) == (1, 1, 1, 0, 0)
    assert sorted(_patients(cli, "external_id", "city", "version")) == [("1", "上海", 1), ("2", None, 2), ("3", "苏州", 1)]


def test_a_key_twice_in_the_table_is_told(cli: Cli, tmp_path: Path) -> None:
    """Requirement 5: the first line counts, the second names it."""
    files = _write(tmp_path, "id,name\n1,甲\n1,乙\n", "object: patient\nkey: [external_id]\ncolumns: {external_id: id, name: name}\n")
    output = _import(cli, *files, code=1)
    assert _summary(output)[:4] == (1, 0, 0, 1) and "table.csv:3:1 IMPORT-032 column 'id': the same key stands in line 2." in output


def test_trial_run_meets_every_rule_and_writes_nothing(cli: Cli, tmp_path: Path) -> None:
    """Requirement 5."""
    files = _write(tmp_path, "n,born\n甲,1990-01-01\n乙,2999-01-01\n", "object: patient\ncolumns: {name: n, birth_date: born}\n")
    output = _import(cli, *files, "--dry-run", code=1)
    assert _summary(output)[:4] == (1, 0, 0, 1) and "nothing was written" in output
    assert _patients(cli, "id") == []


def test_values_dates_links_and_countries(cli: Cli, tmp_path: Path) -> None:
    """Requirement 1: the rules of columns, each on one cell; a valid American number gets its E.164 form."""
    cli("user", "add", "wang", "--name", "王建国")
    mapping = """
object: patient
country: land
columns:
  name: {join: [given, family], with: "·"}
  sex: {from: s, values: {M: male, F: female}}
  birth_date: {from: b, date: "%d.%m.%Y"}
  doctor: {from: d, match: name}
  phone: tel
  language: {default: English}
"""
    table = "given;family;s;b;d;tel;land\nAnn;Lee;F;3.4.1980;王建国;(202) 456-1111;us\n李;;M;31.02.1980;;;\n雷;;;;王建;;\n"
    output = _import(cli, *_write(tmp_path, table, mapping), code=1)
    assert _summary(output) == (1, 0, 0, 2, 0)
    assert "table.csv:3:4 IMPORT-031 column 'b':" in output and "table.csv:4:5 IMPORT-033 column 'd': 0 records of 'staff'" in output
    [row] = _patients(cli, "name", "sex", "birth_date", "phone", "phone.e164", "language")
    assert (row[0], row[1], str(row[2]), row[3], row[4], row[5]) == (
        "Ann·Lee", "female", "1980-04-03", "(202) 456-1111", "+12024561111", "English")


def test_rows_need_the_accounts_rights(cli: Cli, tmp_path: Path) -> None:
    """Requirement 5: reception creates patients in her clinic and in no other; marketing writes none at all."""
    cli("user", "add", "chen", "--name", "陈", "--role", "reception", "--clinic", "XH")
    cli("user", "add", "he", "--name", "何", "--role", "marketing", "--clinic", "XH")
    files = _write(tmp_path, "n,p\n甲,13812345678\n", "object: patient\nkey: [phone]\ncolumns: {name: n, phone: p}\n")
    assert _summary(_import(cli, *files, "--as", "chen"))[:4] == (1, 0, 0, 0)
    (tmp_path / "table.csv").write_text("n,p\n乙,13912345678\n", "utf-8")
    refused = cli("import", files[0], "--mapping", files[1], "--clinic", "PD", "--as", "chen", code=1).output
    assert _summary(refused)[:4] == (0, 0, 0, 1) and "table.csv:2:1 IMPORT-036" in refused
    assert "no object 'patient' that this account may write" in _import(cli, *files, "--as", "he", code=1)
    assert len(_patients(cli, "id")) == 1


@pytest.mark.parametrize(
    ("mapping", "code", "place"),
    [
        ("object: patiens\ncolumns: {name: n}\n", "IMPORT-004", "1:1"),
        ("object: patient\ncolums: {name: n}\n", "IMPORT-001", "2:1"),
        ("object: patient\n", "IMPORT-002", "1:1"),
        ("object: patient\ncolumns:\n  nam: n\n", "IMPORT-005", "3:3"),
        ("object: patient\ncolumns:\n  name: n\n  number: n\n", "IMPORT-006", "4:3"),
        ("object: patient\ncolumns:\n  name: nn\n", "IMPORT-007", "3:3"),
        ("object: patient\ncolumns:\n  name: {from: n, vaules: {a: b}}\n", "IMPORT-001", "3:19"),
        ("object: patient\nkey: [external_id]\ncolumns: {name: n}\n", "IMPORT-009", "2:1"),
        ("object: patient\ncountry: Sweden\ncolumns: {name: n}\n", "IMPORT-007", "2:1"),
        ("object: patient\ncolumns: {name: twice}\n", "IMPORT-021", ""),
        ("object: &a patient\ncolumns: {name: n}\n", "TEXT-007", "1:9"),
        ("- a\n", "IMPORT-003", "1:1"),
    ],
)
def test_wrong_mappings_are_refused_with_their_place(sqlite_cli: Cli, tmp_path: Path, mapping: str, code: str, place: str) -> None:
    """Requirement 4."""
    files = _write(tmp_path, "n,twice,twice,\n甲,1,2,\n", mapping)
    output = _import(sqlite_cli, *files, code=1)
    where = f"mapping.yaml:{place}" if place else "table.csv:1:3"
    assert f"{where} {code}" in output, output
    assert _patients(sqlite_cli, "id") == []


def test_columns_nobody_uses_are_a_warning(sqlite_cli: Cli, tmp_path: Path) -> None:
    """Requirement 4: neither mapped nor ignored, double or without a header."""
    files = _write(tmp_path, "n,x,y,y,\n甲,1,2,3,4\n", "object: patient\ncolumns: {name: n}\nignore: [y]\n")
    output = _import(sqlite_cli, *files, code=1)
    assert "IMPORT-021" in output
    files = _write(tmp_path, "n,x,y,\n甲,1,2,4\n", "object: patient\ncolumns: {name: n}\nignore: [y]\n")
    output = _import(sqlite_cli, *files)
    assert "table.csv:1:2 IMPORT-008 warning" in output and "table.csv:1:4 IMPORT-022 warning" in output and "'y'" not in output


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "it is empty"), (b"PK\x03\x04 no workbook", "no workbook"), ("n\n甲\n".encode("utf-16"), "it is UTF-16"), (b'"n', "IMPORT-025")],
)
def test_tables_that_cannot_be_read(sqlite_cli: Cli, tmp_path: Path, content: bytes, told: str) -> None:
    """Requirement 2: one line, no traceback."""
    files = _write(tmp_path, "", "object: patient\ncolumns: {name: n}\n")
    files[0].write_bytes(content)
    assert told in _import(sqlite_cli, *files, code=1)


def test_a_masked_key_tells_nothing(cli: Cli, tmp_path: Path) -> None:
    """Requirement 5 (threat A-09): a nurse who sees the phone masked gets the same answer for a right and a wrong guess."""
    cli("user", "add", "lin", "--name", "林", "--role", "nurse", "--clinic", "XH")
    mapping = "object: patient\nkey: [phone]\ncolumns: {name: n, phone: p}\n"
    assert _summary(_import(cli, *_write(tmp_path, "n,p\n甲,13812345678\n", mapping)))[0] == 1
    right = _import(cli, *_write(tmp_path, "n,p\n甲,13812345678\n", mapping), "--as", "lin", code=1)
    wrong = _import(cli, *_write(tmp_path, "n,p\n甲,13812345679\n", mapping), "--as", "lin", code=1)
    assert right.split("IMPORT-")[1:] == wrong.split("IMPORT-")[1:] and "IMPORT-" in right
