"""Templates: fixed texts, icons and addresses are part of the compiled page, whatever is computed is asked for."""

from jinja2 import nodes

from runtime.screens.environment import environment


def test_what_is_fixed_is_compiled_in() -> None:
    """Requirement: both languages say theirs; texts are escaped once; variables, counts and values still count."""
    source = '<a title="{{ _("Edit") }}">{{ icon("plus") }}</a>{{ _(text) }}{{ _("and %(count)s more fields", count=n) }}{{ value }}'
    said = {}
    for language in ("en", "zh"):
        made = environment(language)
        assert [call.node.name for call in made.parse(source).find_all(nodes.Call)] == ["_", "_"]
        said[language] = made.from_string(source).render(text="Edit", n=3, value="<b>")
    assert said["en"].startswith('<a title="Edit"><svg class="icon"')
    assert said["en"].endswith("</svg></a>Editand 3 more fields&lt;b&gt;")
    assert said["zh"].startswith('<a title="编辑"><svg class="icon"') and said["zh"].endswith("&lt;b&gt;")
    assert environment("en").from_string('{{ _("100 %% <b>") }}{% set _ = value %}').render(value=1) == "100 % <b>"
