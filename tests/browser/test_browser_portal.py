"""An advocate on a phone: asks for a link, gets it by a real mail, comes in, and sees a reward go from expected to paid."""

import re
import socket
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, Page, expect
from testkit import browser as real
from testkit import sent
from testkit.api import Api
from testkit.database import fresh_outside_a_loop, temporary_home
from testkit.product import Installation
from testkit.seen import Seen, entrance
from testkit.waiting import until
from tests.browser.conftest import _RULES as RULES
from tests.console.test_mail import Box

PHONE = {"width": 390, "height": 844}
NAME = "Ann <b>Tränkle-Oberhuber</b> of the very long names, who wrote all of them down"


class Place:
    """What is served, and the mails that it sent."""

    def __init__(self, it: Installation, box: Box) -> None:
        self.seen, self.url, self.box = Seen(it), it.url, box
        self.api: Api = self.seen.workspace("shop", "manual", "2026-03-02T09:00:00Z")
        api = self.api
        api.say("owner", "/v1/programs", {"document": RULES})
        api.send(sent.enrolled("enrol", NAME, "ANN", email="ann@shop.example"), sent.lead("lead", "Bob", code="ANN"))
        api.send(sent.purchase("order", "Bob", "INV-1", 20_000), sent.purchase("small", "Bob", "INV-2", 100, "CHF"))


@pytest.fixture(scope="module")
def place(pg_dsn: str, pg_template: str) -> Iterator[Place]:
    """Yield what is served, by a process of its own, with a real server of mail."""
    if not real.CHROMIUM.exists():
        pytest.skip(real.MISSING)
    box = Box()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    mail = {"GOODWORD_SMTP_URL": f"smtp://localhost:{port}", "GOODWORD_MAIL_FROM": "Shop <refer@shop.example>"}
    with fresh_outside_a_loop(pg_dsn, pg_template) as address, temporary_home() as home:
        it = Installation(home, DATABASE_URL=address, **mail)
        try:
            it.start("serve")
            it.ready()
            made = Place(it, box)
            yield made
            made.api.http.close()
            made.seen.api.http.close()
        finally:
            it.end("serve")
            controller.stop()


@pytest.fixture(scope="module")
def browser(place: Place) -> Iterator[Browser]:  # noqa: ARG001 - Playwright's own loop must run neither before it nor after it
    """Yield the browser."""
    with real.chromium() as found:
        yield found


def test_an_advocate_comes_in_by_mail_and_sees_a_reward_become_money(place: Place, browser: Browser) -> None:
    """Expected, then approved, then paid, as staff say it; each page readable without scripts, small, and right for axe."""
    shop = f"/portal/{place.api.ws}"
    phone = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    watched = real.Watched(phone, place.url)
    page = watched.page
    _come_in(watched, place, shop)
    _line(page, "Expected", "20.00 EUR")
    expect(
        page.get_by_text("The order can be returned until 16 March 2026. Then a person looks at it.")
    ).to_be_visible()
    expect(page.get_by_label("Your link")).to_have_value(re.compile(r"/r/ANN$"))
    _looked_at(watched)
    _paid(page, place)
    _read(watched, shop)
    watched.open(shop)
    assert watched.press("Sign out") == 200
    assert watched.open(shop) == 200
    expect(page.get_by_label("Your mail address")).to_be_visible()
    phone.close()


def test_a_friend_reads_what_is_held_and_says_who_may_know_their_name(place: Place, browser: Browser) -> None:
    """By hand on a phone without scripts: told first what follows, agreed to, seen by who recommended him, and taken back."""
    shop, api = f"/portal/{place.api.ws}", place.api
    api.send(
        {"type": "customer.updated", "id": "bob", "customer_external_id": "Bob", "email": f"bob@{'long' * 12}.example"},
        {
            "type": "consent.recorded",
            "id": "news",
            "customer_external_id": "Bob",
            "purpose": "news",
            "outcome": "given",
        },
    )
    api.payee("Bob")
    phone = browser.new_context(viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    page = phone.new_page()
    page.goto(f"{place.url}{entrance(place.seen, api, 'Bob')}")
    page.get_by_role("button", name="Come in as Bob").click()
    page.get_by_role("link", name="My data").click()
    expect(page.get_by_text(f"bob@{'long' * 12}.example")).to_be_visible()
    page.get_by_label("Name to show").fill("Bobby")
    page.get_by_role("button", name="Show my name to who recommended me").click()
    expect(page.get_by_text("Recorded. It holds from now on.")).to_be_visible()
    page.locator("summary", has_text="Take it back").nth(0).click()
    expect(page.get_by_text("who recommended you sees again a friend without a name")).to_be_visible()
    page.get_by_role("button", name="Take it back now").nth(0).click()
    expect(page.get_by_text("Taken back. It holds no more from now on.")).to_be_visible()
    expect(page.get_by_role("heading", name="Be known to who recommended you")).to_have_count(1)
    phone.close()
    seen = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    watched = real.Watched(seen, place.url)
    watched.open(entrance(place.seen, api, "Bob"))
    assert watched.press("Come in as Bob") == 200
    assert watched.open(f"{shop}/about-me") == 200
    watched.page.locator("summary").first.click()
    _looked_at(watched)
    seen.close()


def _come_in(watched: real.Watched, place: Place, shop: str) -> None:
    """Ask for a link, find it in the mailbox, and press the button of its page."""
    page = watched.page
    watched.open(shop)
    expect(page.get_by_role("heading", level=1)).to_have_text("See where you stand with shop")
    _looked_at(watched)
    page.get_by_label("Your mail address").fill("Ann@shop.example")
    assert watched.press("Send me a link") == 200
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
    _looked_at(watched)
    until(lambda: place.box.mails)
    text = place.box.mails[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    [link] = re.findall(rf"{re.escape(place.url)}(\S+/in/\S+)", text)
    assert watched.open(link) == 200
    _looked_at(watched)
    assert watched.press(f"Come in as {NAME}") == 200


def _paid(page: Page, place: Place) -> None:
    """Let staff approve and pay, and see each step."""
    api = place.api
    api.payee(NAME)
    api.move("2026-03-17T09:00:00Z")
    [reward] = [it for it in api.get("/v1/rewards", status="in_review")["items"] if it["side"] == "advocate"]
    api.keys["second"] = place.seen.member("second@shop.example", api, "approver", "payer")
    api.agree("/v1/approvals", reward["id"], who="second")
    page.reload()
    _line(page, "Approved", "20.00 EUR")
    expect(page.get_by_text("It is sent from 15 April 2026 on.")).to_be_visible()
    api.move("2026-04-16T09:00:00Z")
    drafted = api.say("owner", "/v1/payouts", {"rail": "sandbox", "unit": "EUR", "beneficiaries": [api.person(NAME)]})
    api.agree("/v1/payouts/release", *[it["subject"] for it in drafted["verdicts"]], who="second")
    api.until(lambda: {it["status"] for it in api.get("/v1/payouts")["items"]} == {"completed"})
    page.reload()
    _line(page, "Paid", "20.00 EUR")


def _read(watched: real.Watched, shop: str) -> None:
    """Go to each of the pages, by hand."""
    page = watched.page
    for name in ("Friends", "Rewards", "Payments", "My data"):
        page.get_by_role("link", name=name, exact=True).click()
        _looked_at(watched)
    page.get_by_role("link", name="Payments").click()
    page.get_by_role("link", name="20.00 EUR").click()
    expect(page.get_by_text("Reference")).to_be_visible()
    _looked_at(watched)
    page.get_by_role("link", name="20.00 EUR").click()
    expect(page.get_by_text("What could change it")).to_be_visible()
    reward = page.url.rpartition("/")[2]
    _looked_at(watched)
    assert watched.open(f"{shop}/statements/2026") == 200
    _looked_at(watched)
    assert watched.open(f"{shop}/rewards/{reward[:-1]}Z") == 404
    _looked_at(watched)


def _line(page: Page, name: str, amount: str) -> None:
    """The line of the balance says this."""
    row = page.locator(".row", has=page.get_by_text(name, exact=True))
    expect(row).to_contain_text(amount)


def _looked_at(watched: real.Watched) -> None:
    for theme in ("light", "dark"):
        watched.page.emulate_media(color_scheme=theme)
        assert watched.axe() == [], (watched.page.url, theme)
    assert (watched.sideways <= 0, watched.elsewhere, watched.errors) == (True, [], []), watched.page.url
    assert watched.page.evaluate("() => document.documentElement.outerHTML.length") < 60_000
