"""A browser without scripts: reads pages, fills forms, keeps cookies."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from runtime.web.state import LANGUAGE_COOKIE
from tests.runtime.api.world import Web


class Reader(HTMLParser):
    """Tags with attributes, visible text, and the first form of `main` that posts as what it would send."""

    VOID = frozenset({"input", "img", "br", "meta", "link", "use"})

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.forms: list[dict[str, Any]] = []
        self._in: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        if tag == "form":
            self.forms.append({"action": found.get("action", ""), "method": found.get("method", "get"), "fields": []})
        elif self.forms and self._inside("form"):
            self._input(tag, found)
        if tag not in self.VOID:
            self._in.append((tag, found))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._in:
            if self._in.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self._in and self._in[-1][0] == "textarea" and self.forms:
            name, value = self.forms[-1]["fields"][-1]
            self.forms[-1]["fields"][-1] = (name, value + data.removeprefix("\n"))

    def _inside(self, tag: str) -> bool:
        return any(name == tag for name, _ in self._in)

    def _input(self, tag: str, found: dict[str, str]) -> None:
        fields, name = self.forms[-1]["fields"], found.get("name", "")
        if tag == "option":
            select = next(attrs for t, attrs in reversed(self._in) if t == "select")
            if "selected" in found or not any(n == select["name"] for n, _ in fields):
                fields[:] = [(n, v) for n, v in fields if n != select["name"]]
                fields.append((select["name"], found.get("value", "")))
        elif tag == "textarea":
            fields.append((name, ""))
        elif tag == "input" and name and self._sent(found):
            fields.append((name, found.get("value", "")))

    @staticmethod
    def _sent(found: dict[str, str]) -> bool:
        kind = found.get("type")
        return kind not in ("file", "submit") and (kind not in ("radio", "checkbox") or "checked" in found)


@dataclasses.dataclass
class Seen:
    """A page as it came."""

    response: TestResponse

    def __post_init__(self) -> None:
        self.html = self.response.get_data(as_text=True)
        self.status = self.response.status_code
        self.read = Reader(self.html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.read.text).split())

    @property
    def location(self) -> str:
        return self.response.headers.get("Location", "")

    def form(self, action: str) -> list[tuple[str, str]]:
        """What the form with this action would send untouched."""
        found = next(form for form in self.read.forms if form["action"] == action and form["method"] == "post")
        return list(found["fields"])

    def rows(self) -> list[str]:
        """Titles of the rows of the page's first list."""
        return re.findall(r'<th scope="row"><a href="[^"]*">(.*?)</a></th>', self.html)


@dataclasses.dataclass
class Surfer:
    """Somebody's browser."""

    web: Web
    client: FlaskClient

    @classmethod
    def of(cls, web: Web, login: str, language: str = "en") -> Surfer:
        client = web.app.test_client()
        if login:
            client.set_cookie(web.site.cookie, web.session(login))
        client.set_cookie(LANGUAGE_COOKIE, language)
        return cls(web, client)

    def get(self, path: str, **headers: str) -> Seen:
        return Seen(self.client.get(path, headers=headers))

    def send(self, action: str, fields: list[tuple[str, str]] | None = None, /, **changes: Any) -> Seen:
        """Post a form with some inputs changed; a change to None leaves the input out. Without fields only a token is sent."""
        if fields is None:
            fields = [("csrf_token", self.token())]
        kept = [(name, value) for name, value in fields if name not in changes]
        added = [(name, item) for name, value in changes.items() if value is not None for item in _several(value)]
        together: dict[str, list[Any]] = {}
        for name, value in [*kept, *added]:
            together.setdefault(name, []).append(value)
        return Seen(self.client.post(action, data=together, content_type="multipart/form-data"))

    def fill(self, page: str, action: str | None = None, /, **changes: Any) -> Seen:
        """Open the page of a form and send it with some inputs changed."""
        target = (action or page).partition("?")[0]
        return self.send(target, self.get(page).form(target), **changes)

    def token(self) -> str:
        found = re.search(r'<meta name="csrf-token" content="([^"]+)">', self.get("/me").html)
        assert found is not None
        return found[1]


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
