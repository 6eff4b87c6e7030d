"""The first rows of every state by one statement, and the stream of what happened to all that is about a person.

1. Each state gives its first rows in the order of the list and says whether there are more; closed ones their last.
2. Rows of another clinic, and states that the reader may not see, are not there.
3. The stream holds the entries of every readable record about the person, newest first, page by page without gaps.
4. Who may not see a field finds no change of it; who may not read a record finds nothing of it, not even a further page.
"""

from __future__ import annotations

import pytest

from runtime.records.commands import Transition, Update
from runtime.records.lanes import Lane
from runtime.records.query import ListQuery
from runtime.records.rows import BadQuery, UnknownObject
from tests.runtime.records.world import NORTH, SOUTH, World, person

NURSE, DESK = person(("nurse", NORTH)), person(("desk", NORTH))


def _patient(world: World, clinic: str = NORTH, **values: object) -> str:
    return world.make("patient", clinic, name="Patient", **values)


def _tasks(world: World, count: int, clinic: str = NORTH) -> list[str]:
    visit = world.make("visit", patient=_patient(world, clinic))
    return [world.make("task", visit=visit, step=f"{n}", due=f"2026-03-{n + 1:02}") for n in range(count)]


def test_first_rows_of_each_state(world: World) -> None:
    """Requirement 1."""
    ids = _tasks(world, 5)
    for id in ids[1:4]:
        world.ok(Transition("task", id, "drop", reason="x"))
    query = ListQuery(object="task", fields=("step",), sort="due")
    lanes = world.records.board(query, [Lane("planned", 1), Lane("running", 2), Lane("done", 2, closed=True)], NURSE)
    assert {state: [row.values[0] for row in rows] for state, rows in lanes.rows.items()} == {"planned": ["0"], "running": [], "done": ["3", "2"]}
    assert lanes.more == {"planned", "done"}


def test_what_may_not_be_read_is_not_there(world: World) -> None:
    """Requirement 2."""
    near, far = _tasks(world, 1), _tasks(world, 1, SOUTH)
    query = ListQuery(object="task", fields=())
    nurse = world.records.board(query, [Lane("planned", 9)], NURSE)
    assert set(nurse.ids) & {*near, *far} == set(near)
    with pytest.raises(UnknownObject):
        world.records.board(query, [Lane("planned", 9)], DESK)
    with pytest.raises(UnknownObject):
        world.records.board(ListQuery(object="patient"), [Lane("planned", 9)], NURSE)


def test_stream_of_a_person(world: World) -> None:
    """Requirement 3."""
    patient = _patient(world)
    visit = world.make("visit", patient=patient)
    task = world.make("task", visit=visit, step="call")
    world.ok(Update("patient", patient, {"name": "New"}, None))
    world.ok(Transition("task", task, "start"))
    world.make("visit", patient=_patient(world))
    seen, called, changed, after = [], set(), [], None
    for _page in range(9):
        found = world.records.stream("patient", patient, NURSE, limit=2, after=after)
        assert found is not None
        seen += [(one.object.name, one.id, one.entry.action) for one in found.happenings]
        called |= {(one.object.name, one.id, one.title) for one in found.happenings}
        changed += [(change.field.name, change.new) for one in found.happenings for change in one.entry.changes]
        after = found.next
        if after is None:
            break
    assert seen == [("task", task, "start"), ("patient", patient, "update"), ("task", task, "create"), ("visit", visit, "create"),
                    ("patient", patient, "create")]
    assert changed == [("status", "running"), ("name", "New")]
    listed = {(name, id): world.records.list(ListQuery(object=name, ids=(id,)), NURSE).rows[0].title for name, id, _title in called}
    assert called == {(name, id, title) for (name, id), title in listed.items()}
    with pytest.raises(BadQuery):
        world.records.stream("patient", patient, NURSE, after="nonsense")


def test_stream_follows_the_reader(world: World) -> None:
    """Requirement 4: desk sees neither tasks nor the date of birth; a page full of what she may not see is no page."""
    patient = _patient(world, born="1990-01-01")
    visit = world.make("visit", patient=patient)
    world.ok(Update("patient", patient, {"born": "1991-01-01"}, None))
    for n in range(3):
        world.make("task", visit=visit, step=f"{n}")
    found = world.records.stream("patient", patient, DESK, limit=3)
    assert found is not None
    assert [(one.object.name, one.entry.action) for one in found.happenings] == [("patient", "update"), ("visit", "create"), ("patient", "create")]
    assert found.happenings[0].entry.changes == ()
    assert found.next is None
    assert world.records.stream("patient", _patient(world, SOUTH), DESK) is None


def test_created_rows_are_in_the_stream_of_their_person_only(world: World) -> None:
    """Requirement 3: a link to another patient that does not say whom the row is about leads nowhere."""
    one, other = _patient(world), _patient(world)
    visit = world.make("visit", patient=one)
    found = world.records.stream("patient", other, NURSE)
    assert found is not None
    assert visit not in {happening.id for happening in found.happenings}
