"""Python, SQLite and PostgreSQL compute random expressions alike: the long form of tests/engine/expressions/test_random.py.

`make proof-expressions`; `CAREWORK_EXPRESSIONS=1000000` for another count, `CAREWORK_SEED` repeats a run. Two processes share the work.
"""

from __future__ import annotations

import multiprocessing
import os
import secrets
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from typing import Any

import pytest

from engine.expressions.rules import ALL_ON
from tests.engine.expressions.agreement import Difference, batches, differences
from tests.engine.expressions.clinic import opened
from tests.engine.expressions.shrinking import least
from tests.fixtures.databases import PostgresBackend

COUNT = int(os.environ.get("CAREWORK_EXPRESSIONS", "200000"))
SEED = int(os.environ.get("CAREWORK_SEED", "0")) or secrets.randbelow(2**31)
PART = 2_000
PROCESSES = 2
# A rule of the dialect that is switched off in SQL to see that the proof finds it.
FAULT = frozenset({"half_even"})

Found = tuple[int, Counter[str], dict[str, list[Difference]]]


_worker = 0


def begin(started: Any) -> None:
    """Gives a process its number, which chooses its databases."""
    global _worker
    with started.get_lock():
        _worker, started.value = started.value, started.value + 1


def part(seed: int, count: int, urls: dict[str, list[str]], off: frozenset[str] = ALL_ON) -> Found:
    """Computes one part of the expressions; gives their count, and the agreements and differences of each database."""
    agreed: Counter[str] = Counter()
    wrong: dict[str, list[Difference]] = {name: [] for name in urls}
    total = 0
    with ExitStack() as stack:
        databases = {name: stack.enter_context(opened(addresses[_worker])) for name, addresses in urls.items()}
        for batch in batches(seed, count):
            total += len(batch.trees)
            for name, database in databases.items():
                found = differences(database, batch, off)
                agreed[name] += len(batch.trees) - len({each.text for each in found})
                wrong[name] += found[:5]
    return total, agreed, wrong


@pytest.fixture
def urls(postgres_server: PostgresBackend) -> Iterator[dict[str, list[str]]]:
    """For each database one address per process."""
    fresh = [postgres_server.fresh() for _ in range(PROCESSES)]
    yield {"SQLite": ["sqlite://"] * PROCESSES, "PostgreSQL": fresh}
    for url in fresh:
        postgres_server.drop(url)


@pytest.mark.proof
@pytest.mark.timeout(0)
def test_a_planted_fault_is_found(urls: dict[str, list[str]]) -> None:
    """With one rule switched off each database differs, and what is shown is an expression that cannot be made smaller."""
    _, _, wrong = part(SEED, PART // 4, urls, FAULT)
    for name, found in wrong.items():
        assert found, name
        with opened(urls[name][0]) as database:
            shown = least(database, min(found, key=lambda each: len(each.text)), FAULT)
        assert "/" in shown.text or "avg" in shown.text


@pytest.mark.proof
@pytest.mark.timeout(0)
def test_databases_agree_with_python(urls: dict[str, list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    """No expression of any part differs on any database."""
    parts = -(-COUNT // PART)
    total = 0
    agreed: Counter[str] = Counter()
    wrong: dict[str, list[Difference]] = {name: [] for name in urls}
    context = multiprocessing.get_context("spawn")
    with capsys.disabled():
        print(f"\nexpressions: {COUNT}, seed {SEED}")
        with ProcessPoolExecutor(PROCESSES, context, begin, (context.Value("i", 0),)) as pool:
            running = [pool.submit(part, SEED + number, min(PART, COUNT - PART * number), urls) for number in range(parts)]
            for done, future in enumerate(as_completed(running), 1):
                count, agreements, differing = future.result()
                total += count
                agreed += agreements
                for name, found in differing.items():
                    wrong[name] += found
                print(f"\r{done}/{parts} parts, {total} expressions, " + ", ".join(f"{name} agrees on {agreed[name]}" for name in urls), end="")
        print()
        for name, found in wrong.items():
            if found:
                with opened(urls[name][0]) as database:
                    print(f"{name} differs, the least expression:\n{least(database, min(found, key=lambda each: len(each.text)))}")
    assert {name: len(found) for name, found in wrong.items()} == dict.fromkeys(urls, 0)
    assert all(agreed[name] == total >= COUNT for name in urls)
