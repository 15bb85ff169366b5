"""An advocate on a phone reads a refusal and says no in two taps; staff answer in the console, they appeal, and another decides."""

import re

from playwright.sync_api import Browser, Page, expect
from testkit import browser as real
from testkit import sent, tokens
from tests.browser.conftest import World

PHONE = {"width": 390, "height": 844}
COLLEAGUE, THIRD = "second@shop.example", "third@shop.example"


def test_a_refusal_is_disputed_answered_appealed_and_decided_by_another(browser: Browser, world: World) -> None:
    """By hand on both sides; nothing is wider than the phone, axe finds nothing in light and dark, on any page on the way."""
    api = world.api
    api.send(sent.lead("no-lead", "Carl", code="ANN"), sent.purchase("no-order", "Carl", "NO-1", 100, "CHF"))
    for mail in (COLLEAGUE, THIRD):
        world.seen.member(mail, api, "approver")
    phone = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    watched = real.Watched(phone, world.url)
    page = watched.page
    said = _disputed(watched, world)
    colleague = browser.new_context()
    real.enter(colleague, world.link(COLLEAGUE))
    staff = colleague.new_page()
    staff.goto(f"{world.url}/console/inbox")
    assert real.axe(staff) == []
    staff.locator("main").get_by_role("link", name="Ann", exact=True).first.click()
    staff.wait_for_url("**/cases/**")
    staff.get_by_label("Answer, which they read").first.fill("We ask the shop.")
    staff.get_by_role("button", name="Send answer").click()
    expect(staff.get_by_text("Your answer was sent.")).to_be_visible()
    assert real.axe(staff) == []
    case = staff.url.partition("?")[0].rpartition("/")[2]
    assert watched.open(said) == 200
    expect(page.get_by_text("We ask the shop.")).to_be_visible()

    _decided(staff, "It stays", "The shop says CHF.")
    assert watched.open(said) == 200
    expect(page.get_by_text("The shop says CHF.")).to_be_visible()
    _looked_at(watched)
    page.get_by_label("What was overlooked").fill("Look at the receipt.")
    assert watched.press("Have another person look") == 200
    expect(page.get_by_text("Another person looks at it").first).to_be_visible()

    staff.goto(f"{world.url}/console/cases/{case}")
    expect(staff.get_by_role("button", name="They are right")).to_be_disabled()
    other = browser.new_context()
    real.enter(other, world.link(THIRD))
    third = other.new_page()
    third.goto(f"{world.url}/console/cases/{case}")
    expect(third.get_by_text("Look at the receipt.")).to_be_visible()
    _decided(third, "They are right", "You are right, sorry.")
    assert watched.open(said) == 200
    expect(page.get_by_text("You are right, sorry.")).to_be_visible()
    expect(page.get_by_text("This is decided, and nothing more is written here.")).to_be_visible()
    _looked_at(watched)
    _missed(watched, world)
    for context in (other, colleague, phone):
        context.close()


def _disputed(watched: real.Watched, world: World) -> str:
    """Come in, say no in two taps, and write about it; return the path where it stands."""
    page, api = watched.page, world.api
    secret = world.seen.it.made("keys", "create", "portal", "--workspace", api.ws)["key"]
    assert watched.open(f"/portal/{api.ws}/in/{tokens.token(secret, tokens.claims(api.ws, 'Ann'))}") == 200
    page.locator("main button").click()
    page.get_by_role("link", name="Friends", exact=True).click()
    friend = page.locator("article", has=page.get_by_text("The program gives no reward in this currency"))
    _looked_at(watched)
    friend.get_by_role("link", name="That is not right").click()
    _looked_at(watched)
    assert watched.press("Send") == 200
    expect(page.get_by_text("We have it. You are answered by")).to_be_visible()
    said = page.url.partition("?")[0].removeprefix(world.url)
    page.get_by_label("Write to shop").fill("It was EUR, <b>not</b> CHF.")
    assert watched.press("Send the message") == 200
    expect(page.get_by_text("It was EUR, <b>not</b> CHF.")).to_be_visible()
    _looked_at(watched)
    return said


def _missed(watched: real.Watched, world: World) -> None:
    """Claim a friend."""
    page, api = watched.page, world.api
    assert watched.open(f"/portal/{api.ws}/missing") == 200
    _looked_at(watched)
    page.get_by_label("Their mail address").fill("nobody@shop.example")
    page.get_by_label("When you recommended it").fill(re.sub("T.*", "", api.get("/v1/clock")["now"]))
    assert watched.press("Send") == 200
    expect(page.get_by_text("It stands here with its answer.")).to_be_visible()
    _looked_at(watched)


def _decided(staff: Page, button: str, text: str) -> None:
    form = staff.locator("form.deciding")
    form.get_by_label("Why").select_option("looked_at")
    form.get_by_label("Answer, which they read").fill(text)
    with staff.expect_navigation():
        form.get_by_role("button", name=button, exact=True).click()


def _looked_at(watched: real.Watched) -> None:
    for theme in ("light", "dark"):
        watched.page.emulate_media(color_scheme=theme)
        assert watched.axe() == [], (watched.page.url, theme)
    assert (watched.sideways <= 0, watched.elsewhere, watched.errors) == (True, [], []), watched.page.url
    assert watched.page.evaluate("() => document.documentElement.outerHTML.length") < 60_000
