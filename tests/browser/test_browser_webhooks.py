"""The pages of webhooks in a real browser: an endpoint is added and tried, on a phone too, and nothing keeps anybody out of a page."""

import pytest
from playwright.sync_api import BrowserContext, expect
from testkit import browser as real
from tests.browser.conftest import World

_SIZES = [{"width": 390, "height": 844}, {"width": 1440, "height": 900}]


@pytest.mark.parametrize("dark", [False, True])
def test_an_endpoint_is_added_and_its_pages_are_for_everybody(
    profile: BrowserContext, world: World, dark: bool
) -> None:
    """By keyboard and screen reader, in light and dark, on a phone and a wide screen; no page is wider than its window."""
    real.enter(profile, world.link())
    watched = real.Watched(profile, world.url)
    page = watched.page
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.goto(f"{world.url}/console/settings/webhooks")
    page.get_by_label("Address", exact=True).fill("https://127.0.0.1/hooks")
    page.get_by_role("button", name="Add the endpoint").click()
    expect(page.get_by_role("alert")).to_contain_text("no public address")
    page.get_by_label("Address", exact=True).fill("https://hooks.invalid/goodword")
    page.get_by_label("Description").fill(f"shop {dark}")
    page.get_by_role("button", name="Add the endpoint").click()
    expect(page.locator(".secret")).to_contain_text("whsec_")
    assert watched.axe() == []
    page.get_by_role("link", name="To the endpoint").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("status")).to_contain_text("A test is sent")
    world.api.until(lambda: any(it["waiting"] for it in world.api.get("/v1/webhooks")["items"]))
    page.reload()
    expect(page.get_by_role("table", name="Deliveries")).to_contain_text("webhook.test")
    one = page.url.partition("?")[0]
    for size in _SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for address in (one, f"{world.url}/console/settings/webhooks"):
            page.goto(address)
            assert watched.axe() == [], (address, size)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (address, size)
