"""By which names and addresses this machine is reached on its network."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

__all__ = ["ANY", "LOCAL", "address_of", "found_names", "hosts_of", "is_address", "names_of"]

LOCAL = ("localhost", "127.0.0.1", "::1")
ANY = frozenset({"0.0.0.0", "::", ""})
"""What `--host` takes for every address of the machine."""

_FAR = ((socket.AF_INET, "10.255.255.255"), (socket.AF_INET6, "fd00::1"))
"""Nothing is sent there: asking which address would be used tells the machine's own."""


def is_address(name: str) -> bool:
    """Whether it is an IP address and no name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def names_of(host: str, more: Iterable[str] = (), base_url: str = "") -> tuple[str, ...]:
    """Names and addresses that an operator asked for, those that people use first; each once."""
    named = () if host in ANY else (host,)
    return tuple(dict.fromkeys(each.lower() for each in (urlsplit(base_url).hostname or "", *more, *named) if each))


def found_names(host: str) -> tuple[str, ...]:
    """Names and addresses by which a server that listens on `host` is reached besides, as far as the machine knows."""
    if host not in ANY:
        return LOCAL
    name = socket.gethostname().lower()
    return tuple(dict.fromkeys((*_own_addresses(), name, *([] if "." in name else [f"{name}.local"]), *LOCAL)))


def address_of(names: Iterable[str], port: int) -> str:
    """The address that is shown to people: the first name that is not this machine's alone."""
    names = tuple(names)
    first = next((name for name in names if name not in LOCAL), names[0] if names else LOCAL[0])
    shown = f"[{first}]" if ":" in first else first
    return f"https://{shown}" if port == 443 else f"https://{shown}:{port}"


def hosts_of(names: Iterable[str]) -> tuple[str, ...]:
    """The names as a Host header says them."""
    return tuple(f"[{name}]" if ":" in name else name for name in names)


def _own_addresses() -> list[str]:
    found: list[str] = []
    for family, far in _FAR:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as asking:
                asking.connect((far, 9))
                found.append(str(asking.getsockname()[0]))
        except OSError:
            continue
    with contextlib.suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)]
    usable = (address.partition("%")[0] for address in found)
    return [address for address in usable if not ipaddress.ip_address(address).is_unspecified]
