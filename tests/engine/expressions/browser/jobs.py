"""Jobs for the browser's interpreter, gathered and run at once: in Node, or on a page of Chromium."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from playwright._impl._driver import compute_driver_executable

from engine.expressions.tree import Node
from engine.expressions.types import DecimalOf, Type
from engine.targets.browser import to_browser
from engine.targets.browser_values import from_json, to_json
from runtime.screens.assets import STATIC
from runtime.screens.expressions import SCRIPTS

JOBS = Path(__file__).with_name("jobs.js")
RUNNER = Path(__file__).with_name("run.js")


@dataclass(frozen=True, slots=True)
class Odd:
    """A value that is none of the type, such as Infinity where an integer was asked for."""

    value: Any


@dataclass(frozen=True, slots=True)
class Result:
    """What one evaluation gave: the JSON value, its steps, and the error behind a null."""

    json: Any
    steps: int
    problem: str | None

    def value(self, kind: Type) -> Any:
        """The value of the type. A float where a decimal belongs is read by its digits, so that only what differs in value differs."""
        try:
            if isinstance(kind, DecimalOf) and isinstance(self.json, int | float):
                return Decimal(repr(self.json))
            return from_json(self.json, kind)
        except (ValueError, TypeError):
            return Odd(self.json)


@dataclass(frozen=True, slots=True)
class Answer:
    """The results in the order of the jobs, and what the interpreter says of itself."""

    results: list[Result]
    rules: list[str]
    nodes: list[str]
    functions: list[str]
    budget: int


Runner = Callable[[dict[str, Any]], dict[str, Any]]


def node() -> str:
    """Node's path: the system's, else the one that Playwright brings."""
    return shutil.which("node") or str(compute_driver_executable()[0])


def in_node(message: dict[str, Any]) -> dict[str, Any]:
    """Runs the jobs in a process of Node's; an error of the runner fails the test."""
    text = json.dumps(message | {"scripts": [str(STATIC / path) for path in SCRIPTS]})
    done = subprocess.run([node(), str(RUNNER)], input=text.encode(), capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def env_of(values: Mapping[Any, Any]) -> dict[str, Any]:
    """What a page gives for these values by path; child rows are sequences of mappings that are Envs."""
    return {path if isinstance(path, str) else ".".join(path): _given(value) for path, value in values.items() if value is not None}


def _given(value: Any) -> Any:
    if isinstance(value, list | tuple) and value and hasattr(value[0], "lookup"):
        return [env_of(row) for row in value]
    return to_json(value)


@dataclass
class Batch:
    """Jobs that are gathered, then run at once; trees and environments are sent once each."""

    trees: list[Any] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    envs: list[Any] = field(default_factory=list)
    jobs: list[tuple[int, int, list[str]]] = field(default_factory=list)

    def tree(self, tree: Node) -> int:
        return self.json(to_browser(tree))

    def json(self, tree: Any) -> int:
        self.trees.append(tree)
        return len(self.trees) - 1

    def text(self, tree: str) -> int:
        """A tree in JSON text, which may be deeper than Python writes."""
        self.texts[len(self.trees)] = tree
        return self.json(None)

    def env(self, values: Mapping[Any, Any]) -> int:
        self.envs.append(env_of(values))
        return len(self.envs) - 1

    def job(self, tree: int, env: int, off: Iterable[str] = ()) -> None:
        self.jobs.append((tree, env, sorted(off)))

    def run(self, runner: Runner = in_node) -> Answer:
        found = runner({"trees": self.trees, "texts": self.texts, "envs": self.envs, "jobs": self.jobs})
        return Answer(**found | {"results": [Result(**each) for each in found["results"]]})
