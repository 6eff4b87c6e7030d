"""Limits on failed sign-ins, counted in the store so that all processes share them (ASVS 5.0, 6.3.1).

Counted per quarter of an hour: by account and address together, by address, and over everybody. An account is never
locked: when strangers hammer at it, the addresses it has signed in from during the last 30 days are still served.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import ipaddress
import math

import sqlalchemy as sa
from sqlalchemy import Connection

from runtime.store import system

__all__ = ["LIMITS", "Limits", "Throttle"]

WINDOW = datetime.timedelta(minutes=15)


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """Failures per window. `account` and `everybody` hold only for addresses that the account has not signed in from."""

    pair: int = 10
    address: int = 100
    account: int = 50
    everybody: int = 3000


LIMITS = Limits()
_setting = system.setting
_COUNT = sa.text(
    "INSERT INTO cw_setting (name, value) VALUES (:name, '1')"
    " ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(cw_setting.value AS INTEGER) + 1 AS TEXT)"
)
_UNCOUNT = sa.text(
    "UPDATE cw_setting SET value = CAST(CAST(value AS INTEGER) - 1 AS TEXT) WHERE name = :name AND CAST(value AS INTEGER) > 0"
)


class Throttle:
    """Counts attempts. An attempt counts before its password is looked at, so that many at once cannot slip through."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._limits = limits

    def wait(self, connection: Connection, login: str, address: str, now: datetime.datetime, *, known: bool) -> int:
        """Seconds until the next attempt may be made, 0 for now. `known`: the account has signed in from this address lately."""
        names = _names(login, address, now)
        found = connection.execute(sa.select(_setting.c.name, _setting.c.value).where(_setting.c.name.in_(names.values())))
        counts = {name: int(value) for name, value in found}
        most = dataclasses.asdict(self._limits)
        for kind, name in names.items():
            if counts.get(name, 0) >= most[kind] and not (known and kind in ("account", "everybody")):
                return math.ceil(WINDOW.total_seconds() - now.timestamp() % WINDOW.total_seconds())
        return 0

    def count(self, connection: Connection, login: str, address: str, now: datetime.datetime) -> None:
        """In a write: count one attempt, and forget windows that are over."""
        names = _names(login, address, now)
        for name in sorted(names.values()):
            connection.execute(_COUNT, {"name": name})
        connection.execute(sa.delete(_setting).where(_setting.c.name >= "sign_in ", _setting.c.name < f"sign_in {_window(now):012d}"))

    def uncount(self, connection: Connection, login: str, address: str, now: datetime.datetime) -> None:
        """In a write: the attempt was right."""
        for name in sorted(_names(login, address, now).values()):
            connection.execute(_UNCOUNT, {"name": name})


def _window(now: datetime.datetime) -> int:
    return int(now.timestamp() // WINDOW.total_seconds())


def _names(login: str, address: str, now: datetime.datetime) -> dict[str, str]:
    """The names of the counters; hashed, because a login is whatever a stranger typed."""
    start, place = f"sign_in {_window(now):012d}", _network(address)
    return {
        "pair": f"{start} pair {_digest(login, place)}", "address": f"{start} address {_digest(place)}",
        "account": f"{start} account {_digest(login)}", "everybody": f"{start} everybody",
    }


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _network(address: str) -> str:
    """One IPv4 address, or the /64 that one household or clinic has in IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)
