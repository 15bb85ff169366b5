"""On a phone the fields of a filter stand behind one button that says how many are set; on a wide screen in their line."""

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import World

_LISTS = ("rewards", "payouts", "events", "people?q=ann", "ledger", "cases", "referrals", "conversions", "log")
_PHONE, _WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("rewards", "Payee"),
        ("events", "Invoice"),
        ("referrals", "Friend"),
        ("conversions", "Customer"),
        ("figures", "From"),
    ],
)
def test_a_filter_is_folded_on_a_phone_only(page: Page, world: World, path: str, field: str) -> None:
    """And opened by a press, without a script."""
    page.set_viewport_size(_PHONE)
    page.goto(f"{world.url}/console/{path}")
    wanted, button = page.locator(".filters").get_by_label(field, exact=True), page.locator(".fold > summary")
    expect(wanted).not_to_be_visible()
    button.click()
    expect(wanted).to_be_visible()
    page.set_viewport_size(_WIDE)
    page.goto(f"{world.url}/console/{path}")
    expect(button).not_to_be_visible()
    expect(wanted).to_be_visible()


def test_a_folded_filter_says_how_much_of_it_is_set(page: Page, world: World) -> None:
    """What narrows a list is never out of sight, and the search stays where it is."""
    page.set_viewport_size(_PHONE)
    page.goto(f"{world.url}/console/rewards?unit=EUR&risk=1")
    expect(page.locator(".fold > summary")).to_have_text("Filter 2 set")
    expect(page.get_by_role("searchbox", name="Search")).to_be_visible()


@pytest.mark.parametrize("path", ["deals/new", "claims/new", "leads/new"])
def test_a_choice_with_a_very_long_name_stays_in_a_phones_window(page: Page, world: World, path: str) -> None:
    """It is as wide as its form, whatever its program is called."""
    page.set_viewport_size(_PHONE)
    page.goto(f"{world.url}/console/{path}")
    options = page.locator("main select.field option")
    assert options.count() > 0
    options.evaluate_all("(all) => all.forEach((it) => { it.textContent = 'a-very-long-name-'.repeat(12); })")
    assert page.evaluate("document.documentElement.scrollWidth") <= _PHONE["width"]


@pytest.fixture(scope="module")
def waiting(world: World) -> World:
    """Return the world with rewards in review."""
    world.api.move("2026-03-18T09:00:00Z")
    world.api.until(lambda: len(world.api.get("/v1/rewards", status="in_review")["items"]) > 4)
    return world


@pytest.mark.parametrize("width", [800, 1024, 1120, 1280])
def test_a_list_is_never_wider_than_its_window(page: Page, waiting: World, width: int) -> None:
    """Columns give way instead: neither the page nor a table of it is cut at the right, and no head of a column."""
    page.set_viewport_size({"width": width, "height": 560})
    cut = (
        "(all) => all.filter((it) => it.clientWidth && it.scrollWidth > it.clientWidth + 1).map((it) => it.textContent)"
    )
    for path in _LISTS:
        page.goto(f"{waiting.url}/console/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("main thead th").evaluate_all(cut) == [], path
    page.goto(f"{waiting.url}/console/rewards")
    assert page.locator(".queue .row-link").count() > 4


def test_a_name_that_is_cut_is_told_whole(page: Page, waiting: World) -> None:
    """Its title is all of it, in the queue's two columns of names."""
    page.set_viewport_size({"width": 800, "height": 560})
    page.goto(f"{waiting.url}/console/rewards")
    names = page.locator(".queue tbody tr td:nth-child(2) .a, .queue tbody tr td:nth-child(3) .a")
    assert names.count() > 4
    assert names.evaluate_all("(all) => all.every((it) => it.title === it.textContent.trim())")


def test_the_buttons_that_decide_stay_at_the_thumb(page: Page, waiting: World) -> None:
    """On a phone, wherever one is on a record: in the window, above the main pages, and over nothing at its end; without a script."""
    page.set_viewport_size(_PHONE)
    page.goto(f"{waiting.url}/console/rewards?status=all")
    page.goto(f"{waiting.url}{page.locator('.row-link').first.get_attribute('href')}")
    bar, thumb = page.locator(".decide"), page.locator(".thumb")
    for far in (0, 400, 100_000):
        page.evaluate("(far) => scrollTo(0, far)", far)
        box, under = bar.bounding_box(), thumb.bounding_box()
        assert box
        assert under
        assert 0 < box["y"] < box["y"] + box["height"] <= under["y"] + 1
    last = page.locator(".aside > section:not(:has(.decide))").last.bounding_box()
    assert last
    assert last["y"] + last["height"] <= box["y"]
