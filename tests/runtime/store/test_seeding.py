"""Records that packs ship: there after the publish, once, and treated by their upgrade rule afterwards."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from runtime.store.errors import Refused
from runtime.store.invariants import breaches
from tests.runtime.store.publishing import VISIT, Clinic

ROOM = """
name: room
belongs_to: organisation
fields:
  code: {type: text, max: 10, required: true}
  name: {type: text, max: 40}
  size: {type: integer}
  beside: {type: link, to: room}
unique: {by_code: [code]}
"""
DATA = """
name: rooms
object: room
key: [code]
upgrade: keep
records:
  second: {code: R2, name: Second, beside: {record: rooms.first}}
  first: {code: R1, name: First}
"""


def files(data: str = DATA) -> dict[str, str]:
    return {"objects/visit.yaml": VISIT, "objects/room.yaml": ROOM, "data/rooms.yaml": data}


def rooms(clinic: Clinic) -> dict[object, tuple[object, object]]:
    columns = [clinic.values("room", name) for name in ("code", "name", "size")]
    return {code: (name, size) for code, name, size in zip(*columns, strict=True)}


def test_shipped_records_are_there_once(clinic: Clinic):
    """With their links, history and audit, in the transaction of the publish; unchanged data is not touched again."""
    clinic.publish(files())
    assert rooms(clinic) == {"R1": ("First", None), "R2": ("Second", None)}
    (beside,) = [id for id in clinic.values("room", "beside") if id]
    table = clinic.store.release().tables.object("room")
    with clinic.store.read() as connection:
        assert connection.scalar(sa.select(table.column("code")).where(table.table.c.id == beside)) == "R1"
        assert connection.scalar(sa.text("SELECT count(*) FROM cw_history WHERE object = 'test:room'")) == 2
    clinic.publish({**files(), "objects/visit.yaml": VISIT + "  fee: {type: integer}\n"})
    assert len(rooms(clinic)) == 2 and breaches(clinic.store, deep=True) == []


@pytest.mark.parametrize(("upgrade", "expected"), [
    ("keep", ("First", None)), ("fill", ("First", 9)), ("replace", ("Premier", 9)),
])
def test_what_is_there_is_kept_filled_or_replaced(clinic: Clinic, upgrade: str, expected: tuple[object, object]):
    """The upgrade rule decides about a record that is found again by its key; a new one is added in any case."""
    clinic.publish(files())
    changed = DATA.replace("upgrade: keep", f"upgrade: {upgrade}").replace("name: First", "name: Premier, size: 9")
    clinic.publish(files(changed + "  third: {code: R3}\n"))
    found = rooms(clinic)
    assert found["R1"] == expected and found["R3"] == (None, None) and len(found) == 3


def test_a_record_that_cannot_be_written_undoes_the_publish(clinic: Clinic):
    """The refusal has the record's place; neither table nor release is there."""
    live = clinic.live
    bad = ROOM + "checks: {big: {rule: \"size > 3\", message: too small}}\n"
    with pytest.raises(Refused) as refusal:
        clinic.publish({**files(DATA.replace("name: First", "name: First, size: 2")), "objects/room.yaml": bad})
    (problem,) = refusal.value.problems
    assert (problem.code.code, problem.place.file, problem.place.line) == ("PLAN-015", "test/data/rooms.yaml", 8)
    assert "too small" in problem.message and clinic.live == live
    with clinic.store.read() as connection:
        assert not sa.inspect(connection).has_table("o_room")
