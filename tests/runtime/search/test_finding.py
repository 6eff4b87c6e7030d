"""The search box over records: in step with every change, and never a way to learn what the reader may not see.

1. A record is found as soon as it is saved, by its new values only, and no more once it is deleted.
2. Names by characters, sounds and initials; phones by any part; several words, each in some field.
3. A field that the reader may not see whole in a row finds that row for nobody but those who may (threats 0.2).
4. Rows of other clinics are not found.
"""

from __future__ import annotations

import pytest

from runtime.identity.actor import Actor
from runtime.records.commands import Delete, Restore, Update
from runtime.search.follower import Indexing
from runtime.store import system
from tests.runtime.records.conftest import world  # noqa: F401
from tests.runtime.records.world import LI, NORTH, SOUTH, World, person

MANAGER = person(("manager", NORTH))
DESK = person(("desk", NORTH))


@pytest.fixture
def clinic(world: World) -> World:  # noqa: F811
    world.records.followers = (Indexing(),)
    return world


def names(clinic: World, typed: str, actor: Actor | None = None, **more: object) -> dict[str, list[str]]:
    """Titles by object."""
    finds = clinic.records.find(typed, actor or MANAGER, **more)  # type: ignore[arg-type]
    return {one.object.name: [str(found.row.title) for found in one.found] for one in finds}


def test_in_step_with_changes(clinic: World):
    """1. Create, update, delete, restore; an index row for each field that holds something."""
    id = clinic.make("patient", clinic=NORTH, name="王小芳", phone="138 0013 8000")
    assert names(clinic, "小芳") == {"patient": ["王小芳"]}
    clinic.ok(Update("patient", id, {"name": "李雷"}, 1), MANAGER)
    assert (names(clinic, "小芳"), names(clinic, "li"), names(clinic, "8000")) == ({}, {"patient": ["李雷"]}, {"patient": ["李雷"]})
    assert clinic.count(system.search, system.search.c.record_id == id) == 3
    clinic.ok(Delete("patient", id), MANAGER)
    assert (names(clinic, "李雷"), clinic.count(system.search, system.search.c.record_id == id)) == ({}, 0)
    clinic.ok(Restore(id), MANAGER)
    assert names(clinic, "李雷") == {"patient": ["李雷"]}


def test_ways_to_find(clinic: World):
    """2. By sound, by initials, by the tail of a phone, by number; two words in two fields; the reason where the title does not show it."""
    clinic.make("patient", clinic=NORTH, name="单小芳", phone="138 0013 8000")
    clinic.make("patient", clinic=NORTH, name="王小芳", phone="139 0013 9999")
    assert names(clinic, "sxf") == {"patient": ["单小芳"]} == names(clinic, "shanxiao") == names(clinic, "8000") == names(clinic, "小芳 8000")
    assert names(clinic, "小芳") == {"patient": ["王小芳", "单小芳"]}
    assert names(clinic, "0002") == {"patient": ["王小芳"]}
    assert names(clinic, "芳小") == names(clinic, "x") == names(clinic, "  ") == names(clinic, '" OR *') == {}
    [finds] = clinic.records.find("8000", MANAGER)
    assert [(field.name, text) for field, text in finds.found[0].because] == [("phone", "138 0013 8000")]
    assert clinic.records.find("sxf", MANAGER)[0].found[0].because == ()


def test_few_of_many(clinic: World):
    """2. Those whose title begins with it first, then the newest; `more` tells that there are others."""
    for n in range(8):
        clinic.make("patient", clinic=NORTH, name=f"张王{n}")
    clinic.make("patient", clinic=NORTH, name="王一")
    clinic.make("patient", clinic=NORTH, name="张王末")
    [finds] = clinic.records.find("王", MANAGER, limit=3)
    assert ([str(one.row.title) for one in finds.found], finds.more) == (["王一", "张王末", "张王7"], True)
    assert names(clinic, "王", objects=("visit",)) == {}


def test_an_old_one_behind_many_that_only_look_alike(clinic: World):
    """2. Newer texts that have all the pieces but not the word hide no older one that has it."""
    clinic.make("patient", clinic=NORTH, name="abcdab")
    for _ in range(30):
        clinic.make("patient", clinic=NORTH, name="cdabcdx")
    [finds] = clinic.records.find("abcdab", MANAGER, limit=3)
    assert ([str(one.row.title) for one in finds.found], finds.more) == (["abcdab"], False)


def test_only_fields_that_are_seen(clinic: World):
    """3. The desk sees phones masked but for the patients whose doctor she is: only those are found by phone."""
    clinic.make("patient", clinic=NORTH, name="甲", phone="138 0013 8000")
    clinic.make("patient", clinic=NORTH, name="乙", phone="138 0013 8000", doctor=LI)
    assert names(clinic, "8000") == {"patient": ["乙", "甲"]}
    assert names(clinic, "8000", DESK) == {"patient": ["乙"]}
    assert names(clinic, "甲", DESK) == {"patient": ["甲"]}
    assert names(clinic, "甲 8000", DESK) == {}


def test_only_rows_that_are_seen(clinic: World):
    """4. Another clinic's patients, and objects without a right to read."""
    clinic.make("patient", clinic=SOUTH, name="王小芳")
    assert names(clinic, "王小芳") == {}
    assert names(clinic, "王小芳", person(("caller", SOUTH))) == {}
    assert names(clinic, "王小芳", person(("manager", SOUTH))) == {"patient": ["王小芳"]}
