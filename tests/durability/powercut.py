"""Replays power cuts: a process's writes and syncs are recorded by strace, then its files are rebuilt as a disk could
have kept them at any moment: everything synced, and of the rest a random, torn part.

The model of the disk: `fsync`/`fdatasync` of a file makes all earlier writes to it durable; of later writes each 512-byte
sector may or may not have arrived, in any order; a file's creation or truncation since its last sync may or may not.
Removals are durable with the next sync of any file in the same folder (file systems journal their directories in order).
Shared-memory files are left out: SQLite rebuilds them after a restart.
"""

from __future__ import annotations

import dataclasses
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

SECTOR = 512
TRACED = "openat,open,creat,pwrite64,write,pwritev,writev,ftruncate,fallocate,fsync,fdatasync,unlink,unlinkat,rename,renameat,renameat2"


@dataclasses.dataclass(frozen=True, slots=True)
class Write:
    """Bytes that a process wrote at an offset of a file."""

    path: str
    offset: int
    content: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Truncate:
    """A file cut or grown to a size."""

    path: str
    size: int


@dataclasses.dataclass(frozen=True, slots=True)
class Unlink:
    """A file removed."""

    path: str


@dataclasses.dataclass(frozen=True, slots=True)
class Sync:
    """A file whose earlier changes are durable from here on."""

    path: str


@dataclasses.dataclass(frozen=True, slots=True)
class Acknowledge:
    """A line that the process wrote to its journal after a write was confirmed to it."""

    text: str


_NOT_KEPT = (".lock", "-shm", ".log", ".pyc")
Event = Write | Truncate | Unlink | Sync | Acknowledge

_CALL = re.compile(r"^(?:\[pid\s+)?(?P<pid>\d+)?\]?\s*(?P<name>\w+)\((?P<arguments>.*)\)\s*=\s*(?P<result>-?\d+)", re.DOTALL)
_UNFINISHED = re.compile(r"^(?P<pid>\d+)\s+(?P<head>.*?)\s*<unfinished \.\.\.>$", re.DOTALL)
_RESUMED = re.compile(r"^(?P<pid>\d+)\s+<\.\.\. \w+ resumed>(?P<tail>.*)$", re.DOTALL)
_FILE = re.compile(r"^-?\d+<(?P<path>[^>]*)>")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


def record(
    command: list[str], folder: Path, trace: Path, environment: dict[str, str], timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run a command under strace; its writes to files below `folder` end up in `trace`."""
    strace = ["strace", "-f", "-qq", "-y", "-xx", "-s", "1048576", "-e", f"trace={TRACED}", "-e", "signal=none", "-o", str(trace)]
    return subprocess.run(
        [*strace, *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )


def events(trace: Path, folder: Path, journal: Path) -> list[Event]:
    """The changes to files below `folder` in the order in which they returned; lines of `journal` become Acknowledge."""
    found: list[Event] = []
    inside = str(folder)
    for call in _calls(trace):
        event = _event(call, inside, str(journal))
        if event is not None:
            found.append(event)
    return found


def _calls(trace: Path) -> Iterator[tuple[str, str, int]]:
    """Name, arguments and result of each finished call; calls that strace split over two lines are joined."""
    open_calls: dict[str, str] = {}
    for line in trace.read_text(encoding="latin-1").splitlines():
        if unfinished := _UNFINISHED.match(line):
            open_calls[unfinished["pid"]] = unfinished["head"]
            continue
        if resumed := _RESUMED.match(line):
            line = f"{resumed['pid']} {open_calls.pop(resumed['pid'], '')}{resumed['tail']}"
        call = _CALL.match(line)
        if call and int(call["result"]) >= 0:
            yield call["name"], call["arguments"], int(call["result"])


def _event(call: tuple[str, str, int], inside: str, journal: str) -> Event | None:
    name, arguments, result = call
    file = _FILE.match(arguments)
    path = _text(file["path"]) if file else ""
    if name in ("unlink", "unlinkat"):
        target = _string(arguments).decode()
        return Unlink(target) if target.startswith(inside) and not target.endswith(_NOT_KEPT) else None
    if not path.startswith(inside) or path.endswith(_NOT_KEPT):
        return None
    if name in ("fsync", "fdatasync"):
        return Sync(path)
    if name == "ftruncate":
        return Truncate(path, int(arguments.rsplit(",", 1)[1]))
    if path == journal and name == "write":
        return Acknowledge(_string(arguments)[:result].decode())
    if name == "pwrite64":
        return Write(path, int(arguments.rsplit(",", 1)[1]), _string(arguments)[:result])
    if name in ("write", "pwritev", "writev", "fallocate"):
        raise ValueError(f"the replay does not know {name} on {Path(path).name}")
    return None


def _text(path: str) -> str:
    """strace escapes paths with -xx as well."""
    return bytes.fromhex(path.replace("\\x", "")).decode() if path.startswith("\\x") else path


def _string(arguments: str) -> bytes:
    found = _STRING.search(arguments)
    return bytes.fromhex(found[1].replace("\\x", "")) if found else b""


@dataclasses.dataclass(slots=True)
class _Disk:
    """What is durable of each file, and the changes since its last sync."""

    durable: dict[str, bytearray | None] = dataclasses.field(default_factory=dict)
    pending: dict[str, list[Event]] = dataclasses.field(default_factory=dict)

    def take(self, event: Event) -> None:
        if isinstance(event, Sync):
            content = self.durable.get(event.path)
            for change in self.pending.pop(event.path, []):
                content = _apply(content, change)
            self.durable[event.path] = content
            for path in [p for p, changes in self.pending.items() if any(isinstance(c, Unlink) for c in changes)]:
                self._remove(path)
        elif not isinstance(event, Acknowledge):
            self.pending.setdefault(event.path, []).append(event)

    def _remove(self, path: str) -> None:
        """Make the latest removal of a file durable; what was written to a new file of that name stays pending."""
        changes = self.pending[path]
        last = max(index for index, change in enumerate(changes) if isinstance(change, Unlink))
        self.durable[path], self.pending[path] = None, changes[last + 1 :]

    def after_cut(self, chance: random.Random) -> dict[str, bytes]:
        """The files as the disk may hold them when the power goes now."""
        kept: dict[str, bytes] = {}
        for path in self.durable.keys() | self.pending.keys():
            content = self.durable.get(path)
            content = None if content is None else bytearray(content)
            share = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
            for change in self.pending.get(path, []):
                for torn in _torn(change, chance, share):
                    content = _apply(content, torn)
            if content is not None:
                kept[path] = bytes(content)
        return kept


def _apply(content: bytearray | None, change: Event) -> bytearray | None:
    if isinstance(change, Unlink):
        return None
    content = bytearray() if content is None else content
    if isinstance(change, Truncate):
        content = content[: change.size] + bytes(max(0, change.size - len(content)))
    elif isinstance(change, Write):
        end = change.offset + len(change.content)
        if len(content) < end:
            content.extend(bytes(end - len(content)))
        content[change.offset : end] = change.content
    return content


def _torn(change: Event, chance: random.Random, share: float) -> Iterator[Event]:
    """Of an unsynced change what arrived: whole or not at all, a write sector by sector."""
    if not isinstance(change, Write):
        if chance.random() < share:
            yield change
        return
    position = 0
    while position < len(change.content):
        step = SECTOR - (change.offset + position) % SECTOR
        if chance.random() < share:
            yield Write(change.path, change.offset + position, change.content[position : position + step])
        position += step


def cuts(
    recorded: list[Event], count: int, seed: int, base: dict[str, bytes] | None = None
) -> Iterator[tuple[int, list[str], dict[str, bytes]]]:
    """`count` moments spread over the recording: (moment, what was acknowledged, the files); `base` was there before."""
    chance = random.Random(seed)
    moments = sorted(chance.randrange(len(recorded) + 1) for _ in range(count))
    disk, acknowledged, position = _Disk({path: bytearray(content) for path, content in (base or {}).items()}), [], 0
    for moment in moments:
        for event in recorded[position:moment]:
            disk.take(event)
            if isinstance(event, Acknowledge):
                acknowledged.extend(event.text.split())
        position = moment
        yield moment, list(acknowledged), disk.after_cut(chance)


def snapshot(folder: Path) -> dict[str, bytes]:
    """The files of a folder as the base of a replay."""
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file() and not p.name.endswith(_NOT_KEPT)}


def restore(files: dict[str, bytes], recorded_in: Path, target: Path) -> None:
    """Write the files of a cut into an empty folder."""
    shutil.rmtree(target, ignore_errors=True)
    for path, content in files.items():
        place = target / Path(path).relative_to(recorded_in)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
