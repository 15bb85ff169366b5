"""Two people at the queue at once, each in a browser: who looks, decides, has decided and when stands in the other's open list."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from testkit import browser as real
from testkit import sent
from testkit.seen import SECOND
from tests.browser.conftest import World

_LIST = "/console/rewards"


@pytest.fixture(scope="module")
def waiting(world: World) -> World:
    """Return the world with rewards in review that can be approved."""
    for n in range(6):
        world.api.send(
            sent.enrolled(f"two-{n}", f"Ivy {n}", f"IVY{n}"),
            sent.lead(f"two-lead-{n}", f"Joe {n}", code=f"IVY{n}"),
            sent.purchase(f"two-order-{n}", f"Joe {n}", f"TWO-{n}", 20_000 + n),
        )
    for n in range(6):
        world.api.payee(f"Ivy {n}")
    world.api.move("2026-03-18T09:00:00Z")
    world.api.until(lambda: len(world.api.get("/v1/rewards", status="in_review", limit=200)["items"]) >= 6)
    return world


@pytest.fixture
def theirs(browser: Browser, waiting: World) -> Iterator[Page]:
    """Yield a page of the second member, in a browser of their own."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    real.enter(context, waiting.link(SECOND))
    yield context.new_page()
    context.close()


def _row(page: Page, reward: str) -> Locator:
    return page.locator(f"tr:has(a.row-link[href*='{reward}'])")


def _mine(world: World, n: int) -> str:
    ivy = world.api.person(f"Ivy {n}")
    return str(world.api.get("/v1/rewards", status="in_review", beneficiary=ivy)["items"][0]["id"])


def _open(page: Page, world: World, reward: str) -> None:
    page.goto(f"{world.url}{_LIST}")
    page.locator(f"a.row-link[href*='{reward}']").click()
    expect(page.locator(".drawer .title")).to_be_visible()


def test_who_looks_and_who_decided_stands_in_the_others_open_list(page: Page, theirs: Page, waiting: World) -> None:
    """In the row and beside the list, without a reload: looking, deciding, gone again, and in the end by whom it was decided."""
    reward = _mine(waiting, 0)
    page.goto(f"{waiting.url}{_LIST}")
    said = _row(page, reward).locator(".others")
    _open(theirs, waiting, reward)
    expect(said).to_have_text("otto is looking at this", timeout=10_000)
    expect(theirs.locator(".drawer .others")).to_be_hidden()
    page.locator(f"a.row-link[href*='{reward}']").click()
    beside = page.locator(".drawer .others")
    expect(beside).to_have_text("otto is looking at this")
    expect(theirs.locator(".drawer .others")).to_have_text("olga is looking at this", timeout=10_000)
    theirs.keyboard.press("r")
    expect(beside).to_have_text("otto is deciding this", timeout=10_000)
    theirs.locator(".drawer details[open] input[name=reason]").first.check()
    theirs.get_by_role("button", name=re.compile("^Reject .*[0-9]")).click()
    theirs.wait_for_url("**done=rejected*")
    expect(beside).to_have_text(re.compile(r"^Rejected by otto \d\d:\d\d$"), timeout=10_000)
    cell = _row(page, reward).locator("td.app")
    expect(cell).to_contain_text(re.compile(r"Rejected\s*by otto \d\d:\d\d"))
    expect(_row(page, reward).locator("input[type=checkbox]")).to_be_disabled()
    page.locator(".drawer .title").focus()
    page.keyboard.press("h")  # dead: it is decided
    assert page.locator(".drawer details[open]").count() == 0
    expect(said).to_be_hidden()


def test_a_record_that_stands_open_says_that_it_was_decided(page: Page, theirs: Page, waiting: World) -> None:
    """On its own page too; and a colleague who leaves is said to be there no longer."""
    reward = _mine(waiting, 1)
    page.goto(f"{waiting.url}{_LIST}/{reward}")
    theirs.goto(f"{waiting.url}{_LIST}/{reward}")
    said = page.locator("main .others")
    expect(said).to_have_text("otto is looking at this", timeout=10_000)
    theirs.goto(f"{waiting.url}/console/people")
    expect(said).to_be_hidden(timeout=10_000)
    theirs.goto(f"{waiting.url}{_LIST}/{reward}")
    expect(said).to_have_text("otto is looking at this", timeout=10_000)
    theirs.keyboard.press("a")
    theirs.wait_for_url("**done=approved*")
    expect(said).to_have_text(re.compile(r"^Approved by otto \d\d:\d\d$"), timeout=10_000)
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    assert "done=" not in page.url
