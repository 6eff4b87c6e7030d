"""`python -m tests.benchmarks.one_process`: CPU per request of both applications in one process, without a server between.

It answers "did this change help" on a busy machine: the two are asked in turn, in small batches, and the best quarter of them is
compared, because what else runs only ever makes a batch dearer.
`--profile` prints where our time goes, `--sql` what an operation of ours asks the database.
"""

import argparse
import cProfile
import io
import os
import pstats
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import sqlalchemy as sa
from sqlalchemy import event

from tests.benchmarks.databases import Postgres, Sqlite, open_access
from tests.benchmarks.load import Request
from tests.benchmarks.operations import OPERATIONS, Operation, choose
from tests.benchmarks.server import PRODUCT, TWIN, Application

__all__ = ["main"]

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Any]
BATCH = 20


def main() -> None:
    """Print a line per operation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--operation", choices=[operation.name for operation in OPERATIONS], action="append")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--batches", type=int, default=25)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--sql", action="store_true")
    chosen = parser.parse_args()
    with (Sqlite() if chosen.database == "sqlite" else Postgres()) as kind, tempfile.TemporaryDirectory() as keys:
        url = kind.copy(chosen.rows)
        entry = open_access(url)
        os.environ.update(CAREWORK_DATABASE_URL=url, CAREWORK_KEYS=str(Path(keys) / "keys"), TWIN_DATABASE_URL=url, **PRODUCT.environment)
        from runtime.web.wsgi import application as product
        from tests.benchmarks.twin.app import application as twin

        records = choose(url, entry)
        applications: dict[Application, Any] = {PRODUCT: product(), TWIN: twin()}
        for operation in OPERATIONS:
            if chosen.operation and operation.name not in chosen.operation:
                continue
            sources = {a: operation.requests(a, records, 0, 1) for a in applications}
            for application in applications:
                _batch(applications[application], sources[application])
            if chosen.sql:
                _print_sql(applications[PRODUCT], sources[PRODUCT])
            ours, theirs = _measured(applications, sources, chosen.batches)
            print(f"{chosen.database:10} {operation.name:10} ours {ours:6.3f} ms  by hand {theirs:6.3f} ms  {ours / theirs:5.2f}", flush=True)
            if chosen.profile:
                _profile(operation, applications[PRODUCT], sources[PRODUCT])


def _measured(applications: dict[Application, Any], sources: dict[Application, Iterator[Request]], batches: int) -> tuple[float, float]:
    """Milliseconds of CPU per request, of the best quarter of the batches."""
    taken: dict[Application, list[float]] = {application: [] for application in applications}
    for _ in range(batches):
        for application, app in applications.items():
            taken[application].append(_batch(app, sources[application]))
    best = {application: sorted(several)[:max(1, batches // 4)] for application, several in taken.items()}
    return statistics.mean(best[PRODUCT]), statistics.mean(best[TWIN])


def _batch(app: Wsgi, source: Iterator[Request]) -> float:
    made = [_environ(next(source)) for _ in range(BATCH)]
    begun = time.thread_time()
    for environ in made:
        _call(app, environ)
    return (time.thread_time() - begun) / BATCH * 1000


def _call(app: Wsgi, environ: dict[str, Any]) -> bytes:
    status = []
    parts = app(environ, lambda found, headers, error=None: status.append(found))
    body = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    if not status[0].startswith("200"):
        raise RuntimeError(f"{status[0]}: {body[:500].decode(errors='replace')}")
    return body


def _environ(request: Request) -> dict[str, Any]:
    """What gunicorn would hand over."""
    path, _, query = request.path.partition("?")
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
    body = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(request.body))} if request.body else {}
    return {
        "REQUEST_METHOD": request.method, "SCRIPT_NAME": "", "PATH_INFO": unquote(path), "QUERY_STRING": query, "RAW_URI": request.path,
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1", "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(request.body), "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False, **headers, **body,
    }


def _print_sql(app: Wsgi, source: Iterator[Request]) -> None:
    said: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        said.append(statement)

    event.listen(sa.Engine, "before_cursor_execute", note)
    _call(app, _environ(next(source)))
    event.remove(sa.Engine, "before_cursor_execute", note)
    print("\n\n".join(said))


def _profile(operation: Operation, app: Wsgi, source: Iterator[Request]) -> None:
    made = [_environ(next(source)) for _ in range(BATCH * 10)]
    profile = cProfile.Profile()
    profile.enable()
    for environ in made:
        _call(app, environ)
    profile.disable()
    statistics_of = pstats.Stats(profile)
    print(f"== {operation.name}, {len(made)} requests")
    statistics_of.sort_stats("tottime").print_stats(45)
    statistics_of.sort_stats("cumulative").print_stats(90)


if __name__ == "__main__":
    main()
