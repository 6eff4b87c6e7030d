"""Texts of definitions in template source.

1. Whatever a label holds, the template gives it back as text: nothing is computed, nothing becomes markup.
2. The same for texts that are parameters of macros.
"""

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from engine.targets.screens import emit

NASTY = ["{{ 7*7 }}", "{% raw %}", "{#", "#}", "}}", "\\", "\"'>", "{{'}}", "a\nb", "\u2028", "𝟙{%", "{{{{", "{%endraw%}", "%}"]
ENVIRONMENT = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
TEXT = st.text(st.one_of(st.sampled_from("{}%#\\\"'<>&\n x7*"), st.characters(exclude_categories=["Cs", "Cc"])), max_size=40)


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_html_gives_the_text_back(text: str) -> None:
    """Requirement 1."""
    _gives_back(text)


@pytest.mark.parametrize("text", NASTY)
def test_nasty_texts(text: str) -> None:
    """Requirements 1 and 2."""
    _gives_back(text)
    assert html.unescape(ENVIRONMENT.from_string("<i>{{ " + emit.quoted(text) + " }}</i>").render()) == f"<i>{text}</i>"


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_quoted_gives_the_text_back(text: str) -> None:
    """Requirement 2."""
    source = "{% macro m(a, b=none) %}{{ a }}|{{ b }}{% endmacro %}{{ m(" + emit.quoted(text) + ", b=" + emit.quoted(text) + ") }}"
    assert html.unescape(ENVIRONMENT.from_string(source).render()) == f"{text}|{text}"


def _gives_back(text: str) -> None:
    source = f'<i title="{emit.html(text)}">{emit.html(text)}</i>'
    made = ENVIRONMENT.from_string(source).render()
    assert "<" not in made[1:].replace("</i>", "").replace("<i", "")
    expected = text.replace("\u2028", " ").replace("\u2029", " ")
    assert html.unescape(made) == f'<i title="{expected}">{expected}</i>'
