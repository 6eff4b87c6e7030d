"""`doctor` finds what must never be: each planted fault gives its breach, a sound database gives none."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from runtime.store.invariants import breaches
from tests.runtime.store.publishing import VISIT, Clinic

P1, V1 = "a" * 32, "c" * 32
HISTORY = (
    "INSERT INTO cw_history (id, record_id, object, version, at, \"by\", action, release) "
    "VALUES ('{0}', '{1}', '{2}', {3}, '2026-03-02T00:00:00.000000Z', 'u', 'create', 'r')"
)

# statement that plants the fault → (invariant, a word of the message)
FAULTS = {
    "ALTER TABLE o_visit ADD COLUMN stray TEXT": ("I6", "stray is there without a field"),
    "CREATE TABLE o_stray (id TEXT)": ("I6", "o_stray is there without an object"),
    "CREATE INDEX stray ON o_visit (note)": ("I6", "stray on o_visit is there without a reason"),
    "ALTER TABLE o_visit RENAME COLUMN note TO gone": ("I6", "o_visit.note is missing"),
    "ALTER TABLE o_team_member RENAME TO o_gone": ("I6", "o_team_member is missing"),
    "DROP TABLE cw_sequence": ("I6", "cw_sequence is missing"),
    "ALTER TABLE cw_setting RENAME COLUMN value TO gone": ("I6", "cw_setting.value is missing"),
    "UPDATE cw_release SET state = 'candidate'": ("I7", "in state candidate"),
    "DELETE FROM cw_live_release": ("I7", "0 pointers"),
    "UPDATE o_visit SET version = 5": ("I2", "has version 5, its history ends at 1"),
    "DELETE FROM cw_history WHERE object = 'test:visit'": ("I2", "its history ends at None"),
    HISTORY.format("3" * 32, V1, "test:visit", 3): ("I5", "gap"),
    "UPDATE o_staff SET clinic_id = 'x'": ("I2", "not in the clinic it names"),
    f"INSERT INTO cw_deleted VALUES ('{V1}', 'test:visit', 1, '2026-03-02T00:00:00.000000Z', 'u', '{{}}', '[]', '[]')":
        ("I2", "among the deleted"),
}


@pytest.fixture
def sound(clinic: Clinic) -> Clinic:
    """A database with a few rows that agree with their history."""
    clinic.put("patient", P1, clinic_id=None)
    clinic.put("visit", V1, patient=P1, note="pain")
    clinic.put("staff", "b" * 32, name="Li")
    with clinic.store.write() as connection:
        for number, (id, object_id) in enumerate(((P1, "base:patient"), (V1, "test:visit"), ("b" * 32, "base:staff"))):
            connection.execute(sa.text(HISTORY.format(f"{number:032x}", id, object_id, 1)))
    return clinic


def test_a_sound_database_has_no_breach(sound: Clinic):
    """Neither after a publish."""
    assert breaches(sound.store, deep=True) == []
    sound.publish({"objects/visit.yaml": VISIT + "  fee: {type: integer, index: true}\n"})
    assert breaches(sound.store, deep=True) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(sound: Clinic, fault: str):
    """The breach has the invariant's number and says where."""
    invariant, words = FAULTS[fault]
    with sound.store.write() as connection:
        connection.exec_driver_sql(fault)
    found = breaches(sound.store, deep=True)
    assert any(breach.invariant == invariant and words in breach.message for breach in found), found


def test_changed_bytes_are_found(sound: Clinic):
    """A release whose stored bytes are not those it is named by."""
    with sound.store.write() as connection:
        connection.execute(sa.text("UPDATE cw_release_file SET bytes = :b WHERE path = 'test/pack.yaml'"), {
            "b": b"name: test\nversion: 9.9.9\nlanguage: 1\nlabel: Test\nrequires: {base: '>=1.0'}\n"})
    assert [breach.invariant for breach in breaches(sound.store)] == ["I7"]


def test_a_dangling_row_is_found_in_the_file(sqlite_backend, sound: Clinic):
    """SQLite's own checks are part of a deep look."""
    if sound.store.dialect != "sqlite":
        return
    connection = sound.store.main.writes.raw_connection()
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("DELETE FROM o_patient")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.close()
    assert any(breach.invariant == "file" and "points to nothing" in breach.message for breach in breaches(sound.store, deep=True))
