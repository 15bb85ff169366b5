"""Somebody on a phone, without JavaScript: joins, confirms by a real mail, reads three lines, accepts the terms, and has a link."""

import os
import re

from playwright.sync_api import Browser, expect
from testkit import browser as real
from testkit.waiting import until
from tests.browser.conftest import _RULES as RULES
from tests.browser.test_browser_portal import PHONE, Place, browser, place

__all__ = ["browser", "place"]

NAME = "Wolfeschlegelsteinhausenbergerdorffs Tränkle-Oberhuber <b>of the very long names</b>"
OPEN = RULES + '\nname: Friends of tea\nrequires_terms: true\nsharing: {join: open, colour: "#e4007c"}\n'


def test_somebody_joins_accepts_the_terms_and_has_a_link(place: Place, browser: Browser) -> None:
    """Each page is small, right for axe in light and dark, no wider than the phone, and asks nothing of another host."""
    shop = place.seen.workspace("tea", "manual", "2026-03-02T09:00:00Z")
    shop.say("owner", "/v1/programs", {"document": OPEN})
    phone = browser.new_context(viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]
    watched, root = real.Watched(phone, place.url), f"/portal/{shop.ws}"
    page = watched.page
    assert watched.open(f"{root}/join/friends") == 200
    expect(page.get_by_role("heading", level=1)).to_have_text("Join Friends of tea")
    expect(page.get_by_role("checkbox")).not_to_be_checked()
    _looked_at(watched, "join")
    page.get_by_label("Your mail address").fill("Zoe.Wunsch@shop.example")
    page.get_by_label("Your name").fill(NAME)
    page.get_by_role("checkbox").check()
    before = len(place.box.mails)
    assert watched.press("Send me the link to join") == 200
    _looked_at(watched, "sent")
    until(lambda: len(place.box.mails) > before)
    text = place.box.mails[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    [link] = re.findall(rf"{re.escape(place.url)}(\S+/in/\S+)", text)
    assert watched.open(link) == 200
    assert shop.get("/v1/advocates")["items"] == []
    _looked_at(watched, "confirm")
    assert watched.press("Join and open my page") == 200
    expect(page.get_by_role("heading", level=1)).to_have_text("Before you recommend: Friends of tea")
    assert page.locator(".short li").count() == 3
    _looked_at(watched, "accept")
    assert watched.press("Accept these terms") == 200
    expect(page).to_have_url(re.compile(r"/share/friends$"))
    _looked_at(watched, "kit")
    assert watched.open(root) == 200
    expect(page.get_by_label("Your link")).to_have_value(re.compile(r"/r/\w+$"))
    [advocate] = shop.get("/v1/advocates")["items"]
    assert advocate["terms"] is True
    phone.close()
    plain = browser.new_context(viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    bare = plain.new_page()
    bare.goto(f"{place.url}{root}/join/friends")
    bare.get_by_label("Your mail address").fill("no address@")
    bare.locator("form").evaluate("it => it.noValidate = true")
    bare.get_by_role("button", name="Send me the link to join").click()
    expect(bare.get_by_role("alert")).to_contain_text("That is no mail address")
    plain.close()
    shop.http.close()


def _looked_at(watched: real.Watched, name: str) -> None:
    for theme in ("light", "dark"):
        watched.page.emulate_media(color_scheme=theme)
        if shots := os.environ.get("SHOTS"):
            watched.page.screenshot(path=f"{shots}/{name}-{theme}.png", full_page=True)
        assert watched.axe() == [], (watched.page.url, theme)
    assert (watched.sideways <= 0, watched.elsewhere, watched.errors) == (True, [], []), watched.page.url
    assert watched.page.evaluate("() => document.documentElement.outerHTML.length") < 60_000
