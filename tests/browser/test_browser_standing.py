"""The page of standing approvals in a real browser: asked for by its form, one stands there with its total, and is stopped."""

from playwright.sync_api import BrowserContext, expect
from testkit import browser as real
from testkit import sent
from tests.browser.conftest import World

_SIZES = [{"width": 390, "height": 844}, {"width": 1440, "height": 900}]
_RULES = """
program: gift
currency: EUR
hold: 0d
new_customers_only: false
conversions:
  - rewards:
      - {side: advocate, kind: credit, percent: 10}
"""


def test_one_is_asked_for_shown_and_stopped_where_it_stands(profile: BrowserContext, world: World) -> None:
    """By an approver, with another who confirms; wide and narrow, dark and light, nothing sticks out and axe finds nothing."""
    api = world.api
    for name, role in (("pam", "program_manager"), ("ana", "approver"), ("ola", "owner")):
        api.keys[name] = world.seen.member(f"{name}@shop.example", api, role)
    api.say("pam", "/v1/programs", {"document": _RULES})
    real.enter(profile, world.link("ana@shop.example"))
    watched = real.Watched(profile, world.url)
    page = watched.page
    page.goto(f"{world.url}/console/settings/standing")
    expect(page.get_by_text("Nothing is approved beforehand")).to_be_visible()
    page.get_by_label("Program").select_option("gift")
    page.get_by_label("Currency, or the word points").fill("EUR")
    for label, value in (("a reward", "25.00"), ("one beneficiary", "40"), ("in all", "60.00")):
        page.get_by_label(f"At most {'for ' if label != 'in all' else ''}{label}").fill(value)
    page.get_by_label("Until the beginning of this day").fill("2026-06-01")
    assert watched.axe() == []
    page.get_by_role("button", name="Ask for it").click()
    expect(page.get_by_text("It waits until an owner confirms it")).to_be_visible()
    [wish] = api.get("/v1/standing-approvals")["waiting"]
    api.say("ola", f"/v1/changes/{wish['change']}/decision", {"outcome": "confirmed"})
    at = {"program": "gift"}
    api.send(sent.enrolled("st-e", "Sue", "SUE", **at), sent.lead("st-l", "Sam", code="SUE", **at))
    api.send(sent.purchase("st-o", "Sam", "ST-1", 20_000))
    page.goto(f"{world.url}/console/settings/standing")
    expect(page.get_by_text("(33 %)")).to_be_visible()
    for size in _SIZES:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.set_viewport_size(size)  # type: ignore[arg-type]
            assert watched.axe() == [], (size, scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], size
    page.get_by_role("button", name="Stop it").click()
    expect(page.get_by_text("It covers nothing from now on.")).to_be_visible()
    expect(page.get_by_text("Stopped", exact=True).first).to_be_visible()
