"""The index is brought to what a release searches: after a publish, for shipped records, and for a database from before.

1. What a publish makes searchable is found once the jobs are done; a publish that changes nothing searched makes no job.
2. An index that is missing altogether is made at the start of a process, in slices; starting again does nothing.
3. Records that packs ship are found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import delete, func, select

from runtime.jobs.kinds import Workplace
from runtime.jobs.runner import Runner
from runtime.search import filling
from runtime.search.released import catch_up
from runtime.store import system
from runtime.store.database import Store
from tests.fixtures.clock import FixedClock
from tests.runtime.jobs.sinks import workplace_of
from tests.runtime.store import publishing
from tests.runtime.store.publishing import Clinic

VISIT = publishing.VISIT.replace("belongs_to", 'title: "{patient.name}"\nbelongs_to')
SEARCHED = VISIT.replace("max: 80", "max: 80, search: true")
CLINICS = "{name: clinics, object: clinic, key: [name], records: {one: {name: 王小芳}}}"


@pytest.fixture
def clinic(database_url: str, clock: FixedClock) -> Iterator[Clinic]:
    store = Store.open(database_url, clock=clock)
    yield Clinic(store)
    store.close()


def work(clinic: Clinic, clock: FixedClock) -> Workplace:
    """Do the jobs that wait."""
    workplace = workplace_of(clinic.store, clock, clinic.new_id)
    Runner(workplace, "one").run_due()
    return workplace


def titles(workplace: Workplace, clinic: Clinic, typed: str) -> list[str]:
    finds = workplace.records.find(typed, clinic.actor, limit=1000)
    return [found.row.title or found.row.id for one in finds for found in one.found]


def indexed(clinic: Clinic) -> int:
    with clinic.store.read() as connection:
        return connection.scalar(select(func.count()).select_from(system.search)) or 0


def waiting(clinic: Clinic) -> int:
    with clinic.store.read() as connection:
        job = system.job
        return connection.scalar(select(func.count()).select_from(job).where(job.c.kind == filling.NAME, job.c.state == "waiting")) or 0


def test_a_publish_that_searches_more(clinic: Clinic, clock: FixedClock):
    """1. A field with `search: true` is found through; a label alone changes nothing."""
    clinic.publish({"objects/visit.yaml": VISIT})
    clinic.put("patient", f"{1:032x}", name="王小芳")
    clinic.put("visit", f"{2:032x}", patient=f"{1:032x}", note="种植体复查")
    workplace = work(clinic, clock)
    assert (titles(workplace, clinic, "王小"), titles(workplace, clinic, "复查")) == (["王小芳"], [])
    clinic.publish({"objects/visit.yaml": SEARCHED})
    assert waiting(clinic) == 1
    assert len(titles(work(clinic, clock), clinic, "复查")) == 1
    clinic.publish({"objects/visit.yaml": SEARCHED.replace("Visit", "Consultation")})
    assert waiting(clinic) == 0
    clinic.publish({"objects/visit.yaml": VISIT})
    assert titles(work(clinic, clock), clinic, "复查") == []


def test_what_is_searched_no_more_leaves_nothing(clinic: Clinic, clock: FixedClock, monkeypatch: pytest.MonkeyPatch):
    """1. Of an object without a searched field, in slices; nobody follows its records any more."""
    monkeypatch.setattr(filling, "SLICE", 2)
    clinic.publish({"objects/visit.yaml": SEARCHED})
    clinic.put("patient", f"{1:032x}", name="王小芳")
    for n in range(2, 7):
        clinic.put("visit", f"{n:032x}", patient=f"{1:032x}", note="种植体复查")
    with clinic.store.write() as connection:
        connection.execute(delete(system.setting).where(system.setting.c.name == "search"))
    catch_up(clinic.store, clinic.new_id)
    assert len(titles(work(clinic, clock), clinic, "复查")) == 5 == indexed(clinic) - 1
    clinic.publish({"objects/visit.yaml": VISIT})
    work(clinic, clock)
    assert indexed(clinic) == 1


def test_a_database_from_before(clinic: Clinic, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, new_id: Callable[[], str]):
    """2. Slices of three over eight patients."""
    monkeypatch.setattr(filling, "SLICE", 3)
    clinic.publish({"objects/visit.yaml": VISIT})
    for n in range(8):
        clinic.put("patient", f"{n:032x}", name=f"王{n}")
    with clinic.store.write() as connection:
        connection.execute(delete(system.setting))
        connection.execute(delete(system.job))
    catch_up(clinic.store, new_id)
    assert waiting(clinic) == len(filling.wanted(clinic.store.release().model))
    assert len(titles(work(clinic, clock), clinic, "王")) == 8 == indexed(clinic)
    catch_up(clinic.store, new_id)
    assert waiting(clinic) == 0


def test_shipped_records(clinic: Clinic, clock: FixedClock):
    """3. With the release that ships them, and when they change without a change of the object."""
    clinic.publish({"objects/visit.yaml": VISIT})
    work(clinic, clock)
    clinic.publish({"objects/visit.yaml": VISIT, "data/clinics.yaml": CLINICS})
    assert titles(work(clinic, clock), clinic, "wxf") == ["王小芳"]


def test_a_run_that_another_overtakes(clinic: Clinic, clock: FixedClock, monkeypatch: pytest.MonkeyPatch):
    """1. Two publishes shortly after each other fill an object once: the first run ends where it is."""
    monkeypatch.setattr(filling, "SLICE", 2)
    clinic.publish({"objects/visit.yaml": SEARCHED})
    for n in range(5):
        clinic.put("patient", f"{n + 1:032x}", name="王小芳")
    release = clinic.store.release()
    patients = {release.model.objects["patient"].id}
    filled: list[str] = []
    fill = filling._fill
    monkeypatch.setattr(filling, "_fill", lambda connection, release, object, after: filled.append(after) or fill(connection, release, object, after))
    work(clinic, clock)
    filled.clear()
    for _ in range(2):
        with clinic.store.write() as connection:
            filling.begin(connection, release, now=clock(), new_id=clinic.new_id, also=patients)
    assert waiting(clinic) == 1
    workplace = work(clinic, clock)
    assert filled == ["", f"{2:032x}", f"{4:032x}"] and len(titles(workplace, clinic, "小芳")) == 5
