"""Stencils: drawn once, filled with escaped texts, wherever and however often the holes stand."""

from markupsafe import Markup, escape

from runtime.screens.stencil import Stencil


def test_a_stencil_is_drawn_once_and_filled_as_its_template_would_be() -> None:
    """Requirement: holes may stand twice and in any order; what is no HTML is escaped, a text like another hole's mark is only a text."""
    drawn: list[int] = []

    def draw(texts: list[object]) -> str:
        drawn.append(1)
        return f"<p title='{texts[1]}'>{escape(texts[0])}{texts[1]}</p>"

    stencil = Stencil(draw, 2)
    assert stencil.fill("<b>", Markup("<i>")) == "<p title='<i>'>&lt;b&gt;<i></p>"
    assert stencil.fill(7, "hole-0-") == "<p title='hole-0-'>7hole-0-</p>"
    assert type(stencil.fill("", "")) is Markup
    assert len(drawn) == 1
