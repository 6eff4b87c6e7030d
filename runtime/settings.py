"""Settings of a process, read once from the environment at the edge and passed inward as a value."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["BadSetting", "Settings"]

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
"""By these names health checks and proxies on the same machine come."""
DEFAULT_DATABASE = "sqlite:///var/carework.sqlite3"


class BadSetting(ValueError):
    """A setting that cannot be used; the text names the variable and what it takes."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this process runs. Every field has the environment variable of its docstring."""

    database_url: str = DEFAULT_DATABASE
    """`CAREWORK_DATABASE_URL`: `sqlite:///path` or `postgresql+psycopg://…`."""
    keys_path: Path = Path("var/carework.keys")
    """`CAREWORK_KEYS`: the file with the secrets of this installation; made on first use, readable by its owner only.

    Default: beside the SQLite file; `var/carework.keys` with PostgreSQL, where every machine needs the same file.
    """
    base_url: str = ""
    """`CAREWORK_BASE_URL`: the address that links are made with; empty takes relative links."""
    hosts: tuple[str, ...] = ()
    """Names that requests may be for besides that of `base_url`, which alone makes links; set by `serve --tls auto`."""
    secure_cookies: bool = False
    """`CAREWORK_SECURE_COOKIES`: `1` behind a proxy that speaks TLS; set by `serve --tls`."""
    proxies: int = 0
    """`CAREWORK_PROXIES`: how many proxies stand before it whose X-Forwarded-For is to be believed."""
    jobs: bool = True
    """`CAREWORK_JOBS`: `0` where processes that serve leave timers and effects to `carework worker`."""
    password_profile: str = "asvs"
    """`CAREWORK_PASSWORD_PROFILE`: `asvs` or `dengbao`."""
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    """All `CAREWORK_…` variables, of which plugins read their own; passwords are among them, so it is never shown."""

    @property
    def trusted_hosts(self) -> frozenset[str] | None:
        """What a Host header may say; None where nothing is set and any may stand there, because nothing is made of it."""
        own = urlsplit(self.base_url).hostname or ""
        named = [f"[{own}]" if ":" in own else own] if own else []
        return frozenset((*named, *self.hosts, *LOCAL_HOSTS)) if named or self.hosts else None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Settings from `os.environ` or the like. Raises BadSetting."""
        url = environment.get("CAREWORK_DATABASE_URL", "") or DEFAULT_DATABASE
        if url.startswith(("postgresql://", "postgres://")):
            url = "postgresql+psycopg://" + url.partition("://")[2]
        if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise BadSetting("CAREWORK_DATABASE_URL takes sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE")
        profile = environment.get("CAREWORK_PASSWORD_PROFILE", "asvs")
        if profile not in ("asvs", "dengbao"):
            raise BadSetting("CAREWORK_PASSWORD_PROFILE takes asvs or dengbao")
        proxies = environment.get("CAREWORK_PROXIES", "") or "0"
        if not (proxies.isascii() and proxies.isdigit() and int(proxies) < 10):
            raise BadSetting("CAREWORK_PROXIES takes a number from 0 to 9")
        base_url = environment.get("CAREWORK_BASE_URL", "").rstrip("/")
        if base_url and not _is_address(base_url):
            raise BadSetting("CAREWORK_BASE_URL takes the address that people use, such as https://carework.example.org")
        return cls(
            database_url=url,
            proxies=int(proxies),
            keys_path=Path(environment.get("CAREWORK_KEYS", "") or _keys_beside(url)),
            jobs=environment.get("CAREWORK_JOBS", "") != "0",
            base_url=base_url,
            secure_cookies=environment.get("CAREWORK_SECURE_COOKIES", "") == "1",
            password_profile=profile,
            environment={name: value for name, value in environment.items() if name.startswith("CAREWORK_")},
        )


def _is_address(text: str) -> bool:
    """Whether links can be made with it: a scheme and a host, perhaps a port, nothing else."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    bare = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username or parts.password)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and bare and port != 0 and text.isprintable() and " " not in text


def _keys_beside(url: str) -> str:
    if not url.startswith("sqlite:///"):
        return "var/carework.keys"
    return str(Path(url.removeprefix("sqlite:///")).with_suffix(".keys"))
