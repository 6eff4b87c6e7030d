"""Examples of kinds of jobs, for what must hold for every kind.

A room with kinds of jobs has its examples in `tests/runtime/<room>/job_examples.py`, a tuple `EXAMPLES`; a kind without one fails
`test_crash_points.py`.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from runtime.jobs.job import NewJob
from runtime.jobs.kinds import KINDS, Kind, Outside, Workplace, kinds_of
from tests.runtime.jobs.conftest import build
from tests.runtime.jobs.sinks import Notes, Posts, effects, noted, plan

TESTS = Path(__file__).parents[1]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Example:
    """One job of a kind, and what it is to lead to."""

    kind: str
    build: Callable[[str], object]
    """Makes the database at an address, once per run; nothing stays open."""
    begin: Callable[[Workplace], object]
    """Brings one job of the kind about that is due when the workplace's clock says so (a day later at most)."""
    effects: Callable[[Workplace, Path], Sequence[Any]]
    """What the job has led to by now; of kinds that send, what a far side that honours keys has done."""
    kinds: Callable[[Workplace, Path], dict[str, Kind]] = lambda workplace, folder: dict(kinds_of(workplace))
    """The kinds that run beside it, those that send with a far side that writes into the folder."""
    name: str = ""
    """For the database and the test's name; by default the kind's."""


def own(workplace: Workplace, folder: Path) -> dict[str, Kind]:
    return {"note": Notes(), "post": Posts(folder / "sink")}


def _begin(kind: str) -> Callable[[Workplace], None]:
    return lambda workplace: plan(workplace, [NewJob(kind=kind, key="one", due_at=workplace.clock())])


EXAMPLES = (
    Example(kind="note", build=build, begin=_begin("note"), kinds=own,
            effects=lambda workplace, folder: list(noted(workplace.store).elements())),
    Example(kind="post", build=build, begin=_begin("post"), kinds=own,
            effects=lambda workplace, folder: effects(folder / "sink")),
)


def every() -> dict[str, Example]:
    """All examples by name."""
    found = list(EXAMPLES)
    for module in KINDS:
        room = module.split(".")[1]
        file = TESTS / room / "job_examples.py"
        if file.exists():
            found += _loaded(f"tests.runtime.{room}.job_examples", file).EXAMPLES
    return {one.name or one.kind: one for one in found}


def _loaded(name: str, file: Path) -> ModuleType:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None and spec.loader is not None
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


def is_outside(kind: Kind) -> bool:
    return isinstance(kind, Outside)
