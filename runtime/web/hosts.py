"""For which hosts requests may be: those of the settings, where any are set. Werkzeug's own list cannot hold IPv6 addresses."""

from __future__ import annotations

import re
from collections.abc import Collection

__all__ = ["is_known"]

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::[0-9]{1,5})?")


def is_known(header: str, known: Collection[str] | None) -> bool:
    """Whether a Host header names one of the hosts, with any port. Without a list every host is; so is none, which misleads nobody."""
    if known is None or not header:
        return True
    found = _HOST.fullmatch(header)
    return found is not None and found[1].lower().rstrip(".") in known
