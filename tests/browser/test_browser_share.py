"""An advocate on a phone shares: by an app of theirs, in their own words, by the phone's own sheet, on a card; and chooses a code."""

import os
import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, expect
from testkit import browser as real
from testkit import seen
from testkit.waiting import until
from tests.browser.conftest import _RULES, World

PHONE = {"width": 390, "height": 844}
SHEET = "navigator.share = async (it) => { document.documentElement.dataset.shared = JSON.stringify(it); };"
TEXTS = "sharing:\n  landing: page\n  texts:\n  - {name: short, text: I like them.}\n  - {name: long, text: I like them very much.}\n"


def test_an_advocate_shares_on_a_phone(browser: Browser, world: World) -> None:
    """A channel opens with what they typed and the disclosure behind it; axe finds nothing; each page is narrow and small."""
    rules = _RULES.replace("program: friends", f"program: sharing\nlanding_url: {world.url}/healthz")
    world.api.say("owner", "/v1/programs", {"document": rules + TEXTS})
    world.api.send(
        {"type": "advocate.enrolled", "id": "sha", "external_id": "Sha", "code": "SHA-1", "program": "sharing"}
    )
    phone = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    phone.add_init_script(SHEET)
    watched = real.Watched(phone, world.url)
    page, at = watched.page, f"/portal/{world.api.ws}/share/sharing"
    watched.open(seen.entrance(world.seen, world.api, "Sha"))
    watched.press("Come in as Sha")
    for path, name in (("", "share"), ("?text=long&wrong=code_taken", "wrong"), ("/card", "card")):
        assert watched.open(at + path) == 200
        _looked_at(watched, name)
    printed = page.pdf(prefer_css_page_size=True)  # the card is still open
    size = [round(float(it)) for it in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)[0]]
    assert (len(re.findall(rb"/Type /Page\b", printed)), size) == (1, [298, 210])  # points of 105 and 74 mm
    watched.open(at)
    page.get_by_label("In your own words").fill("Hello Tom!")
    with page.expect_response(lambda it: it.url.endswith("/to/sheet")) as told:
        page.get_by_role("button", name="Share…").click()
    assert told.value.status == 204
    shared = page.evaluate("() => JSON.parse(document.documentElement.dataset.shared)")
    assert shared["text"].startswith("Hello Tom! ")
    assert shared["text"].endswith("if you order.")
    assert shared["url"].endswith("/r/SHA-1")
    page.get_by_label("Your new code").fill("Sha-Likes-Tea")
    assert watched.press("Use this code from now on") == 200
    expect(page.get_by_text("You share Sha-Likes-Tea from now on.")).to_be_visible()
    _looked_at(watched, "changed")
    page.get_by_label("In your own words").fill("Hello Tim!")
    page.get_by_role("button", name="WhatsApp").click()
    until(lambda: watched.elsewhere or page.wait_for_timeout(50))
    [there] = {it for it in watched.elsewhere if "wa.me" in it}
    assert parse_qs(urlsplit(there).query)["text"][0].startswith("Hello Tim! ")
    phone.close()


def test_without_a_share_sheet_and_without_scripts_the_form_is_whole(browser: Browser, world: World) -> None:
    """The button of the sheet is not seen; a channel opens all the same."""
    world.api.send(
        {"type": "advocate.enrolled", "id": "sho", "external_id": "Sho", "code": "SHO-1", "program": "friends"}
    )
    plain = browser.new_context(viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    page = plain.new_page()
    page.goto(f"{world.url}{seen.entrance(world.seen, world.api, 'Sho')}")
    page.get_by_role("button", name="Come in as Sho").click()
    page.goto(f"{world.url}/portal/{world.api.ws}/share/friends")
    expect(page.get_by_role("button", name="Share…")).to_be_hidden()
    with page.expect_request(lambda it: it.url.startswith("https://t.me/share/url?")):
        page.get_by_role("button", name="Telegram").click()
    plain.close()


def _looked_at(watched: real.Watched, name: str) -> None:
    for theme in ("light", "dark"):
        watched.page.emulate_media(color_scheme=theme)
        assert watched.axe() == [], (name, theme)
        if shots := os.environ.get("SHOTS"):
            watched.page.screenshot(path=f"{shots}/{name}-{theme}.png", full_page=True)
    said = (watched.sideways <= 0, watched.elsewhere, watched.errors, watched.size < 60_000)
    assert said == (True, [], [], True), (name, watched.size)
