"""What every channel owes: a README whose example compiles, the one surface, a name that the compiler knows, and no second claim.

1. The plugins that ship are those that the compiler knows, each by its module.
2. A plugin imports of Carework only itself and `runtime.channels`.
3. Its README has an example that compiles on top of core and uses its channel.
4. Two claims to one name are refused with both modules, and the registry cannot be changed.
"""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

from engine.registry import CHANNELS, builtin
from runtime.channels import PLUGINS, Channels, load_channels
from tests.docs.pages import ROOT, Page

OURS = ("engine", "runtime", "designer", "plugins", "tests", "examples")


def test_the_compiler_knows_the_channels() -> None:
    """Requirement 1."""
    channels = load_channels({})
    assert dict(channels.by) == dict(CHANNELS)
    assert set(CHANNELS.values()) == set(PLUGINS)
    assert builtin().with_channels(["sms"], "mine").channels["sms"] == "mine"
    for channel in channels.values():
        assert {"en", "zh"} <= set(channel.label)


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    found = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return found | {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}


@pytest.mark.parametrize("plugin", PLUGINS)
def test_one_surface(plugin: str) -> None:
    """Requirement 2."""
    folder = ROOT / Path(*plugin.split("."))
    ours = {name for path in folder.rglob("*.py") for name in _imports(path) if name.split(".")[0] in OURS}
    assert "runtime.channels" in ours
    assert {name for name in ours if not name.startswith(plugin)} == {"runtime.channels"}


@pytest.mark.parametrize("plugin", PLUGINS)
def test_readme(plugin: str) -> None:
    """Requirement 3."""
    text = (ROOT / Path(*plugin.split(".")) / "README.md").read_text("utf-8")
    page = Page(text)
    assert page.faults() == []
    named = {channel.name for channel in importlib.import_module(plugin).channels({})}
    assert any(re.search(rf"channels: \[.*{name}", block.text) for block in page.blocks for name in named)


def test_two_claims() -> None:
    """Requirement 4."""
    [(name, channel)] = [(name, channel) for name, channel in load_channels({}).items() if name == "inbox"]
    with pytest.raises(ValueError, match=r"'inbox' is registered by one and by two"):
        Channels([("one", channel), ("two", channel)])
    with pytest.raises(ValueError, match=r"'email' is registered by plugins\.email and by mine"):
        builtin().with_channels(["email"], "mine")
    with pytest.raises(TypeError):
        load_channels({}).by[name] = "mine"  # type: ignore[index]
