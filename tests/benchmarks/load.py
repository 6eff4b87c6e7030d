"""The load: requests over connections that stay open, each sending its next one as soon as it has the answer."""

import dataclasses
import selectors
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

__all__ = ["Answer", "Connection", "Measured", "Request", "hammer"]


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """One HTTP/1.1 request."""

    method: str
    path: str
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    body: bytes = b""

    def wire(self) -> bytes:
        """The bytes as they are sent."""
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1", *(f"{k}: {v}" for k, v in self.headers.items())]
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """A whole response."""

    status: int
    head: bytes
    body: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Measured:
    """What a round saw: requests per second and the seconds of each."""

    rps: float
    seconds: Sequence[float]

    def quantile(self, part: float) -> float:
        """Milliseconds within which a part of the requests were answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000


class Connection(AbstractContextManager["Connection"]):
    """One connection that stays open."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def send(self, request: Request) -> None:
        """Begin a request."""
        self.socket.sendall(request.wire())

    def receive(self) -> Answer | None:
        """Take what has come; the answer when it is whole. Raises ConnectionError when the server hung up."""
        found = self.socket.recv(262_144)
        if not found:
            raise ConnectionError("the server closed the connection")
        self._buffer += found
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self._buffer[:end])
        length = _length(head)
        if len(self._buffer) < end + 4 + length:
            return None
        body = bytes(self._buffer[end + 4:end + 4 + length])
        self._buffer.clear()
        return Answer(int(head[9:12]), head, body)

    def ask(self, request: Request) -> Answer:
        """Send and wait."""
        self.send(request)
        while (answer := self.receive()) is None:
            pass
        return answer


def _length(head: bytes) -> int:
    place = head.lower().find(b"content-length:")
    if place < 0:
        raise ConnectionError(f"an answer without a length:\n{head.decode()}")
    return int(head[place + 15:].split(b"\r\n", 1)[0])


def hammer(
    connections: Sequence[Connection], sources: Sequence[Iterator[Request]], seconds: float, check: Callable[[Answer], None] = lambda answer: None,
) -> Measured:
    """Load for some seconds, one source of requests per connection; closes them. Raises RuntimeError for an answer that is not 200."""
    chosen = selectors.DefaultSelector()
    begun: dict[int, float] = {}
    taken: list[float] = []
    try:
        for place, connection in enumerate(connections):
            chosen.register(connection.socket, selectors.EVENT_READ, place)
        start = time.perf_counter()
        for place, connection in enumerate(connections):
            connection.send(next(sources[place]))
            begun[place] = time.perf_counter()
        while begun:
            for key, _ in chosen.select():
                place = key.data
                answer = connections[place].receive()
                if answer is None:
                    continue
                now = time.perf_counter()
                taken.append(now - begun.pop(place))
                if answer.status != 200:
                    raise RuntimeError(f"{answer.status}: {answer.body[:500].decode(errors='replace')}")
                check(answer)
                if now - start < seconds:
                    begun[place] = time.perf_counter()
                    connections[place].send(next(sources[place]))
        return Measured(len(taken) / (time.perf_counter() - start), taken)
    finally:
        chosen.close()
        for connection in connections:
            connection.socket.close()
