"""`make bench`: Carework and the hand-written application in alternating rounds; a table, and build/bench.json."""

import argparse
import dataclasses
import itertools
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks import expressions, rules
from tests.benchmarks.databases import BUILD, Postgres, Sqlite, open_access
from tests.benchmarks.load import Connection, Measured, Request, hammer
from tests.benchmarks.operations import OPERATIONS, Chosen, ListScreen, Operation, choose
from tests.benchmarks.server import CONNECTIONS, PRODUCT, TWIN, Server, serve
from tests.benchmarks.verify import verify

__all__ = ["Pair", "compare_contents", "main", "measure"]

SMALL, LARGE = 1_000, 100_000
WANTED = 0.8
LARGEST_GROWTH = 1.3
LARGEST_MEGABYTES = 150
FLOOR = 0.15


@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    """Both applications over one database."""

    product: Server
    twin: Server
    chosen: Chosen

    def __iter__(self) -> Iterator[Server]:
        return iter((self.product, self.twin))


@dataclasses.dataclass(frozen=True, slots=True)
class Round:
    """What one application did in one round; `cpu` is milliseconds of CPU per request."""

    measured: Measured
    cpu: float


def compare_contents(pair: Pair, operations: Sequence[Operation] = OPERATIONS[:5]) -> None:
    """Raises RuntimeError when the two say different things."""
    for operation in operations:
        said = []
        for server in pair:
            with Connection(server.port) as connection:
                answer = connection.ask(next(operation.requests(server.application, pair.chosen, 0, 1)))
            if answer.status != 200:
                raise RuntimeError(f"{operation.name} of {server.application.name}: {answer.status} {answer.body[:500].decode()}")
            said.append(operation.content(answer))
        if said[0] != said[1]:
            raise RuntimeError(f"{operation.name}: the contents differ:\n{said[0]!r}\n{said[1]!r}")


def measure(pair: Pair, operation: Operation, rounds: int, seconds: float) -> tuple[list[Round], list[Round]]:
    """Alternating rounds of the product and the twin."""
    sources = {
        server.application.name: [operation.requests(server.application, pair.chosen, n, CONNECTIONS) for n in range(CONNECTIONS)]
        for server in pair
    }
    found: tuple[list[Round], list[Round]] = ([], [])
    for number in range(-1, rounds):  # the first one warms up and does not count
        for place in ((0, 1) if number % 2 else (1, 0)):  # whoever goes first meets another machine than whoever goes second
            server = (pair.product, pair.twin)[place]
            before = server.cpu()
            measured = hammer(server.connect(), sources[server.application.name], seconds if number >= 0 else min(seconds, 1.0))
            if number >= 0:
                found[place].append(Round(measured, (server.cpu() - before) / len(measured.seconds) * 1000))
    return found


def _row(database: str, rows: int, operation: str, product: list[Round], twin: list[Round]) -> dict[str, Any]:
    rps, theirs = (statistics.median(r.measured.rps for r in rounds) for rounds in (product, twin))
    return {
        "database": database, "operation": operation, "rows": rows, "rps": round(rps, 1),
        "p50_ms": round(statistics.median(r.measured.quantile(0.5) for r in product), 2),
        "p99_ms": round(statistics.median(r.measured.quantile(0.99) for r in product), 2),
        "handwritten_rps": round(theirs, 1),
        "ratio": round(statistics.median(p.measured.rps / t.measured.rps for p, t in zip(product, twin, strict=True)), 3),
    }


class Report:
    """Lines for people and rows for the file."""

    def __init__(self) -> None:
        self.results: list[dict[str, Any]] = []
        self.missed: list[str] = []

    def take(self, row: dict[str, Any], product: list[Round], twin: list[Round]) -> None:
        """Keep and print one operation."""
        self.results.append(row)
        cpu = [statistics.median(r.cpu for r in rounds) for rounds in (product, twin)]
        print(
            f"{row['database']:<11}{row['operation']:<11}{row['rows']:>7}{row['rps']:>9}{row['handwritten_rps']:>9}{row['ratio']:>7.2f}"
            f"{row['p50_ms']:>8}{row['p99_ms']:>8}{cpu[0]:>8.2f}{cpu[1]:>8.2f}", flush=True,
        )
        self.hold(row["ratio"] >= WANTED, f"{row['database']} {row['operation']}: {row['ratio']} of the hand-written application")

    def say(self, held: bool, text: str) -> None:
        """Print a line and remember it when it is not as wanted."""
        print(text, flush=True)
        self.hold(held, text)

    def hold(self, held: bool, text: str) -> None:
        """Remember what is not as wanted."""
        if not held:
            self.missed.append(text)


def _measure_database(place: Sqlite | Postgres, options: argparse.Namespace, report: Report) -> None:
    url = place.copy(options.rows)
    entry = open_access(url)
    with serve(PRODUCT, url) as product, serve(TWIN, url) as twin:
        pair = Pair(product, twin, choose(url, entry))
        compare_contents(pair)
        for server in pair:
            wrong = verify(server, url, pair.chosen)
            report.say(not wrong, f"{place.name}: verify {server.application.name}: " + ("; ".join(wrong[:3]) or "every row holds what was sent"))
        floor = _floor(twin, options.seconds)
        for operation in _chosen(options):
            rounds = measure(pair, operation, options.rounds, options.seconds)
            row = _row(place.name, options.rows, operation.name, *rounds)
            report.take(row, *rounds)
            if operation.name == "list_html":
                part = row["handwritten_rps"] / floor
                report.say(part >= FLOOR, f"{place.name}: the hand-written list is {part:.2f} of an empty route ({floor:.0f}/s)")
        rss, pss = product.memory()
        report.say(rss < LARGEST_MEGABYTES, f"{place.name}: memory of the largest worker: RSS {rss:.0f} MB, PSS {pss:.0f} MB")
        if options.rows > SMALL and not options.operation:
            _growth(place, pair, options, report)


def _floor(twin: Server, seconds: float) -> float:
    """Requests per second of an empty Flask route."""
    empty = Request("GET", "/empty")
    return statistics.median(
        hammer(twin.connect(), [itertools.repeat(empty) for _ in range(CONNECTIONS)], min(seconds, 1.0)).rps for _ in range(3)
    )


def _growth(place: Sqlite | Postgres, large: Pair, options: argparse.Namespace, report: Report) -> None:
    """The list's p50 at the large size against the small one."""
    url = place.copy(SMALL)
    chosen = choose(url, open_access(url))
    operation = ListScreen()
    with serve(PRODUCT, url) as server:
        ratios = []
        for _ in range(options.rounds + 1):
            found = [
                hammer(one.connect(1), [operation.requests(PRODUCT, records, 0, 1)], options.seconds / 2).quantile(0.5)
                for one, records in ((large.product, large.chosen), (server, chosen))
            ]
            ratios.append(found[0] / found[1])
    ratio = statistics.median(ratios[1:])
    report.say(ratio <= LARGEST_GROWTH, f"{place.name}: p50 of the list at {options.rows:,} patients is {ratio:.2f} × that at {SMALL:,}")


def _starts(place: Sqlite | Postgres, report: Report) -> None:
    """From process start to the first page, the first time and again."""
    url = place.copy(SMALL)
    chosen = choose(url, open_access(url))
    request = next(ListScreen().requests(PRODUCT, chosen, 0, 1))
    for limit, text in ((10, "first start"), (3, "later start")):
        with serve(PRODUCT, url) as server, Connection(server.port) as connection:
            answer = connection.ask(request)
            seconds = time.monotonic() - server.started
        report.say(answer.status == 200 and seconds < limit, f"{place.name}: {text} to first page: {seconds:.2f} s")


def _chosen(options: argparse.Namespace) -> list[Operation]:
    return [operation for operation in OPERATIONS if not options.operation or operation.name in options.operation]


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rows, short rounds")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append", help="only this one")
    parser.add_argument("--operation", choices=[operation.name for operation in OPERATIONS], action="append", help="only this one")
    parser.add_argument("--rows", type=int, help=f"patients (default {LARGE:,})")
    parser.add_argument("--seconds", type=float, help="of each round")
    parser.add_argument("--rounds", type=int, help="of each operation")
    options = parser.parse_args(arguments)
    options.rows = options.rows or (SMALL if options.quick else LARGE)
    options.seconds = options.seconds or (1.0 if options.quick else 3.0)
    options.rounds = options.rounds or (3 if options.quick else 5)
    return options


def main(arguments: Sequence[str]) -> int:
    """Measure, print, write; 1 when something is not as the project promises."""
    options = _options(arguments)
    report = Report()
    print("database   operation     rows  rps here   by hand ratio     p50     p99  CPU ms by hand")
    for kind in (Sqlite, Postgres):
        if options.database and kind.name not in options.database:
            continue
        with kind() as place:
            _measure_database(place, options, report)
            if not options.operation:
                _starts(place, report)
        if not options.operation and not options.quick:
            _take(report, rules.report(kind.name, LARGE, 10 * LARGE))
    if not options.operation:
        _take(report, expressions.report())
    _write(BUILD.parent / "bench.json", report.results)
    for line in report.missed:
        print(f"not reached: {line}")
    return 1 if report.missed else 0


def _take(report: Report, found: tuple[list[str], list[str]]) -> None:
    lines, missed = found
    for line in lines:
        report.say(line not in missed, line)


def _write(path: Path, results: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"results": results}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
