"""What a browser calls itself, in two words that a person knows again."""

from __future__ import annotations

__all__ = ["device"]

# The first name that stands in the text counts: nearly all browsers also name those they want to be taken for.
_BROWSERS = (
    ("MicroMessenger/", "WeChat"), ("Edg", "Edge"), ("OPR/", "Opera"), ("QQBrowser/", "QQ Browser"), ("HuaweiBrowser/", "Huawei Browser"),
    ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("HeadlessChrome/", "Chrome"), ("Chrome/", "Chrome"), ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("OpenHarmony", "HarmonyOS"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)


def device(agent: str) -> str:
    """`Chrome · Windows` for a User-Agent; its first 60 characters when neither is known, `–` when it is empty."""
    known = (next((name for mark, name in table if mark in agent), "") for table in (_BROWSERS, _SYSTEMS))
    return " · ".join(name for name in known if name) or agent[:60] or "–"
