"""A runner does what is due, once, in order, and gives up on nothing but what fails too often.

1. Due jobs are done in the order of their times, others wait; what a job schedules for now is done in the same run.
2. A job that fails is tried again after longer and longer rests, then set aside with its problem, which holds no value; others go on.
3. Later is no failure; Aside is set aside at once; what a failed Inside job wrote is not there.
4. Outside: an exception leaves doubt, which the next attempt is told; Retry leaves none; what became of it is recorded.
5. After downtime `skip` jobs are left out, of a `merge` group the latest runs, the others run late; short delays miss nothing.
6. Jobs of one record keep their order among runners; a batch never takes a tried job along.
7. A job that hangs is stopped or gets a stand-in lane; other kinds go on; a runner stops within its job.
8. In threads, what this process schedules is done at once and what others schedule within a second.
9. Jobs of kinds that this program does not know are left alone. Old ones are purged.
10. Jobs that a kind wants to be there always are there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.model.effect import Missed
from runtime.jobs.catching_up import GRACE, Downtime
from runtime.jobs.claiming import LEASE, NO_WORD, claim
from runtime.jobs.job import Job, NewJob
from runtime.jobs.kinds import Aside, Finished, Inside, Later, Retry, Sending, Workplace
from runtime.jobs.purging import KEPT, purge
from runtime.jobs.queue import schedule
from runtime.jobs.standing import keep_standing
from runtime.store import system
from tests.fixtures.clock import FixedClock
from tests.runtime.jobs.sinks import Notes, Posts, noted, plan, posted, rows, runner_of

A, B = f"{0xA:032x}", f"{0xB:032x}"


def jobs(workplace: Workplace, *keys: str, kind: str = "note", **more: Any) -> None:
    plan(workplace, [NewJob(**{"kind": kind, "key": key, "due_at": workplace.clock(), **more}) for key in keys])


def states(workplace: Workplace) -> dict[str, str]:
    return {row.key: row.state for row in rows(workplace.store)}


def eventually(holds: Callable[[], object], seconds: float = 60.0) -> None:
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up, "it did not come about"
        time.sleep(0.02)


def test_what_is_due_in_order(workplace: Workplace, clock: FixedClock):
    """1."""
    for place, key in enumerate(("c", "a", "b")):
        jobs(workplace, key, due_at=clock() + timedelta(minutes=place - 3))
    jobs(workplace, "later", due_at=clock() + timedelta(seconds=1))
    runner = runner_of(workplace, Notes())
    assert (runner.run_due(), list(noted(workplace.store))) == (3, ["c", "a", "b"])
    assert runner.run_due() == 0
    assert runner.run_due(clock() + timedelta(seconds=1)) == 1
    assert {(row.state, row.holder, row.attempts) for row in rows(workplace.store)} == {("done", None, 1)}


def test_what_follows_is_done_too(workplace: Workplace):
    """1."""

    class Chain(Notes):
        def run(self, connection: sa.Connection, job: Job, release: Any, now: Any) -> None:
            super().run(connection, job, release, now)
            if len(job.key) < 4:
                schedule(connection, [NewJob(kind="note", key=job.key + "+", due_at=now)], now=now, new_id=workplace.new_id, release=release)

    jobs(workplace, "a")
    assert runner_of(workplace, Chain()).run_due() == 4
    assert dict(noted(workplace.store)) == {"a": 1, "a+": 1, "a++": 1, "a+++": 1}


def test_failing_until_set_aside(workplace: Workplace, clock: FixedClock):
    """2. F-20: the rests grow, the problem names the class of the error alone, the others of the batch are done."""
    def poison(job: Job) -> None:
        if job.key == "bad":
            raise ValueError("王芳 13800138000")

    jobs(workplace, "a", "bad", "c")
    runner = runner_of(workplace, Notes(poison))
    assert runner.run_due() == 3 and sorted(noted(workplace.store)) == ["a", "c"]
    rests = []
    while (bad := rows(workplace.store, key="bad")[0]).state == "waiting":
        rests.append((bad.due_at - clock()).total_seconds())
        clock.set(bad.due_at)
        assert runner.run_due() == 1
    assert rests == [2.0 * 2**n for n in range(Notes.attempts - 1)]
    assert (bad.state, bad.attempts, bad.holder) == ("aside", Notes.attempts, None)
    assert bad.problem.startswith("ValueError at tests/runtime/jobs/test_runner.py:") and "王芳" not in bad.problem
    assert sorted(noted(workplace.store)) == ["a", "c"]


@pytest.mark.parametrize("error", [SystemExit(3), MemoryError(), RecursionError()])
def test_what_a_kind_may_raise(workplace: Workplace, error: BaseException):
    """2. F-20: a kind that exits, or has no memory left, does not end the runner."""
    def failing(job: Job) -> None:
        if job.key == "bad":
            raise error

    jobs(workplace, "bad", "good")
    assert runner_of(workplace, Notes(failing)).run_due() == 2
    assert states(workplace) == {"bad": "waiting", "good": "done"}


def test_answers_of_an_inside_kind(workplace: Workplace, clock: FixedClock):
    """3. A time that has passed is a second later, so that nothing turns in circles."""
    answers = {"later": Later(clock() + timedelta(hours=2)), "past": Later(clock()), "aside": Aside("no such thing"), "retry": Retry("full")}
    jobs(workplace, *answers)
    assert runner_of(workplace, Notes(lambda job: answers[job.key])).run_due() == 4
    found = {row.key: (row.state, (row.due_at - clock()).total_seconds(), row.attempts, row.problem) for row in rows(workplace.store)}
    assert found == {
        "later": ("waiting", 7200.0, 0, None), "past": ("waiting", 1.0, 0, None), "aside": ("aside", 0.0, 1, "no such thing"),
        "retry": ("waiting", 2.0, 1, "full")}
    assert set(noted(workplace.store)) == {"later", "past"}, "what failed wrote nothing"


def test_sending(workplace: Workplace, clock: FixedClock, tmp_path: Path):
    """4."""
    trouble: dict[str, list[Any]] = {"doubt": [OSError("gone")], "retry": [Retry("450")], "aside": [Aside("550")], "fine": []}

    def instead(key: str) -> Any:
        if not trouble[key]:
            return None
        answer = trouble[key].pop()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    posts = Posts(tmp_path / "sink", instead)
    jobs(workplace, *trouble, kind="post")
    runner = runner_of(workplace, posts)
    runner.run_due()
    assert posted(tmp_path / "sink") == [("fine", False)]
    clock.advance(seconds=5)
    runner.run_due()
    assert sorted(posted(tmp_path / "sink")) == [("doubt", True), ("fine", False), ("retry", False)]
    assert states(workplace) == {"doubt": "done", "retry": "done", "aside": "aside", "fine": "done"}
    assert sorted(posts.recorded) == [
        ("aside", "Aside"), ("doubt", "Retry"), ("doubt", "Sent"), ("fine", "Sent"), ("retry", "Retry"), ("retry", "Sent")]


def test_giving_up_on_sending(workplace: Workplace, clock: FixedClock, tmp_path: Path):
    """4. F-27: three days of attempts, then set aside; the last one is recorded as such."""
    posts = Posts(tmp_path / "sink", lambda key: Retry("down"))
    jobs(workplace, "a", kind="post")
    began = clock()
    while (row := rows(workplace.store)[0]).state == "waiting":
        clock.set(max(clock(), row.due_at))
        runner_of(workplace, posts).run_due()
    assert (row.state, row.problem, row.attempts, row.doubtful) == ("aside", "down", Posts.attempts, False)
    assert clock() - began > timedelta(days=3, hours=18)
    assert [kind for _, kind in posts.recorded] == ["Retry"] * (Posts.attempts - 1) + ["Aside"]


def test_nothing_to_send_any_more(workplace: Workplace, clock: FixedClock, tmp_path: Path):
    """4. `prepare` decides at the time of sending."""
    class Refused(Posts):
        def prepare(self, connection: Any, job: Job, release: Any, now: Any) -> Any:
            if job.key == "raise":
                raise KeyError("x")
            return {"no": Finished("refused"), "later": Later(now + timedelta(hours=1)), "aside": Aside("gone"), "go": Sending("go")}[job.key]

    jobs(workplace, "no", "later", "aside", "go", "raise", kind="post")
    runner_of(workplace, Refused(tmp_path / "sink")).run_due()
    assert states(workplace) == {"no": "done", "later": "waiting", "aside": "aside", "go": "done", "raise": "waiting"}
    assert posted(tmp_path / "sink") == [("go", False)]
    assert rows(workplace.store, key="no")[0].problem == "refused"


def test_what_cannot_be_recorded(workplace: Workplace, tmp_path: Path):
    """4. It was sent; an operator decides, for to run it again sends it again."""
    class Broken(Posts):
        def record(self, connection: Any, job: Job, result: Any, now: Any) -> None:
            raise RuntimeError("secret")

    jobs(workplace, "a", kind="post")
    runner_of(workplace, Broken(tmp_path / "sink")).run_due()
    (row,) = rows(workplace.store)
    assert (row.state, row.doubtful, "secret" in row.problem, "it was sent" in row.problem) == ("aside", True, False, True)


def test_downtime(workplace: Workplace, clock: FixedClock):
    """5. F-32: a month of downtime."""
    hours = [0, 1, 2]
    plan(workplace, [
        NewJob(kind="note", key=f"{missed.value}{hour}", due_at=clock() + timedelta(hours=hour), missed=missed, record_id=A)
        for missed in Missed for hour in hours])
    clock.advance(days=30)
    jobs(workplace, "skip-now", missed=Missed.SKIP)
    runner = runner_of(workplace, Notes())
    runner.run_due()
    assert list(noted(workplace.store)) == ["run_late0", "run_late1", "run_late2", "merge2", "skip-now"]
    assert {key for key, state in states(workplace).items() if state == "cancelled"} == {"skip0", "skip1", "skip2", "merge0", "merge1"}
    jobs(workplace, "long-ago", missed=Missed.SKIP, due_at=clock() - timedelta(days=20))  # it came for a time that had passed already
    runner.run_due()
    assert states(workplace)["long-ago"] == "done"


def test_a_backlog_is_no_downtime(workplace: Workplace, clock: FixedClock):
    """5. What is late because there was too much to do is done: work went on. The planted fault is `test_downtime`."""
    jobs(workplace, "first")
    jobs(workplace, "second", missed=Missed.SKIP, due_at=clock() + timedelta(minutes=1))
    runner = runner_of(workplace, Notes())
    clock.advance(minutes=29)
    with workplace.store.write() as connection:  # another process has done something just now
        connection.execute(sa.update(system.job).where(system.job.c.key == "first").values(state="done", done_at=clock(), attempts=1))
    clock.advance(minutes=1)
    assert (runner.run_due(), states(workplace)["second"]) == (1, "done")


def test_a_runner_at_work_sees_no_downtime(workplace: Workplace, clock: FixedClock):
    """5. It looks again and again while its lanes are held up."""
    with workplace.store.read() as connection:
        downtime = Downtime()
        downtime.look(connection, clock())
        began = downtime.before(clock())
        for _ in range(6):
            downtime.look(connection, clock.advance(minutes=10))
        assert (began, downtime.before(clock())) == (clock() - timedelta(minutes=75), began)
        downtime.look(connection, clock.advance(minutes=16))  # as after a night in which the machine slept
        assert downtime.before(clock()) == clock() - GRACE


def test_those_who_woke_together(workplace: Workplace, clock: FixedClock):
    """5. What another process of the same machine has done since it woke up tells nothing of the time before."""
    jobs(workplace, "done")
    downtime = Downtime()
    with workplace.store.read() as connection:
        downtime.look(connection, clock())
    downtime.settle(clock())
    assert downtime.awake(clock())
    woken = clock.advance(hours=8)
    with workplace.store.write() as connection:
        connection.execute(sa.update(system.job).values(state="done", done_at=woken, attempts=1))
        downtime.look(connection, clock.advance(seconds=1))
    assert downtime.before(clock()) == clock() - GRACE
    assert not downtime.awake(clock()), "lanes wait until what was missed is left out, not just until it is known"


@pytest.mark.parametrize("kind", ["note", "post"])
def test_the_machine_slept(workplace: Workplace, clock: FixedClock, tmp_path: Path, kind: str):
    """5. While a job was being done: its own end is no sign that somebody was at work, and nothing more is taken before what was missed is known."""
    def sleeps(job: Job | str) -> None:
        if getattr(job, "key", job) == "first":
            clock.advance(hours=8)

    jobs(workplace, "first", kind=kind)
    jobs(workplace, "skip", kind=kind, missed=Missed.SKIP, due_at=clock() + timedelta(hours=1))
    jobs(workplace, "late", kind=kind, due_at=clock() + timedelta(hours=2))
    runner_of(workplace, Notes(sleeps), Posts(tmp_path / "sink", sleeps)).run_due()
    assert states(workplace) == {"first": "done", "skip": "cancelled", "late": "done"}


def test_many_worn_ones(workplace: Workplace, clock: FixedClock):
    """6. A claim sets aside as many as there are."""
    jobs(workplace, *(f"k{n}" for n in range(200)))
    with workplace.store.write() as connection:
        connection.execute(sa.update(system.job).values(attempts=Notes.attempts))
    jobs(workplace, "fresh")
    with workplace.store.write() as connection:
        assert [job.key for job in claim(connection, Notes(), "me", clock(), 2)] == ["fresh"]
    assert sorted(set(states(workplace).values())) == ["aside", "waiting"]


def test_a_short_delay_misses_nothing(workplace: Workplace, clock: FixedClock):
    """5. A restart; a retry, which has a time of its own."""
    jobs(workplace, "a", "b", missed=Missed.SKIP)
    clock.advance(seconds=GRACE.total_seconds())
    runner_of(workplace, Notes()).run_due()
    assert set(states(workplace).values()) == {"done"}


def test_the_order_of_a_record(workplace: Workplace, clock: FixedClock):
    """6. While another runner has the first, the second waits; another record's goes on."""
    for place, key in enumerate(("a1", "a2")):
        jobs(workplace, key, record_id=A, due_at=clock() + timedelta(seconds=place))
    jobs(workplace, "b1", record_id=B, due_at=clock() + timedelta(seconds=2))
    clock.advance(seconds=5)
    with workplace.store.write() as connection:
        assert [job.key for job in claim(connection, Notes(), "other", clock(), 1)] == ["a1"]
        assert [job.key for job in claim(connection, Notes(), "me", clock())] == ["b1"]
    clock.advance(seconds=LEASE.total_seconds() + 1)
    runner_of(workplace, Notes()).run_due()
    assert list(noted(workplace.store)) == ["a1", "a2", "b1"] or list(noted(workplace.store)) == ["a1", "b1", "a2"]


def test_tried_jobs_come_alone(workplace: Workplace, clock: FixedClock):
    """6. F-20: one that ends the process takes none with it, and is set aside in the end."""
    jobs(workplace, "a", "b", "c")
    sizes: list[int] = []
    for _ in range(3):
        with workplace.store.write() as connection:
            sizes.append(len(claim(connection, Notes(), f"dead{len(sizes)}", clock())))
    with workplace.store.write() as connection:
        connection.execute(sa.update(system.job).where(system.job.c.key == "b").values(attempts=Notes.attempts))
    clock.advance(seconds=LEASE.total_seconds() + 1)
    with workplace.store.write() as connection:
        sizes += [len(claim(connection, Notes(), f"new{n}", clock())) for n in range(3)]
    assert sizes == [3, 0, 0, 1, 1, 0]
    assert (states(workplace)["b"], rows(workplace.store, key="b")[0].problem) == ("aside", NO_WORD)


def test_a_clock_set_back(workplace: Workplace, clock: FixedClock):
    """6. F-17: a lease from before does not hold the job for a day."""
    jobs(workplace, "a", due_at=clock() - timedelta(days=2))
    with workplace.store.write() as connection:
        claim(connection, Notes(), "dead", clock())
    clock.advance(days=-1)
    assert runner_of(workplace, Notes()).run_due() == 1


class Stuck(Inside):
    """Never ends by itself."""

    name = "stuck"
    seconds = 0.3

    def run(self, connection: Any, job: Job, release: Any, now: Any) -> None:
        while True:
            time.sleep(0.01)


def test_a_hanging_job(workplace: Workplace, clock: FixedClock):
    """7. F-20, F-38: it is stopped, tried again later, and others are done."""
    jobs(workplace, "s", kind="stuck")
    runner = runner_of(workplace, Stuck(), Notes())
    runner.start()
    try:
        eventually(lambda: rows(workplace.store, key="s")[0].problem == "it took longer than it may")
        jobs(workplace, "a")
        eventually(lambda: noted(workplace.store)["a"])
    finally:
        assert runner.stop()
    assert states(workplace)["s"] == "waiting"


def test_in_threads(workplace: Workplace, tmp_path: Path):
    """8. Also what another process schedules; stopping leaves nothing held."""
    runner = runner_of(workplace, Notes(), Posts(tmp_path / "sink"), threads=2)
    runner.start()
    try:
        jobs(workplace, *(f"n{n}" for n in range(150)))
        jobs(workplace, *(f"p{n}" for n in range(20)), kind="post")
        eventually(lambda: len(noted(workplace.store)) == 150 and len(posted(tmp_path / "sink")) == 20)
        with workplace.store.write() as connection:
            connection.execute(system.job.update().where(system.job.c.key == "n1").values(state="waiting"))
        eventually(lambda: noted(workplace.store)["n1"] == 2)
    finally:
        assert runner.stop()
    assert {row.state for row in rows(workplace.store)} == {"done"} and not rows(workplace.store, holder=None, state="sending")


def test_what_must_always_be_there(workplace: Workplace, clock: FixedClock):
    """10. A job that is lost is scheduled again when a runner begins, and every hour; one that is there is left alone."""
    class Daily(Notes):
        def standing(self, release: Any, now: Any) -> tuple[NewJob, ...]:
            return (NewJob(kind="note", key="tomorrow", due_at=now + timedelta(days=1)),)

    runner = runner_of(workplace, Daily())
    runner.start()
    try:
        eventually(lambda: states(workplace).get("tomorrow") == "waiting")
    finally:
        assert runner.stop()
    before = rows(workplace.store)
    assert keep_standing(workplace.store, [Daily()], clock.advance(hours=1), workplace.new_id) == 0
    assert rows(workplace.store) == before


def test_kinds_of_others(workplace: Workplace):
    """9. A newer program's, or an extra's."""
    jobs(workplace, "x", kind="unknown")
    assert runner_of(workplace, Notes()).run_due() == 0
    assert states(workplace) == {"x": "waiting"}


def test_purging(workplace: Workplace, clock: FixedClock):
    """9. 90 days after the end; what waits or is set aside stays."""
    jobs(workplace, "old", "aside", "waiting")
    with workplace.store.write() as connection:
        connection.execute(system.job.update().where(system.job.c.key == "aside").values(state="aside"))
        connection.execute(system.job.update().where(system.job.c.key == "waiting").values(due_at=clock() + timedelta(days=400)))
    runner_of(workplace, Notes()).run_due()
    assert purge(workplace.store, clock() + KEPT) == 0
    assert purge(workplace.store, clock() + KEPT + timedelta(seconds=1)) == 1
    assert set(states(workplace)) == {"aside", "waiting"}
