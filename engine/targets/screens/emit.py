"""Definitions' texts inside template source: always through here, so that no label is ever read as template code."""

from __future__ import annotations

__all__ = ["html", "quoted"]

# Beside HTML's own characters the braces: `{{`, `{%` and `{#` of a label reach the browser as braces and Jinja2 never.
_HTML = str.maketrans({
    "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;", "{": "&#123;", "}": "&#125;",
    "\u2028": " ", "\u2029": " ",
})
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-.,:;/()?=+*")


def html(text: str) -> str:
    """A text for the HTML part of template source: element content or a quoted attribute."""
    return text.translate(_HTML)


def quoted(text: str) -> str:
    """A text as a string literal of a template expression; every character outside a small set is written by number."""
    return '"' + "".join(c if c in _PLAIN else _numbered(ord(c)) for c in text) + '"'


def _numbered(point: int) -> str:
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
