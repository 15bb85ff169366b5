"""On a phone the fields of a filter stand behind one button that says how many are set; on a wide screen in their line."""

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import World

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
