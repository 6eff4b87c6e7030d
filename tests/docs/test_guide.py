"""The guides are true: what an administrator is told to write compiles, and staff read every section in both languages."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT, Page

GUIDE = ROOT / "docs" / "guide"


def test_examples_of_the_administrator_are_true() -> None:
    """The files of one page form one pack on top of core."""
    page = Page((GUIDE / "admin.md").read_text("utf-8"))
    assert len(page.blocks) >= 8
    assert page.faults() == []


def test_staff_read_both_languages() -> None:
    """Each section has a title and at least one paragraph in English and in Chinese."""
    _, *sections = re.split(r"^## ", (GUIDE / "staff.md").read_text("utf-8"), flags=re.MULTILINE)
    assert len(sections) >= 9
    for section in sections:
        title, _, text = section.partition("\n")
        paragraphs = [part for part in text.split("\n\n") if part.strip()]
        for part in (title, *("".join(p for p in paragraphs if chinese(p) == wanted) for wanted in (True, False))):
            assert part.strip(), title
        assert chinese(title) and re.search("[a-z]", title), title


def chinese(text: str) -> bool:
    """Whether a tenth of it is Chinese characters."""
    return len(re.findall("[\u4e00-\u9fff]", text)) * 10 > len(text)
