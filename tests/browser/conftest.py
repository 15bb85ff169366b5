"""A real browser before a real server: Debian's Chromium, and ``goodword serve`` as a process with a small world in it.

Without a browser the tests are skipped, loudly; in CI they fail.
"""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from testkit import browser as real
from testkit import sent
from testkit.api import Api
from testkit.database import fresh_outside_a_loop, temporary_home
from testkit.product import Installation
from testkit.seen import HANDLER, IMAGE, OWNER, SCRIPT, Seen

_RULES = """
program: friends
currency: EUR
hold: 14d
conversions:
  - rewards:
      - {side: advocate, percent: 10}
      - {side: friend, flat: {EUR: 500}}
"""


class World:
    """A sandbox that is served. ``api``: it over HTTP; ``seen``: the installation."""

    def __init__(self, it: Installation) -> None:
        self.seen = Seen(it)
        self.url = it.url
        self.api: Api = self.seen.workspace("shop", "manual", "2026-03-02T09:00:00Z")
        self.api.say("owner", "/v1/programs", {"document": _RULES})
        self.api.send(sent.enrolled("enrol", "Ann", "ANN"), sent.lead("lead", "Bob", code="ANN"))
        self.api.send(sent.purchase("order", "Bob", "INV-1", 20_000), sent.purchase("again", "Bob", "INV-2", 10_000))
        self.api.send(sent.purchase("alone", "Cleo", "INV-3", 10_000))
        for n, text in enumerate((SCRIPT, HANDLER, IMAGE)):
            self.api.send(
                sent.enrolled(f"enrol-{n}", f"{text} {n}", f"CODE{n}", name=text),
                sent.lead(f"lead-{n}", f"friend {text} {n}", code=f"CODE{n}", customer_name=text),
                sent.purchase(f"order-{n}", f"friend {text} {n}", f"{text}-{n}", 20_000),
            )

    def link(self, mail: str = OWNER) -> str:
        """A link that signs somebody in."""
        return self.seen.link(mail, self.api)


@pytest.fixture(scope="module")
def world(pg_dsn: str, pg_template: str) -> Iterator[World]:
    """Yield what is served, by a process of its own that has ended afterwards."""
    if not real.CHROMIUM.exists():
        assert os.environ.get("CI") != "true", real.MISSING
        pytest.skip(real.MISSING)
    with fresh_outside_a_loop(pg_dsn, pg_template) as address, temporary_home() as home:
        it = Installation(home, DATABASE_URL=address)
        try:
            it.start("serve")
            it.ready()
            made = World(it)
            yield made
            made.api.http.close()
            made.seen.api.http.close()
        finally:
            it.end("serve")


@pytest.fixture(scope="module")
def browser(world: World) -> Iterator[Browser]:  # noqa: ARG001 - Playwright's own loop must run neither before it nor after it
    """Yield the browser; each test has a profile of its own in it."""
    with real.chromium() as found:
        yield found


@pytest.fixture
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """Yield a browser in which nobody was yet."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(profile: BrowserContext, world: World) -> Page:
    """Return a page of somebody who is signed in as the owner."""
    real.enter(profile, world.link())
    page = profile.new_page()
    page.goto(f"{world.url}/console")
    return page
