"""The whole way on two phones: a mail, a link, a friend types the code and buys, a no disputed and answered, paid, in a statement."""

import json
import re

from playwright.sync_api import Browser, Page, expect
from testkit import browser as real
from testkit import sent
from testkit.api import Api
from testkit.waiting import until
from tests.browser.conftest import _RULES as RULES
from tests.browser.test_browser_portal import PHONE, Place, browser, place

__all__ = ["browser", "place"]

SHEET = "navigator.share = async (it) => { document.documentElement.dataset.shared = JSON.stringify(it); };"


def test_from_the_mail_to_the_statement(place: Place, browser: Browser) -> None:
    """What the advocate reads on each step is what happened: expected, held and why, a no that is answered, paid, in the statement."""
    api = place.seen.workspace("tea", "manual", "2026-03-02T09:00:00Z")
    api.say(
        "owner", "/v1/programs", {"document": f"{RULES}landing_url: {place.url}/healthz\nsharing: {{landing: page}}\n"}
    )
    api.keys["second"] = place.seen.member("second@shop.example", api, "approver", "payer")
    api.send(sent.enrolled("enrol", "Mia", "MIA-TEA", email="mia@shop.example"))
    root = f"/portal/{api.ws}"
    phone = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    phone.add_init_script(SHEET)
    mia = real.Watched(phone, place.url)

    _comes_in(mia, place, root)
    link = _shares(mia, root)
    code = _lands(browser, link)
    api.send(sent.lead("lead", "Tom", code=code), sent.purchase("order", "Tom", "T-1", 20_000))
    api.send(sent.lead("lead-2", "Ida", code=code), sent.purchase("order-2", "Ida", "T-2", 100, "CHF"))

    assert mia.open(root) == 200
    _stands(mia.page, "Expected", "20.00 EUR")
    expect(
        mia.page.get_by_text("The order can be returned until 16 March 2026. Then a person looks at it.")
    ).to_be_visible()
    said = _disputes(mia, root)
    _answered(place, api, browser)
    assert mia.open(said) == 200
    expect(mia.page.get_by_text("We pay rewards for orders in euros alone.")).to_be_visible()

    _pays(api)
    assert mia.open(root) == 200
    _stands(mia.page, "Paid", "20.00 EUR")
    assert mia.open(f"{root}/statements/2026") == 200
    expect(mia.page.get_by_text("20.00 EUR").first).to_be_visible()
    assert (mia.errors, mia.axe(), mia.sideways) == ([], [], 0)
    phone.close()
    api.http.close()


def _comes_in(mia: real.Watched, place: Place, root: str) -> None:
    mia.open(root)
    mia.page.get_by_label("Your mail address").fill("mia@shop.example")
    before = len(place.box.mails)
    assert mia.press("Send me a link") == 200
    until(lambda: len(place.box.mails) > before)
    text = place.box.mails[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    [link] = re.findall(rf"{re.escape(place.url)}(\S+/in/\S+)", text)
    assert mia.open(link) == 200
    assert mia.press("Come in as Mia") == 200


def _shares(mia: real.Watched, root: str) -> str:
    """Open the phone's own sheet with the text; return the link that goes to the friend."""
    assert mia.open(f"{root}/share/friends") == 200
    with mia.page.expect_response(lambda it: it.url.endswith("/to/sheet")):
        mia.page.get_by_role("button", name="Share…").click()
    shared = json.loads(str(mia.page.locator("html").get_attribute("data-shared")))
    assert shared["text"].endswith("if you order.")
    return str(shared["url"])


def _lands(browser: Browser, link: str) -> str:
    """Follow the link in another browser, and read the code that is typed in at the company's order."""
    other = browser.new_context(viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    page = other.new_page()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text("recommends tea")
    expect(page.get_by_text("5.00 EUR", exact=True)).to_be_visible()
    code = page.get_by_text("MIA-TEA").inner_text()
    page.get_by_role("link", name="Go to tea").click()
    page.wait_for_url("**/healthz?gw_click=*")
    other.close()
    return f"{code.lower()}."  # as somebody types it who read it in a sentence


def _disputes(mia: real.Watched, root: str) -> str:
    """Say no to why an order counted nothing; return where it stands."""
    assert mia.open(f"{root}/friends") == 200
    friend = mia.page.locator("article", has=mia.page.get_by_text("The program gives no reward in this currency"))
    friend.get_by_role("link", name="That is not right").click()
    expect(mia.page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    assert mia.press("Send") == 200
    expect(mia.page.get_by_text("We have it. You are answered by")).to_be_visible()
    return mia.page.url.partition("?")[0].removeprefix(mia.base)


def _answered(place: Place, api: Api, browser: Browser) -> None:
    """Answer it in the console, as a member."""
    desk = browser.new_context()
    real.enter(desk, place.seen.link("second@shop.example", api))
    staff = desk.new_page()
    staff.goto(f"{place.url}/console/inbox")
    staff.locator("main").get_by_role("link", name="Mia", exact=True).first.click()
    staff.wait_for_url("**/cases/**")
    form = staff.locator("form.deciding")
    form.get_by_label("Why").select_option("looked_at")
    form.get_by_label("Answer, which they read").fill("We pay rewards for orders in euros alone.")
    with staff.expect_navigation():
        form.get_by_role("button", name="It stays", exact=True).click()
    desk.close()


def _pays(api: Api) -> None:
    api.payee("Mia")
    api.move("2026-03-17T09:00:00Z")
    [reward] = [it for it in api.get("/v1/rewards", status="in_review")["items"] if it["side"] == "advocate"]
    api.agree("/v1/approvals", reward["id"], who="second")
    api.move("2026-04-16T09:00:00Z")
    drafted = api.say("owner", "/v1/payouts", {"rail": "sandbox", "unit": "EUR", "beneficiaries": [api.person("Mia")]})
    api.agree("/v1/payouts/release", *[it["subject"] for it in drafted["verdicts"]], who="second")
    api.until(lambda: {it["status"] for it in api.get("/v1/payouts")["items"]} == {"completed"})


def _stands(page: Page, name: str, amount: str) -> None:
    expect(page.locator(".row", has=page.get_by_text(name, exact=True))).to_contain_text(amount)
