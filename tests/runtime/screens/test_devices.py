"""Requirement: a person knows her devices again on “My account”, without reading a browser's whole name."""

from __future__ import annotations

import pytest

from runtime.screens.devices import device

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"


@pytest.mark.parametrize(("agent", "shown"), [
    (WINDOWS, "Chrome · Windows"),
    (f"{WINDOWS} Edg/126.0.0.0", "Edge · Windows"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1", "Safari · iPhone"),
    ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.49", "WeChat · Android"),
    ("curl/8.5.0", "curl/8.5.0"),
    ("x" * 500, "x" * 60),
    ("", "–"),
])
def test_devices_have_short_names(agent: str, shown: str) -> None:
    """Browsers that name each other are told apart; what is unknown is shown as it is, cut."""
    assert device(agent) == shown
