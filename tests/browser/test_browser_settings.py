"""An advocate on a phone enters where they are paid, then another account, which a link in a real mail confirms; and takes it back."""

import re

from playwright.sync_api import Browser, expect
from testkit import browser as real
from testkit import sent
from testkit.seen import entrance
from testkit.waiting import until
from tests.browser.test_browser_portal import PHONE, Place, _looked_at, browser, place

__all__ = ["browser", "place"]

OLD, NEW = "DE89370400440532013000", "FR1420041010050500013M02606"


def test_somebody_enters_an_account_and_another_one(place: Place, browser: Browser) -> None:
    """By hand: what is wrong says so, what holds is masked, the other waits for the mail and a day; axe finds nothing on the way."""
    api = place.api
    api.send(sent.enrolled("set", "Sia", "SIA-1", email="sia@shop.example"))
    phone = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    watched, page = (it := real.Watched(phone, place.url)), it.page
    assert watched.open(entrance(place.seen, api, "Sia")) == 200
    assert watched.press("Come in as Sia") == 200
    page.get_by_role("link", name="My data").click()
    page.get_by_role("link", name="Where you are paid").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
    _looked_at(watched)

    _enter(watched, OLD[:-1] + "1")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("[aria-invalid]")).to_have_count(1)
    watched.errors.clear()
    _looked_at(watched)
    _enter(watched, OLD)
    expect(page.get_by_text("paid to the account ending in 3000")).to_be_visible()
    before = len(place.box.mails)
    _enter(watched, NEW)
    expect(page.get_by_text("ending in 3000")).to_be_visible()
    _looked_at(watched)
    until(lambda: len(place.box.mails) > before)
    text = place.box.mails[before].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    [link] = re.findall(r"/portal/\S+/payout/[\w-]{43}", text)
    assert watched.open(link) == 200
    _looked_at(watched)
    assert watched.press("Yes, pay me there") == 200
    expect(page.get_by_role("heading", level=1)).to_have_text("You confirmed it")
    assert watched.open(f"/portal/{api.ws}/settings") == 200
    expect(page.get_by_text("ending in 2606")).to_be_visible()
    page.locator("form[action$='/payout/withdrawn'] button").click()
    expect(page.get_by_text("ending in 2606")).to_have_count(0)
    expect(page.get_by_text("paid to the account ending in 3000")).to_be_visible()
    _looked_at(watched)
    phone.close()


def _enter(watched: real.Watched, iban: str) -> None:
    """Open the form of an account with an IBAN, unless it is open, fill it in, and send it."""
    form = watched.page.locator("details", has_text="Bank account with an IBAN")
    if not form.get_by_label("IBAN", exact=False).first.is_visible():
        form.locator("summary").click()
    form.locator("input[name='d.name']").fill("Sia Example")
    form.locator("input[name='d.iban']").fill(iban)
    with watched.page.expect_navigation(wait_until="load"):
        form.locator("button.primary").click()
