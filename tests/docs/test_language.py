"""The language reference is true and whole.

1. Every YAML example compiles on top of core, or gives the code that stands beside it.
2. Every kind has its page, and every key of its schema is explained there.
3. The table of problem codes is what the code says now.
4. Both checks find a planted fault.
"""

import importlib.util
import re
from types import ModuleType

import pytest

from engine.problems import Code
from engine.registry import builtin
from engine.text.kinds import KINDS
from engine.text.schemas import schemas
from tests.docs.pages import LANGUAGE, ROOT, Page, keys_of, unmentioned

SCHEMAS = schemas(builtin())
PAGES = {
    "pack": "packs-and-layers.md", "organisation": "packs-and-layers.md", "object": "objects.md", "choices": "choices.md",
    "form": "forms.md", "view": "views.md", "workflow": "workflows.md", "role": "roles.md", "data": "data.md",
    "decision": "tables.md", "score": "scores.md", "page": "pages.md", "plan": "plans.md", "scenario": "scenarios.md", "message": "messages.md",
}
GENERATED = {"fields.md", "problems.md"}
WITH_EXAMPLES = sorted(path.name for path in LANGUAGE.glob("*.md") if path.name not in GENERATED)


def page(name: str) -> str:
    return (LANGUAGE / name).read_text("utf-8")


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_are_true(name: str) -> None:
    """Each block of the page compiles without a warning, publishes over the one before, or gives its code."""
    assert Page(page(name)).faults() == []


@pytest.mark.parametrize(("block", "fault"), [
    ("```yaml objects/a.yaml\nname: a\nfields: {x: {type: txt}}\n```\n", "FIELD-002"),
    ("```yaml objects/a.yaml\nname: a\nfields: {x: {type: text}}\n```\n"
     "```yaml objects/a.yaml FIELD-002\nname: a\n```\n", "marked FIELD-002"),
    ("```yaml objects/a.yaml\nname: a\nfields: {x: {type: text}}\n```\n"
     "```yaml objects/a.yaml then\nname: a\nfields: {y: {type: text}}\n```\n", "PLAN-001"),
])
def test_planted_fault_in_an_example(block: str, fault: str) -> None:
    """A broken block, a block that does not give its code and a version that cannot be published are found."""
    assert any(fault in found for found in Page(block).faults())


@pytest.mark.parametrize("block", ["```yaml\nname: a\n```\n", "- text\n  ```yaml objects/a.yaml\n  name: a\n  ```\n"])
def test_planted_block_without_a_file(block: str) -> None:
    """No YAML block escapes the check by leaving out its file or by its fence."""
    with pytest.raises(AssertionError):
        Page(block)


@pytest.mark.parametrize("kind", PAGES)
def test_keys_of_a_kind_are_explained(kind: str) -> None:
    """Every key of the kind's schema, and every word to choose from, stands on its page."""
    assert unmentioned(page(PAGES[kind]), keys_of(SCHEMAS[kind])) == set()


def test_keys_of_fields_are_explained() -> None:
    """What all fields share stands on the page of objects; the settings of types are written from the types themselves."""
    shared = set.intersection(*(keys_of(SCHEMAS["object"], f"field.{name}") for name in builtin().field_types))
    assert {"type", "restricted", "formula"} <= shared
    assert unmentioned(page("objects.md"), shared) == set()


def test_planted_missing_key() -> None:
    """A key that disappears from its page is found."""
    text = page("objects.md").replace("`plural`", "").replace("`plural:", "")
    assert unmentioned(text, keys_of(SCHEMAS["object"])) == {"plural"}


def test_every_kind_has_a_page_in_the_index() -> None:
    """The index names every kind's folder and leads to every page."""
    assert set(PAGES) == set(SCHEMAS)
    index = page("README.md")
    assert unmentioned(index, {f"{folder}/" for folder in KINDS} | {"pack.yaml", "organisation.yaml"}) == set()
    others = {path.name for path in LANGUAGE.glob("*.md")} - {"README.md"}
    assert others - set(re.findall(r"\]\(([a-z-]+\.md)\)", index)) == set()


def test_links_lead_somewhere() -> None:
    """Links between pages lead to a file, and to a heading where they name one."""
    lost = []
    for path in LANGUAGE.glob("*.md"):
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", path.read_text("utf-8")):
            there = path.parent / target if target else path
            headings = re.findall(r"^#+ (.*)$", there.read_text("utf-8"), re.MULTILINE) if there.is_file() else []
            slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
            if not there.exists() or (anchor and anchor not in slugs):
                lost.append(f"{path.name}: {target}#{anchor}")
    assert lost == []


def problems_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("problems_page", ROOT / ".ci" / "problems.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_problem_codes_are_up_to_date() -> None:
    """docs/language/problems.md holds every code as it is now; write it anew with `.venv/bin/python .ci/problems.py`."""
    assert page("problems.md") == problems_script().problems_page()
    assert [code.code for code in Code if f"`{code.code}`" not in page("problems.md")] == []
