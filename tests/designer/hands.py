"""What the hands of an admin do in the designer: press, follow, choose; and what her eyes never meet on the way."""

from __future__ import annotations

import dataclasses
import re

from playwright.sync_api import Locator, Page, expect

TEXTUAL = re.compile(r"/file\b|/files\b")
"""Pages that show definitions as text."""


@dataclasses.dataclass
class Hands:
    """A page, and the addresses that it has shown."""

    page: Page
    origin: str

    def __post_init__(self) -> None:
        self.seen: list[str] = []
        self.page.on("framenavigated", lambda frame: self.seen.append(frame.url))

    def visit(self, path: str) -> None:
        self.page.goto(self.origin + path)

    @property
    def draft(self) -> str:
        """The path of the draft that is open."""
        found = re.search(r"/design/[0-9a-f]{32}", self.page.url)
        assert found is not None, self.page.url
        return found[0]

    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def press(self, name: str) -> None:
        self.main().get_by_role("button", name=name, exact=True).first.click()
        self.settled()

    def follow(self, name: str) -> None:
        self.main().get_by_role("link", name=name, exact=True).first.click()
        self.settled()

    def settled(self) -> None:
        """Until what was pressed has been answered and drawn."""
        expect(self.page.locator("#design[aria-busy]")).to_have_count(0)

    def new(self, kind: str, label: str) -> None:
        """The page that asks for a new definition, with its label filled in."""
        self.page.get_by_role("navigation", name="Draft").get_by_role("link", name="New").click()
        self.page.locator(".kinds").get_by_role("link", name=re.compile(f"^{kind}")).click()
        self.page.get_by_label(re.compile("^Label.*English")).first.fill(label)

    def choose(self, label: str, option: str) -> None:
        self.main().get_by_label(label).first.select_option(label=option)

    def add(self, section: str, label: str, **chosen: str) -> None:
        """A new element at the foot of a table; leads to its page."""
        table = self.page.locator("section.elements").filter(has=self.page.get_by_role("heading", name=re.compile(f"^{section}\\b")))
        table.get_by_label("Label en").fill(label)
        for name, option in chosen.items():
            table.get_by_label(name.capitalize()).select_option(label=option)
        table.get_by_role("button", name="Add").click()
        self.page.wait_for_url("**/element?**")
        self.settled()

    def condition(self, label: str) -> Locator:
        """The rows of a condition."""
        return self.page.get_by_role("group", name=re.compile(f"^{label}"))

    def begun(self, rows: Locator) -> None:
        """The rows stand there once the server has said what they can be about."""
        expect(rows.get_by_role("button", name="Add a condition").first).to_be_visible()

    def without(self, label: str) -> None:
        """Take the rows of a condition away."""
        rows = self.condition(label)
        self.begun(rows)
        while rows.locator(".condition-row").count():
            rows.get_by_role("button", name="Remove").first.click()

    def compare(self, label: str, field: str, operator: str, value: str | None = None, *, group: str = "") -> None:
        """One more row of a condition."""
        rows = self.condition(label)
        self.begun(rows)
        rows.get_by_role("button", name="Add a condition").click()
        row = rows.locator(".condition-row").last
        option = row.locator(f'optgroup[label="{group}"] option' if group else "option").filter(has_text=re.compile(f"^{re.escape(field)}$"))
        row.get_by_label("Field").select_option(value=option.first.get_attribute("value"))
        row.get_by_label("Comparison").select_option(label=operator)
        if value is not None:
            row.get_by_label("Value").fill(value)

    def no_problems(self) -> None:
        """The bar of the draft tells of none."""
        if self.page.locator(".draft-problems").count():
            self.visit(self.draft)
            raise AssertionError(self.page.locator("#problems").inner_text())
