"""Somebody on a phone makes two accounts of theirs one: asked in the one, confirmed in the other's mailbox."""

import re

from playwright.sync_api import Browser, expect
from testkit import browser as real
from testkit import sent
from testkit.seen import entrance
from testkit.waiting import until
from tests.browser.conftest import _RULES as RULES
from tests.browser.test_browser_joining import _looked_at
from tests.browser.test_browser_portal import PHONE, Place, browser, place

__all__ = ["browser", "place"]

LONG = "wolfeschlegelsteinhausenbergerdorff.traenkle-oberhuber-schneider"


def test_two_accounts_are_made_one_on_a_phone(place: Place, browser: Browser) -> None:
    """Each page is small, right for axe in light and dark, no wider than the phone, and asks nothing of another host."""
    shop = place.seen.workspace("tea", "manual", "2026-03-02T09:00:00Z")
    shop.say("owner", "/v1/programs", {"document": RULES})
    shop.send(
        sent.enrolled("a", LONG, "ANN", email="ann@shop.example", name="Wolfeschlegelsteinhausenbergerdorff"),
        sent.enrolled("o", f"old-{LONG}", "OLD", email="old@shop.example"),
    )
    phone = browser.new_context(viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]
    watched, root = real.Watched(phone, place.url), f"/portal/{shop.ws}"
    page = watched.page
    assert watched.open(entrance(place.seen, shop, LONG)) == 200
    page.locator("main button").click()
    expect(page).to_have_url(re.compile(rf"{root}$"))
    assert watched.open(f"{root}/about-me") == 200
    page.get_by_role("link", name="Make two accounts one").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Make two accounts one")
    _looked_at(watched, "merge")
    page.get_by_label("Mail address of the other account").fill("Old@shop.example")
    before = len(place.box.mails)
    assert watched.press("Send the link") == 200
    expect(page.get_by_role("button", name="End this")).to_be_visible()
    _looked_at(watched, "merge-asked")
    until(lambda: len(place.box.mails) > before)
    text = place.box.mails[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    [link] = re.findall(rf"{re.escape(place.url)}(\S+/merge/\S+)", text)
    assert watched.open(link) == 200
    _looked_at(watched, "merge-confirm")
    assert watched.press("Both are mine: make them one") == 200
    expect(page.get_by_role("heading", level=1)).to_have_text("The accounts are one")
    _looked_at(watched, "merge-done")
    page.get_by_role("link", name="Open your page").click()
    expect(page.get_by_label("Your link")).to_have_value(re.compile(r"/r/ANN$"))
    assert watched.open(link) == 404
    _looked_at(watched, "merge-gone")
    phone.close()
    shop.http.close()
