"""Takes the pictures of the README from a running demo: `python docs/images/make.py ADDRESS LOGIN PASSWORD`.

Needs the packages of requirements-dev.txt and a Chromium (`CHROMIUM` names its binary, else one on the PATH). Chinese, 1280 px wide.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
SIZE = {"width": 1280, "height": 760}


def main(address: str, login: str, password: str) -> None:
    """Sign in, then one picture of the list of patients and one of a follow-up task that is open."""
    binary = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox", "--lang=zh-CN"])
        page = browser.new_context(viewport=SIZE, locale="zh-CN").new_page()
        page.goto(f"{address}/sign-in")
        page.fill("input[name=username]", login)
        page.fill("input[name=password]", password)
        page.click(".signin-go")
        page.wait_for_url(f"{address}/")
        _take(page, f"{address}/o/patient", "list.png")
        page.goto(f"{address}/")
        first = page.locator(".lines a", has_text="待随访").first.get_attribute("href")
        _take(page, f"{address}{first}", "record.png")
        browser.close()


def _take(page: Page, url: str, name: str) -> None:
    page.goto(url)
    page.screenshot(path=HERE / name, animations="disabled")
    print(f"{name}: {(HERE / name).stat().st_size // 1024} KB")


if __name__ == "__main__":
    main(*sys.argv[1:4])
