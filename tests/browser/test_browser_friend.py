"""A friend's page in a real browser, on a phone: without JavaScript it is whole, and its button leads to the company."""

import os

from playwright.sync_api import Browser, expect
from testkit import browser as real
from tests.browser.conftest import _RULES, World

PHONE = {"width": 390, "height": 844}


def test_a_friend_reads_what_they_get_and_goes_on(browser: Browser, world: World) -> None:
    """Nothing is asked for elsewhere, nothing is wider than the phone, axe finds nothing in light and dark, and no script is needed."""
    landing = f"{world.url}/healthz"
    rules = _RULES.replace("program: friends", f"program: page\nlanding_url: {landing}") + "sharing: {landing: page}\n"
    world.api.say("owner", "/v1/programs", {"document": rules})
    long = "Wolfeschlegelsteinhausenbergerdorffs 1234"[:40]
    world.api.send(
        {"type": "advocate.enrolled", "id": "page", "external_id": "Pia", "code": "PIA-1", "program": "page"}
    )
    consent = {"type": "consent.recorded", "id": "named", "customer_external_id": "Pia", "purpose": "named"}
    world.api.send({**consent, "outcome": "given", "shown_as": long})
    phone = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    watched = real.Watched(phone, world.url)
    assert watched.open(f"/w/{world.api.ws}/r/pia1?from=card") == 200
    expect(watched.page.get_by_role("heading", level=1)).to_have_text(f"{long} recommends shop")
    for theme in ("light", "dark"):
        watched.page.emulate_media(color_scheme=theme)
        assert watched.axe() == [], theme
        if shots := os.environ.get("SHOTS"):
            watched.page.screenshot(path=f"{shots}/friend-{theme}.png", full_page=True)
    assert (watched.sideways <= 0, watched.elsewhere, watched.errors, watched.size < 60_000) == (True, [], [], True), (
        watched.size
    )
    plain = browser.new_context(viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    page = plain.new_page()
    page.goto(f"{world.url}/w/{world.api.ws}/r/pia1?from=card")
    expect(page.get_by_text("5.00 EUR", exact=True)).to_be_visible()
    expect(page.get_by_text("PIA-1")).to_be_visible()
    assert plain.cookies() == []
    page.get_by_role("link", name="Go to shop").click()
    assert page.url.startswith(f"{landing}?from=card&gw_click=tch_")
    assert plain.cookies() == []
    plain.close()
    phone.close()
