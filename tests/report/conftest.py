"""Debian's chromium, headless and offline, and what it must not have complained about."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

_MISSING = "chromium is not installed: apt-get install chromium"
_WATCH = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => {
  violations.push(`${event.effectiveDirective} ${event.blockedURI}`);
});
"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    if program is None:
        pytest.skip(_MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open a page as a file; at the end nothing was logged, refused or asked of any network."""
    told: list[str] = []
    pages: list[tuple[Page, bool]] = []

    def open_page(html: str, fragment: str = "", *, width: int = 1440, **options: Any) -> Page:
        file = tmp_path / f"report-{len(pages)}.html"
        file.write_text(html, encoding="utf-8")
        size = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, offline=True, **options)
        context.set_default_timeout(30_000)
        page = context.new_page()
        has_script = options.get("java_script_enabled", True)
        if has_script:
            page.add_init_script(_WATCH)
        page.on("console", lambda message: told.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: told.append(f"error: {error}"))
        page.on("request", lambda r: r.url.startswith(file.as_uri()) or told.append(r.url))
        page.goto(file.as_uri() + fragment)
        pages.append((page, has_script))
        return page

    yield open_page
    for page, has_script in pages:
        told += page.evaluate("violations") if has_script else []
        page.context.close()
    assert told == []


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Return where pictures are kept: PATCHKIT_SCREENSHOTS, else pytest's own folder."""
    folder = Path(os.environ.get("PATCHKIT_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
