"""A partner's own form in a real browser, on a phone: staff make the link, a partner registers, staff decide, the partner reads it."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from testkit import browser as real
from tests.browser.conftest import World

PHONE = {"width": 390, "height": 844}
COMPANY, COLLEAGUE = "Acme <b>Works</b>", "second@shop.example"


def test_a_partner_registers_a_deal_on_a_phone_and_reads_what_staff_decide(
    profile: BrowserContext, browser: Browser, world: World
) -> None:
    """The whole way by hand; nothing is asked for elsewhere, nothing is wider than the phone, axe finds nothing in light and dark."""
    real.enter(profile, world.link())
    staff = profile.new_page()
    link = _made(staff, world)
    phone = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    watched = real.Watched(phone, world.url)
    path = link.removeprefix(world.url)
    assert watched.open(path) == 200
    _registered(watched)
    [row] = world.api.get("/v1/deals")["items"]
    deal = watched.page.get_by_role("article", name=COMPANY)

    staff.goto(f"{world.url}/console/deals/{row['id']}")
    expect(staff.get_by_text("They need it by June.")).to_be_visible()
    expect(staff.get_by_text("a form of their own")).to_be_visible()
    world.api.keys["second"] = world.seen.member(COLLEAGUE, world.api, "approver")
    world.api.say("second", f"/v1/deals/{row['id']}/messages", {"side": "sales", "text": "Who decides there?"})
    watched.open(path)
    expect(deal).to_contain_text("Who decides there?")
    deal.get_by_text("Write about it").click()
    deal.get_by_label("Message to shop").fill("Carl does.")
    assert watched.press("Send the message") == 200
    expect(deal).to_contain_text("Carl does.")

    colleague = browser.new_context()
    real.enter(colleague, world.link(COLLEAGUE))
    other = colleague.new_page()
    other.goto(f"{world.url}/console/deals/{row['id']}")
    expect(other.get_by_text("Carl does.")).to_be_visible()
    other.get_by_role("button", name="Accept it").click()
    expect(other.get_by_text("The deal is the partner's, and its company is protected.")).to_be_visible()
    watched.open(path)
    expect(deal).to_contain_text("Confirmed")
    expect(deal).to_contain_text("The company is yours until")
    _looked_at(watched)

    staff.goto(f"{world.url}/console/people/{world.api.person('Ann')}")
    staff.locator("#forms").get_by_role("button", name="End the link").click()
    expect(staff.get_by_text("The link opens nothing any more.")).to_be_visible()
    assert watched.open(path) == 404
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("This link opens nothing")
    _looked_at(watched)
    colleague.close()
    phone.close()


def _made(staff: Page, world: World) -> str:
    """Make a link on the partner's page, where it is shown once."""
    staff.goto(f"{world.url}/console/people/{world.api.person('Ann')}")
    section = staff.locator("#forms")
    expect(section).to_contain_text("No link was made for them.")
    section.get_by_text("Make a link").click()
    assert real.axe(staff) == []
    section.get_by_role("button", name="Make the link").click()
    found = re.search(r"http\S+", staff.locator(".secret").inner_text())
    assert found is not None
    assert real.axe(staff) == []
    return found[0]


def _registered(watched: real.Watched) -> None:
    """Fill the form in, wrong first: what was typed stands again, and loading the page anew registers nothing more."""
    page = watched.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Register a deal with shop")
    expect(page.get_by_text("This is the form of Ann.")).to_be_visible()
    assert watched.size < 60_000
    _looked_at(watched)
    page.get_by_label("Company", exact=True).fill(COMPANY)
    page.get_by_label("Its domain").fill("no domain")
    page.get_by_label("Mail of the person you speak with there").fill("carl@acme.example")
    page.get_by_label("What it may come to").fill("5,000.00")
    page.get_by_label("Currency").fill("eur")
    page.get_by_label("Note to sales").fill("They need it by June.")
    watched.press("Register the deal")
    expect(page.get_by_role("alert")).to_contain_text("the domain is none")
    expect(page.get_by_label("Company", exact=True)).to_have_value(COMPANY)
    _looked_at(watched)
    page.get_by_label("Its domain").fill("acme.example")
    assert watched.press("Register the deal") == 200
    expect(page.get_by_text("expected until shop has decided")).to_be_visible()
    deal = page.get_by_role("article", name=COMPANY)
    expect(deal).to_contain_text("5000.00 EUR")
    expect(deal.get_by_text("Expected", exact=True)).to_be_visible()
    _looked_at(watched)
    page.reload()


def _looked_at(watched: real.Watched) -> None:
    for theme in ("light", "dark"):
        watched.page.emulate_media(color_scheme=theme)
        assert watched.axe() == [], theme
    assert (watched.sideways <= 0, watched.elsewhere, watched.errors) == (True, [], [])


def test_a_script_in_what_a_partner_types_runs_nowhere(browser: Browser, world: World) -> None:
    """In a company, a message and a field that is shown again: on the partner's page it is text."""
    person = world.api.person("Ann")
    made = world.api.call("sk", "POST", f"/v1/people/{person}/deal-forms", json={}).json()
    context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.on("dialog", lambda _: pytest.fail("a script ran"))
    page.goto(made["url"])
    for text in ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'):
        page.get_by_label("Company", exact=True).fill(text)
        page.get_by_label("Its domain").fill("")
        page.get_by_label("Mail of the person you speak with there").fill("eve@example.org")
        page.get_by_label("Percent that you ask for").fill("much")
        page.get_by_role("button", name="Register the deal").click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_label("Company", exact=True)).to_have_value(text)
    page.get_by_label("Percent that you ask for").fill("")
    page.get_by_role("button", name="Register the deal").click()
    expect(page.get_by_role("article", name=text)).to_be_visible()
    context.close()
