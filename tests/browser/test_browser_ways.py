"""What people come for, done as they do it: in a real browser, by what the pages show."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from testkit import browser as real
from testkit.database import temporary_home
from testkit.product import Product
from tests.browser.conftest import World


def test_the_first_sign_in_is_by_the_link_of_the_demo(browser: Browser) -> None:
    """What the demo prints at its end is opened, asks, and leads to pages with its month in them."""
    with temporary_home() as folder, Product(folder / "home").printing("demo") as demo:
        assert demo.stdout is not None
        link = next(found[0] for line in demo.stdout if (found := re.search(r"http://\S+/console/in/\S+", line)))
        context = browser.new_context()
        page = context.new_page()
        page.goto(link)
        expect(page.get_by_text("olga@shop.example")).to_be_visible()
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/console")
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Rewards").click()
        expect(page.locator("a.row-link")).not_to_have_count(0)
        again = context.new_page()
        answer = again.goto(link)
        assert answer is not None
        assert answer.status == 404
        context.close()


def test_why_an_order_earned_nothing_is_read_in_words(page: Page) -> None:
    """From the list of what was decided to the entry itself, which says it in a sentence."""
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Log").click()
    page.wait_for_url("**/console/log")
    row = page.locator("tr", has_text="conversion.recorded").filter(has_text="Not referred")
    row.first.locator("a.row-link").click()
    page.wait_for_url("**/console/log/*")
    expect(page.locator("main")).to_contain_text("The customer was not recommended by anybody.")


def test_a_person_is_found_and_their_reward_says_why(page: Page) -> None:
    """Search, one row, the explanation for both who earn and who pay."""
    page.keyboard.press("g")
    page.keyboard.press("e")
    page.wait_for_url("**/console/people")
    page.locator("input[type=search]").fill("Ann")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/people/per_*")
    page.locator("main a[href*='/console/rewards/rwd_']").first.click()
    page.wait_for_url("**/console/rewards/rwd_*")
    expect(page.get_by_role("heading", name="Why this amount")).to_be_visible()
    expect(page.locator("main")).to_contain_text("20.00")


def test_a_sandboxs_clock_is_moved_by_its_form(page: Page) -> None:
    """The header shows where it stands; a button moves it a day on, an instant that is past moves nothing and says so."""
    page.locator(".sandbox a").click()
    page.wait_for_url("**/console/clock")
    before = page.locator("main .sum").inner_text()
    page.get_by_role("button", name="1 day forward").click()
    page.wait_for_url("**/console/clock?done=clock_moved")
    expect(page.get_by_role("status")).to_be_visible()
    assert page.locator("main .sum").inner_text() != before
    page.locator("input[name=to]").fill("2020-01-01T00:00")
    page.get_by_role("button", name="Move the clock").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.locator("input[name=to]").input_value() == "2020-01-01T00:00"


def test_the_list_is_gone_through_by_keyboard_alone(page: Page, world: World) -> None:
    """Keys: g goes, j and k move, Enter opens, / searches, ? helps and Escape closes; in a text field they are letters."""
    page.goto(f"{world.url}/console")
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/console/rewards")
    page.goto(f"{world.url}/console/rewards?status=all")
    rows = page.locator("a.row-link")
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(rows.nth(1)).to_be_focused()
    opened = rows.nth(1).get_attribute("href")
    page.keyboard.press("?")
    expect(page.locator("dialog.help")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.help")).not_to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("jjk?")
    expect(page.locator("input[type=search]")).to_have_value("jjk?")
    page.goto(f"{world.url}/console/rewards?status=all")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{opened}")


def test_a_session_that_was_stolen_ends_with_sign_out(
    page: Page, profile: BrowserContext, browser: Browser, world: World
) -> None:
    """Whoever took the cookie is asked to sign in; back in the browser nothing of the pages is shown."""
    thief = browser.new_context(storage_state=real.state(profile))
    stolen = thief.new_page()
    stolen.goto(f"{world.url}/console/rewards?status=all")
    expect(stolen.get_by_role("heading", name="Rewards")).to_be_visible()
    page.goto(f"{world.url}/console/rewards?status=all")
    expect(page.locator("main")).to_contain_text("Ann")
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("**/console/out")
    stolen.reload()
    assert "Ann" not in stolen.content()
    assert stolen.locator("a.row-link").count() == 0
    page.go_back()
    page.wait_for_load_state()
    assert page.locator("a.row-link").count() == 0
    assert "Ann" not in page.content()
    thief.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_a_page_can_be_used_by_everybody(page: Page, profile: BrowserContext, world: World, width: int) -> None:
    """By axe nothing is found on the list, its record and the clock; nothing is asked elsewhere; `make pages` looks at all others."""
    row = page.goto(f"{world.url}/console/rewards?status=all") and page.locator("a.row-link").first.get_attribute(
        "href"
    )
    it = real.Watched(profile, world.url)
    it.page.set_viewport_size({"width": width, "height": 844})
    for path in ("/console", "/console/rewards", str(row), "/console/clock"):
        assert it.open(path) == 200
        assert (it.elsewhere, it.errors, it.sideways <= 0) == ([], [], True), path
        assert it.axe() == [], path


def test_what_has_made_a_picture_is_what_is_committed() -> None:
    """README's picture is one of the list, small enough to be loaded at once."""
    root = Path(__file__).resolve().parents[2]
    shown = re.search(r"\(docs/(rewards\.png)\)", (root / "README.md").read_text())
    if shown is None:
        pytest.skip("README shows no picture yet")
    assert (root / "docs" / shown[1]).stat().st_size < 150_000
