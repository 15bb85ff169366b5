"""A real browser: Debian's Chromium, driven by Playwright; what a page asked for, what its console said, what axe finds in it.

``CHROMIUM`` names another one than /usr/bin/chromium. axe is run over the debugging protocol, so that a page's own policy of what may
run in it stays as it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, sync_playwright

CHROMIUM = Path(os.environ.get("CHROMIUM") or "/usr/bin/chromium")
#: What a missing browser is told by.
MISSING = f"no browser at {CHROMIUM}: apt-get install chromium, or name one with CHROMIUM=; NOTHING was looked at"
#: Everything that axe has: the rules of WCAG 2.2 A and AA, and what it calls good practice.
_AXE = """async (rules) => (
    await axe.run(document, {resultTypes: ["violations"], ...(rules.length && {runOnly: rules})})
).violations.map(
    (one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(" | ")}`)"""
_RESTS = "() => { getComputedStyle(document.body).color; document.getAnimations().forEach((one) => one.finish()); }"
_WAITED = (
    """() => { const [it] = performance.getEntriesByType("navigation"); return it.responseStart - it.requestStart; }"""
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield the browser; it has ended afterwards. Root has to run it without its sandbox."""
    with sync_playwright() as playwright:
        alone = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*alone, "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A page of a browser, and what became of it since it was last asked for: requests, answers, errors in its console."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.page: Page = context.new_page()
        self.base = base
        self.elsewhere: list[str] = []
        self.errors: list[str] = []
        self._ended: list[Request] = []
        self.page.on("request", self._asked)
        self.page.on("requestfinished", lambda request: self._ended.append(request))  # noqa: PLW0108 - Playwright marks what it is given
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        context.new_cdp_session(self.page).send("Network.setCacheDisabled", {"cacheDisabled": True})

    def open(self, path: str) -> int:
        """Go to a page; returns its status."""
        return self._came(lambda: self.page.goto(f"{self.base}{path}", wait_until="load"))

    def press(self, button: str) -> int:
        """Go to the page that a button leads to; returns its status."""

        def pressed() -> Response | None:
            with self.page.expect_navigation(wait_until="load") as came:
                self.page.get_by_role("button", name=button, exact=True).click()
            return came.value

        return self._came(pressed)

    def _came(self, going: Callable[[], Response | None]) -> int:
        for told in (self.elsewhere, self.errors, self._ended):
            told.clear()
        answer = going()
        assert answer is not None
        if answer.status >= 400:
            self.errors[:] = [
                said for said in self.errors if "Failed to load resource" not in said or str(answer.status) not in said
            ]
        return answer.status

    @property
    def size(self) -> int:
        """Bytes of the page and of all files that it took, as they were sent, as if nothing had been kept.

        Without what has no end, such as its stream: it would be waited for.
        """
        return sum(request.sizes()["responseBodySize"] for request in self._ended)

    @property
    def waited(self) -> float:
        """Milliseconds from the question to the first byte of the page."""
        return round(float(self.page.evaluate(_WAITED)), 1)

    @property
    def sideways(self) -> int:
        """Pixels by which the page is wider than its window, once it has come whole."""
        self.page.wait_for_load_state("load")
        return int(self.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth"))

    def axe(self, *rules: str) -> list[str]:
        """What axe finds of the page; see ``axe``."""
        return axe(self.page, *rules)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.base}/", "data:", "blob:")):
            self.elsewhere.append(request.url)


def axe(page: Page, *rules: str) -> list[str]:
    """What axe finds, a line a rule: its name and the first places. ``rules``: only these; none: all.

    The page has come whole before, for a click comes back as soon as the next page has begun; and what moves has come to rest, for a
    colour on its way to another one is nobody's.
    """
    page.wait_for_load_state("load")
    page.evaluate(_RESTS)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())
    return [str(line) for line in page.evaluate(_AXE, list(rules))]


def _axe() -> str:
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def enter(context: BrowserContext, link: str) -> None:
    """Sign in by a link, as who got it does."""
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/console")
    page.close()


def state(context: BrowserContext) -> Any:
    """Return what another context needs to be signed in likewise."""
    return context.storage_state()
