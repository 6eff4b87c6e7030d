"""What the templates promise to those who generate screens.

1. No inline script, style or event attribute anywhere.
2. Every widget is a macro `field` with the same first parameters, and escapes what it is given.
3. A refused field names its error to assistive technology and keeps what was typed.
4. A page reads whole without scripts: forms post, links lead on.
"""

import re
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from runtime.screens.assets import STATIC
from tests.runtime.screens.mock import PAGES, create_app

TEMPLATES = STATIC.parent / "templates"
WIDGETS = sorted(path.stem for path in (TEMPLATES / "fields").glob("[!_]*.html"))
COMMON = ("name", "label", "value", "error", "help", "required", "warning")
CANARY = "\"'><svg/onload=x>"


class Tags(HTMLParser):
    """Start tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps it."""
        self.tags.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def app() -> Flask:
    """The mock application."""
    return create_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Its test client."""
    return app.test_client()


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_inline(client: FlaskClient, page: str) -> None:
    """Requirement 1."""
    tags = Tags(client.get(f"/{page}").text).tags
    assert [tag for tag, attributes in tags if tag == "style" or "style" in attributes] == []
    assert [tag for tag, attributes in tags if tag == "script" and "src" not in attributes] == []
    assert [name for _, attributes in tags for name in attributes if name.startswith(("on", "hx-on"))] == []


def rendered(app: Flask, widget: str, **given: object) -> str:
    """One widget alone."""
    with app.test_request_context("/?lang=en"):
        template = app.jinja_env.get_template(f"fields/{widget}.html")
        return str(template.make_module().field(**given))  # type: ignore[attr-defined]


@pytest.mark.parametrize("widget", WIDGETS)
def test_widgets_share_one_signature_and_escape(app: Flask, widget: str) -> None:
    """Requirement 2."""
    with app.test_request_context("/"):
        macro = app.jinja_env.get_template(f"fields/{widget}.html").make_module().field  # type: ignore[attr-defined]
    assert macro.arguments[: len(COMMON)] == COMMON
    assert macro.arguments[-2:] == ("restricted", "width")
    value = {"link": {"id": CANARY, "title": CANARY}, "attachment": {"id": CANARY, "name": CANARY, "size_text": CANARY, "url": CANARY}}
    html = rendered(app, widget, name="x", label=CANARY, value=value.get(widget, CANARY), error=CANARY, help=CANARY, warning=CANARY)
    tags = Tags(html).tags
    assert len(tags) > 3
    assert [tag for tag, attributes in tags if "onload" in attributes or tag == "svg/onload=x"] == []
    assert "<svg/onload" not in html


@pytest.mark.parametrize("widget", [widget for widget in WIDGETS if widget not in {"read_only", "masked", "choices"}])
def test_errors_are_tied_to_their_control(app: Flask, widget: str) -> None:
    """Requirement 3: aria-invalid, and aria-describedby names elements that exist."""
    html = rendered(app, widget, name="x", label="X", error="Wrong.", help="Help.", required=True)
    tags = Tags(html).tags
    ids = {attributes.get("id") for _, attributes in tags}
    bad = [attributes for _, attributes in tags if attributes.get("aria-invalid") == "true"]
    assert len(bad) == 1
    assert set((bad[0]["aria-describedby"] or "").split()) == {"f-x-error", "f-x-help"} <= ids


@pytest.mark.parametrize("widget", ["text", "number", "phone", "id_number", "long_text", "email"])
def test_what_was_typed_is_kept(app: Flask, widget: str) -> None:
    """Requirement 3: also when it is not a value of the type."""
    assert "1x,5 mm" in rendered(app, widget, name="x", label="X", value="1x,5 mm", error="Wrong.")


def test_zero_and_false_are_values(app: Flask) -> None:
    """Requirement 3: nothing but null shows as empty."""
    assert 'value="0"' in rendered(app, "number", name="x", label="X", value=0)
    assert "<p class=\"fixed\"><span data-value>0</span></p>" in rendered(app, "read_only", name="x", label="X", value=0)
    radio = Tags(rendered(app, "boolean", name="x", label="X", value=False, nullable=True)).tags
    answers = [attributes for _, attributes in radio if "checked" in attributes]
    assert [answer["value"] for answer in answers] == ["false"]


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_whole_without_scripts(client: FlaskClient, page: str) -> None:
    """Requirement 4: posts carry the token, labels point at controls, ids are single, one h1, language and title are set."""
    html = client.get(f"/{page}?lang=zh-Hans").text
    tags = Tags(html).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {attributes["for"] for tag, attributes in tags if tag == "label" and "for" in attributes} <= set(ids)
    assert [tag for tag, _ in tags].count("h1") == 1
    assert '<html lang="zh-Hans">' in html
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", html, re.S):
        assert 'name="csrf_token" value="sample-token"' in form
