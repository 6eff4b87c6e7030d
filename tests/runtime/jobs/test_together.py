"""Several jobs at a time: quicker, and for each of them what it would be alone.

1. A kind that can runs the due jobs of different records together, in order; of one record, one after the other.
2. What it leaves apart, and all of them after an exception, are run by themselves: only the one that fails is tried again.
3. Sent jobs share a transaction before and one after; each is sent once, with its own answer.
4. After one that is not taken the rest is put back as if nothing had been, and sent without a word of doubt.
5. One that cannot be prepared, or recorded, or that is another's by now, harms no other.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from runtime.jobs import outside
from runtime.jobs.claiming import LEASE
from runtime.jobs.job import Job, NewJob
from runtime.jobs.kinds import Apart, Aside, Later, Retry, Workplace
from tests.fixtures.clock import FixedClock
from tests.runtime.jobs.sinks import Notes, Posts, note, noted, plan, posted, rows, runner_of

KEYS = ("a", "b", "c", "d", "e")


class Together(Notes):
    """Notes several keys at once; `answer` says what becomes of each, or raises."""

    def __init__(self, answer: Any = lambda job: None, alone: Any = None) -> None:
        super().__init__(alone)
        self.answer = answer
        self.groups: list[str] = []

    def run_together(self, connection: sa.Connection, jobs: Sequence[Job], release: Any, now: datetime.datetime) -> Sequence[Any]:
        self.groups.append("".join(job.key for job in jobs))
        answers = [self.answer(job) for job in jobs]
        for job, answer in zip(jobs, answers, strict=True):
            if not isinstance(answer, Apart):
                connection.execute(note.insert().values(key=job.key))
        return answers


def due(workplace: Workplace, *keys: str, kind: str = "note", records: str = "") -> None:
    plan(workplace, [
        NewJob(kind=kind, key=key, due_at=workplace.clock() - datetime.timedelta(seconds=30 - place),
               record_id=records[place] * 32 if records else None) for place, key in enumerate(keys)])


def ended(workplace: Workplace) -> dict[str, tuple[str, int]]:
    return {row.key: (row.state, row.attempts) for row in rows(workplace.store)}


def test_together_in_order(workplace: Workplace, clock: FixedClock):
    """1."""
    due(workplace, *KEYS, records="aabcb")
    kind = Together(lambda job: Later(clock() + datetime.timedelta(hours=1)) if job.key == "c" else None)
    runner_of(workplace, kind).run_due()
    assert "".join(noted(workplace.store)) == "abcde" and kind.groups == ["bcd"]
    assert ended(workplace) == {**dict.fromkeys("abde", ("done", 1)), "c": ("waiting", 0)}


def test_left_apart(workplace: Workplace):
    """2."""
    due(workplace, *KEYS)
    kind = Together(lambda job: Apart() if job.key in "bd" else None, lambda job: Aside("no") if job.key == "d" else None)
    runner_of(workplace, kind).run_due()
    assert sorted(noted(workplace.store).elements()) == ["a", "b", "c", "e"]
    assert ended(workplace) == {**dict.fromkeys("abce", ("done", 1)), "d": ("aside", 1)}


def test_apart_until_it_stops(workplace: Workplace):
    """2. Those that are left apart end with the turn as well, and are put back."""
    due(workplace, *KEYS)
    kind = Together(lambda job: None if job.key == "c" else Apart(), lambda job: runner.stop() and None)
    runner = runner_of(workplace, kind)
    runner.run_due()
    assert sorted(noted(workplace.store)) == ["a", "c"]
    assert ended(workplace) == {**dict.fromkeys("ac", ("done", 1)), **dict.fromkeys("bde", ("waiting", 0))}
    runner_of(workplace, kind).run_due()
    assert sorted(noted(workplace.store).elements()) == list(KEYS)


def test_one_that_spoils_it(workplace: Workplace, clock: FixedClock):
    """2. It comes alone from then on, and the others are not asked again."""
    broken = {"c"}

    def fails(job: Job) -> None:
        if job.key in broken:
            raise KeyError(job.key)

    due(workplace, *KEYS)
    kind = Together(fails, fails)
    runner_of(workplace, kind).run_due()
    assert kind.groups == ["abcde"] and "".join(noted(workplace.store)) == "abde"
    assert ended(workplace) == {**dict.fromkeys("abde", ("done", 1)), "c": ("waiting", 1)}
    broken.clear()
    clock.advance(seconds=10)
    runner_of(workplace, kind).run_due()
    assert (kind.groups, noted(workplace.store)["c"], ended(workplace)["c"]) == (["abcde"], 1, ("done", 2))


def test_sent_together(workplace: Workplace, tmp_path: Path):
    """3."""
    due(workplace, *KEYS, kind="post")
    writes: list[Any] = []
    sa.event.listen(workplace.store.main.writes, "commit", writes.append)
    posts = Posts(tmp_path / "sink", lambda key: Aside("550") if key == "e" else None)
    runner_of(workplace, posts).run_due()
    assert posted(tmp_path / "sink") == [(key, False) for key in "abcd"]
    assert posts.recorded == [*((key, "Sent") for key in "abcd"), ("e", "Aside")]
    assert ended(workplace) == {**dict.fromkeys("abcd", ("done", 1)), "e": ("aside", 1)}
    assert len(writes) == 5, "three claims, of which two find nothing, one before the sending and one after it"


def test_after_one_that_is_not_taken(workplace: Workplace, clock: FixedClock, tmp_path: Path):
    """4."""
    answers: dict[str, list[Any]] = {"b": [Retry("450")]}
    due(workplace, *KEYS, kind="post")
    posts = Posts(tmp_path / "sink", lambda key: answers[key].pop() if answers.get(key) else None)
    runner_of(workplace, posts).run_due()
    assert posted(tmp_path / "sink") == [(key, False) for key in "acde"]
    assert ended(workplace) == {**dict.fromkeys("acde", ("done", 1)), "b": ("waiting", 1)}
    assert not any(row.doubtful for row in rows(workplace.store))


@pytest.mark.parametrize("before", [True, False])
def test_the_machine_slept(workplace: Workplace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, before: bool):
    """4. Before the first was sent, or after some: what was not begun when it woke up is put back without a doubt, and sent."""
    slept, sleeps = [0.0], ["b"]
    monkeypatch.setattr(outside, "elapsed", lambda: slept[0])

    def once(key: str) -> None:
        if key in sleeps:
            sleeps.remove(key)
            slept[0] += 3600

    class Sleepy(Posts):
        def prepare(self, connection: Any, job: Job, release: Any, now: Any) -> Any:
            once(job.key if before else "")
            return super().prepare(connection, job, release, now)

    due(workplace, *KEYS, kind="post")
    runner_of(workplace, Sleepy(tmp_path / "sink", None if before else once)).run_due()
    assert posted(tmp_path / "sink") == [(key, False) for key in KEYS]
    assert ended(workplace) == dict.fromkeys(KEYS, ("done", 2 if before else 1))


def test_what_is_always_slow_to_prepare(workplace: Workplace, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """4. It is not prepared for ever."""
    slept = [0.0]
    monkeypatch.setattr(outside, "elapsed", lambda: slept[0])

    class Slow(Posts):
        def prepare(self, connection: Any, job: Job, release: Any, now: Any) -> Any:
            slept[0] += 40
            return super().prepare(connection, job, release, now)

    due(workplace, "a", kind="post")
    runner_of(workplace, Slow(tmp_path / "sink")).run_due()
    assert (posted(tmp_path / "sink"), ended(workplace)) == ([], {"a": ("aside", Slow.attempts)})


def test_one_harms_no_other(workplace: Workplace, tmp_path: Path):
    """5."""
    class Broken(Posts):
        def prepare(self, connection: Any, job: Job, release: Any, now: Any) -> Any:
            if job.key == "b":
                raise KeyError("b")
            return super().prepare(connection, job, release, now)

        def record(self, connection: Any, job: Job, result: Any, now: Any) -> None:
            if job.key == "d":
                raise KeyError("d")
            super().record(connection, job, result, now)

    due(workplace, *KEYS, kind="post")
    runner_of(workplace, Broken(tmp_path / "sink")).run_due()
    assert posted(tmp_path / "sink") == [(key, False) for key in "acde"]
    assert ended(workplace) == {**dict.fromkeys("ace", ("done", 1)), "b": ("waiting", 1), "d": ("aside", 1)}


def test_recording_apart(workplace: Workplace, tmp_path: Path):
    """5. What was sent together and cannot be recorded together is recorded one by one."""
    class Broken(Posts):
        def record(self, connection: Any, job: Job, result: Any, now: Any) -> None:
            if job.key == "d":
                raise KeyError("d")
            super().record(connection, job, result, now)

    due(workplace, *KEYS, kind="post")
    runner_of(workplace, Broken(tmp_path / "sink")).run_due()
    assert posted(tmp_path / "sink") == [(key, False) for key in KEYS]
    assert ended(workplace) == {**dict.fromkeys("abce", ("done", 1)), "d": ("aside", 1)}
    assert [row.doubtful for row in rows(workplace.store)] == [False, False, False, True, False]


def test_another_has_one_of_them(workplace: Workplace, clock: FixedClock, tmp_path: Path):
    """5. The claim slept past its lease; somebody else took what was due first. Each is sent once."""
    due(workplace, *KEYS, kind="post")
    slept: list[str] = []

    def asleep(point: str, kind: str) -> None:
        if point == "claimed" and not slept:
            slept.append(kind)
            clock.advance(seconds=LEASE.total_seconds() + 1)
            other = Posts(tmp_path / "sink", lambda key: Aside("550") if key == "a" else Retry("450"))
            runner_of(workplace, other, name="other").run_due()

    runner_of(workplace, Posts(tmp_path / "sink"), reached=asleep).run_due()
    clock.advance(seconds=60)
    runner_of(workplace, Posts(tmp_path / "sink")).run_due()
    assert sorted(posted(tmp_path / "sink")) == [(key, False) for key in "bcde"]
    assert {key: state for key, (state, _) in ended(workplace).items()} == {"a": "aside", **dict.fromkeys("bcde", "done")}
