"""An application under gunicorn with two workers: started, waited for, measured, stopped."""

import contextlib
import dataclasses
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from tests.benchmarks.load import Connection, Request

__all__ = ["CONNECTIONS", "PRODUCT", "TWIN", "Application", "Server", "serve"]

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
THREADS = 2
CONNECTIONS = 4
"""Kept open by the load, as many with each worker: left to itself gthread may leave one idle at random."""
OPTIONS = (
    "--workers", str(WORKERS), "--worker-class", "gthread", "--threads", str(THREADS), "--keep-alive", "75",
    "--worker-connections", "32", "--log-level", "warning", "--no-control-socket", "--preload",
)
START_SECONDS = 60.0
BYTECODE = ROOT / "build" / "bench" / "bytecode"
"""An installation has its modules compiled; a checkout may be told to keep none of them, and then compiles all of them at each start."""


@dataclasses.dataclass(frozen=True, slots=True)
class Application:
    """What gunicorn imports, the variable that names its database, and what else its environment says."""

    name: str
    target: str
    variable: str
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)


# No timers and effects: the timers of the invented tasks would move them while they are measured.
PRODUCT = Application("carework", "runtime.web.wsgi:application()", "CAREWORK_DATABASE_URL", {"CAREWORK_JOBS": "0"})
TWIN = Application("handwritten", "tests.benchmarks.twin.app:application()", "TWIN_DATABASE_URL")


class Server:
    """A running application. `started` is when its process was begun, on the monotonic clock."""

    def __init__(self, application: Application, process: subprocess.Popen[bytes], port: int, started: float) -> None:
        self.application = application
        self.port = port
        self.started = started
        self._process = process

    def connect(self, count: int = CONNECTIONS) -> list[Connection]:
        """Open connections, shared out evenly among the workers."""
        share = -(-count // WORKERS)
        kept: dict[int, list[Connection]] = {worker.pid: [] for worker in self._workers()}
        spare: list[Connection] = []
        give_up = time.monotonic() + START_SECONDS
        while sum(map(len, kept.values())) < count:
            if time.monotonic() > give_up:
                raise RuntimeError("a worker takes no connections")
            connection = Connection(self.port)
            connection.ask(Request("GET", "/empty"))
            mine = kept.get(self._owner(connection), spare)
            (mine if len(mine) < share else spare).append(connection)
        for connection in spare:
            connection.socket.close()
        return [connection for several in kept.values() for connection in several]

    def _workers(self) -> list[psutil.Process]:
        return psutil.Process(self._process.pid).children()

    def _owner(self, connection: Connection) -> int:
        """The worker at the other end."""
        port = connection.socket.getsockname()[1]
        for worker in self._workers():
            if any(found.raddr and found.raddr.port == port for found in worker.net_connections("tcp")):
                return worker.pid
        return 0

    def cpu(self) -> float:
        """Seconds of CPU that the workers have used so far."""
        return sum(sum(worker.cpu_times()[:2]) for worker in self._workers())

    def memory(self) -> tuple[float, float]:
        """The largest worker's (RSS, PSS) in MB."""
        found = [worker.memory_full_info() for worker in self._workers()]
        return max(m.rss for m in found) / 1e6, max(m.pss for m in found) / 1e6


@contextlib.contextmanager
def serve(application: Application, url: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run the application on a free port of 127.0.0.1 until the block ends. Raises RuntimeError when it does not come up."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="carework-bench-") as folder:
        set_here = {
            "CAREWORK_KEYS": str(Path(folder) / "keys"), application.variable: url, "PYTHONPYCACHEPREFIX": str(BYTECODE),
            "PYTHONDONTWRITEBYTECODE": "", **application.environment, **(environment or {}),
        }
        command = [sys.executable, "-m", "gunicorn", *OPTIONS, "--bind", f"127.0.0.1:{port}", "--worker-tmp-dir", folder, application.target]
        started = time.monotonic()
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **set_here}, stdout=output, stderr=output,
            )
        try:
            _await(process, port, log)
            yield Server(application, process, port, started)
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"the server did not start:\n{log.read_text()}")
