"""A finance month in real browsers, each member in their own: from the first reward to the signed audit and the year's threshold."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from testkit import banking, sent
from testkit import browser as real
from testkit.banking import Booked
from tests.browser.conftest import World

_RULES = """
program: partners
currency: EUR
hold: 14d
review: {due_days: 5}
conversions:
  - rewards:
      - {side: advocate, percent: 10}
"""
_GIFT = """
program: gift
currency: EUR
hold: 0d
new_customers_only: false
conversions:
  - rewards:
      - {side: advocate, kind: credit, percent: 10}
"""
_DOLLARS = """
program: dollars
currency: USD
hold: 0d
conversions:
  - rewards:
      - {side: advocate, percent: 10}
"""
_ROUTING = "routes:\n  - {name: all, role: approver, fallback: fred@shop.example, days: 5}\n"
_IBANS = {"Una": "DE02120300000000202051", "Val": "FR1420041010050500013M02606"}
_FROM = {"name": "Shop GmbH", "iban": banking.OURS, "town": "Berlin", "country": "DE"}
_W9 = {
    "name": "Wes Miller", "classification": "individual", "ssn": "536-22-1234", "street": "1 Main", "town": "Troy", "state": "NY",
    "postcode": "12180", "signed": "2026-07-01",
}  # fmt: skip
_SIZES = [{"width": 390, "height": 844}, {"width": 1440, "height": 900}]
#: Opens the console as a member, in a browser in which nobody was yet.
Inside = Callable[[str], Page]


@pytest.fixture
def inside(browser: Browser, world: World) -> Iterator[Inside]:
    """Yield what signs a member in by a link."""
    opened = []

    def enter(name: str) -> Page:
        opened.append(browser.new_context(viewport={"width": 1440, "height": 900}))
        opened[-1].set_default_timeout(10_000)
        real.enter(opened[-1], world.link(f"{name}@shop.example"))
        return opened[-1].new_page()

    yield enter
    for context in opened:
        context.close()


@pytest.fixture(scope="module")
def staffed(world: World) -> World:
    """Return the world with its members, two programs, a table of routes, and two partners with accounts at a bank."""
    api = world.api
    roles = {
        "ana": "approver",
        "fred": "approver",
        "pam": "program_manager",
        "pia": "payer",
        "pat": "payer",
        "aud": "auditor",
        "ola": "owner",
    }
    for name, role in roles.items():
        api.keys[name] = world.seen.member(f"{name}@shop.example", api, role)
    for rules in (_RULES, _GIFT, _DOLLARS):
        api.say("pam", "/v1/programs", {"document": rules})
    (change,) = api.say("owner", "/v1/routing", {"document": _ROUTING})["verdicts"][0]["steps"]
    api.say("ola", f"/v1/changes/{change[1]['change']}/decision", {"outcome": "confirmed"})
    for name, iban in _IBANS.items():
        at = {"program": "partners"}
        api.send(sent.enrolled(f"m-e-{name}", name, name.upper(), **at))
        api.send(sent.lead(f"m-l-{name}", f"friend of {name}", code=name.upper(), **at))
        api.send(sent.purchase(f"m-o-{name}", f"friend of {name}", f"M-{name}", 100_000))
        api.payee(name, "bank_file", name=f"{name} Partner", iban=iban, town="Lyon", country="FR")
    return world


def _rewards(world: World, name: str) -> list[dict[str, Any]]:
    return list(world.api.get("/v1/rewards", beneficiary=world.api.person(name))["items"])


def test_a_month_of_finance(inside: Inside, staffed: World, tmp_path: Path) -> None:
    """Two grant what is instant; a promise is missed; goodwill; the bank answers; an audit is signed; the threshold of a year."""
    month = Month(inside, staffed, tmp_path)
    month.grants()
    month.approves()
    month.gives_goodwill()
    una, val = month.releases()
    month.hears_of_the_bank(una, val)
    month.is_audited(una)
    month.reaches_the_threshold()


class Month:
    """Finance at work: each member in a browser of their own."""

    def __init__(self, inside: Inside, world: World, folder: Path) -> None:
        self.world, self.api, self.url, self.folder = world, world.api, f"{world.url}/console", folder
        names = ("ana", "fred", "pia", "pat", "aud", "ola")
        self.ana, self.fred, self.pia, self.pat, self.aud, self.ola = (inside(name) for name in names)

    def approve(self, page: Page, reward: str, amount: str, *, flagged: bool = False) -> None:
        """Approve a reward at its record; what is flagged after its evidence was opened."""
        page.goto(f"{self.url}/rewards/{reward}")
        if flagged:
            page.get_by_role("button", name=re.compile("^Open the evidence")).first.click()
        page.get_by_role("button", name=re.compile(f"^Approve {amount}")).click()
        expect(page.get_by_role("status").first).to_be_visible()  # which may be what opening the evidence said
        self.api.until(lambda: self.api.get(f"/v1/rewards/{reward}")["status"] == "approved")

    def sound(self, page: Page) -> None:
        """A page fits a phone, and axe finds nothing."""
        for size in _SIZES:
            page.set_viewport_size(size)  # type: ignore[arg-type]
            assert real.axe(page) == [], page.url
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.url

    def grants(self) -> None:
        """A standing approval is asked for by one and confirmed by another."""
        self.ana.goto(f"{self.url}/settings/standing")
        self.ana.get_by_label("Program").select_option("gift")
        self.ana.get_by_label("Currency, or the word points").fill("EUR")
        for label, value in (("for a reward", "25.00"), ("for one beneficiary", "40"), ("in all", "60.00")):
            self.ana.get_by_label(f"At most {label}").fill(value)
        self.ana.get_by_label("Until the beginning of this day").fill("2026-12-01")
        self.ana.get_by_role("button", name="Ask for it").click()
        self.fred.goto(f"{self.url}/settings/standing")
        self.fred.get_by_role("button", name="Approve it beforehand").click()
        expect(self.fred.get_by_text("(0 %)")).to_be_visible()

    def approves(self) -> None:
        """One is approved in time; the other is left until its promised day is over, and then its fallback decides it."""
        (first,), (second,) = (_rewards(self.world, name) for name in _IBANS)
        self.api.move("2026-03-17T09:00:00Z")
        self.approve(self.ana, first["id"], "100.00")
        self.api.move("2026-03-23T09:00:00Z")
        self.ana.goto(self.url)
        expect(self.ana.locator("main")).to_contain_text("promised")
        self.approve(self.fred, second["id"], "100.00")

    def gives_goodwill(self) -> None:
        """It is entered by one who sees what would come of it, and approved by another."""
        asked = "person=Una&program=partners&origin=goodwill&kind=cash&amount=25.00&currency=EUR"
        self.ana.goto(f"{self.url}/corrections/new?{asked}")
        self.ana.get_by_label("Why, for colleagues and the record").fill("Waited for two weeks at our counter.")
        self.ana.get_by_role("button", name="Enter 25.00 EUR").click()
        (goodwill,) = [it for it in _rewards(self.world, "Una") if it["origin"] == "goodwill"]
        self.approve(self.fred, goodwill["id"], "25.00", flagged=True)
        assert {it["status"] for name in _IBANS for it in _rewards(self.world, name)} == {"approved"}

    def releases(self) -> list[dict[str, Any]]:
        """Drafted by one, released by another; the account that is paid from is confirmed by another owner."""
        assert self.api.call("owner", "PUT", "/v1/debtor", json={"details": _FROM}).is_success
        self.ola.goto(f"{self.url}/payouts/bank-file")
        self.ola.get_by_role("button", name="Confirm the account").click()
        self.api.move("2026-05-20T09:00:00Z")
        self.pia.goto(f"{self.url}/payouts/draft")
        self.pia.get_by_label("Rail").select_option("bank_file")
        self.pia.get_by_label("Unit").select_option("EUR")
        self.pia.get_by_role("button", name="Show what is due").click()
        self.pia.get_by_role("button", name="Draft 2 payouts, 225.00 EUR").click()
        expect(self.pia.get_by_role("status")).to_contain_text("Nothing leaves until another member releases them.")
        self.pat.goto(f"{self.url}/payouts?status=awaiting_release")
        self.pat.get_by_role("button", name="Look at the list to release").click()
        self.pat.get_by_role("button", name="Release 2 payouts, 225.00 EUR").click()
        expect(self.pat.get_by_role("status")).to_be_visible()
        payouts = {str(it["beneficiary"]): it for it in self.api.get("/v1/payouts", rail="bank_file")["items"]}
        self.api.until(lambda: all(self.status(it) == "processing" for it in payouts.values()))
        return [payouts[self.api.person(name)] for name in _IBANS]

    def status(self, payout: dict[str, Any]) -> str:
        """What became of a payout."""
        return str(self.api.get(f"/v1/payouts/{payout['id']}")["status"])

    def hears_of_the_bank(self, una: dict[str, Any], val: dict[str, Any]) -> None:
        """The file is taken to the bank; of it one payment arrived and one came back; one line names no payout of ours."""
        self.pia.goto(f"{self.url}/payouts/bank-file?format=pain.001")
        with self.pia.expect_download() as download:
            self.pia.get_by_role("button", name=re.compile("^Download the file, 2 payouts")).click()
        file = self.folder / "pain.xml"
        download.value.save_as(file)
        assert ("<NbOfTxs>2</NbOfTxs>" in file.read_text(), "<CtrlSum>225.00</CtrlSum>" in file.read_text()) == (
            True,
            True,
        )
        answer = self.folder / "camt.xml"
        lines = [
            Booked(named=una["id"], amount=-12_500, other=_IBANS["Una"]),
            Booked(named=val["id"], amount=-10_000, other=_IBANS["Val"]),
            Booked(named=val["id"], amount=10_000, reason="AC04", other=_IBANS["Val"]),
            Booked(named="pay_01AAAAAAAAAAAAAAAAAAAAAAAA", amount=-4_200),
        ]
        answer.write_bytes(banking.camt(lines))
        self.pia.goto(f"{self.url}/payouts/reconcile")
        self.pia.get_by_label(re.compile("^File:")).set_input_files(answer)
        self.pia.get_by_role("button", name="Show what would become of it").click()
        self.sound(self.pia)
        self.pia.get_by_role("button", name="Take 4 lines").click()
        expect(self.pia.get_by_role("link", name="Cases to decide")).to_be_visible()
        assert (self.status(una), self.status(val)) == ("completed", "returned")
        assert [it["kind"] for it in self.api.get("/v1/cases", status="open")["items"]].count("bank_line") == 1
        assert [it["status"] for it in _rewards(self.world, "Val")] == ["in_review"], "what came back is approved anew"

    def is_audited(self, una: dict[str, Any]) -> None:
        """An auditor who had no part in it looks at the page of the payout, and signs the month."""
        self.api.move("2026-06-02T09:00:00Z")
        self.aud.goto(f"{self.url}/audit/payouts/{una['id']}")
        expect(self.aud.locator("main")).to_contain_text("125.00")
        self.sound(self.aud)
        self.api.until(lambda: self.api.get("/v1/audits/months/2026-05")["head"])  # it is signed once a second
        self.aud.goto(f"{self.url}/audit/months/2026-05")
        self.sound(self.aud)
        self.aud.get_by_role("button", name="Sign the audit of 2026-05").click()
        expect(self.aud.get_by_role("status").first).to_be_visible()
        assert self.api.get("/v1/audits/months/2026-05")["signed"]

    def reaches_the_threshold(self) -> None:
        """From the threshold of the year on a payout waits for the form; it is given, and the statement of the year is printed."""
        assert self.api.call("owner", "PUT", "/v1/tax", json={"jurisdictions": ["us"], "timezone": "UTC"}).is_success
        self.ola.goto(f"{self.url}/payouts/tax")
        self.ola.get_by_role("button", name="Confirm it").click()
        at = {"program": "dollars"}
        self.api.send(sent.enrolled("m-e-w", "Wes", "WES", **at), sent.lead("m-l-w", "friend of Wes", code="WES", **at))
        self.api.send(sent.purchase("m-o-w", "friend of Wes", "M-W", 2_000_000, "USD"))
        self.api.payee("Wes", "bank_file", name="Wes Miller", account="000-12345", bank="011401533")
        (reward,) = _rewards(self.world, "Wes")
        self.approve(self.ana, reward["id"], "2,000.00")
        self.api.move("2026-07-20T09:00:00Z")
        draft = f"{self.url}/payouts/draft?rail=bank_file&unit=USD"
        self.pia.goto(draft)
        expect(self.pia.locator("main")).to_contain_text("tax form")
        wes = self.api.person("Wes")
        self.pia.goto(f"{self.url}/people/{wes}/tax?form=us:w9")
        for field, value in _W9.items():
            self.pia.locator(f"input[name={field}]").fill(value)
        self.pia.get_by_role("button", name=re.compile("^Give")).click()
        expect(self.pia.get_by_role("status").first).to_be_visible()
        assert _W9["ssn"] not in self.pia.content()
        self.pia.goto(draft)
        self.pia.get_by_role("button", name="Draft 1 payout, 2,000.00 USD").click()
        expect(self.pia.get_by_role("status")).to_be_visible()
        statement = f"{self.url}/people/{self.api.person('Una')}/statements/2026"
        self.pia.goto(statement)
        expect(self.pia.locator("main")).to_contain_text("125.00")
        self.sound(self.pia)
        self.pia.emulate_media(media="print")
        expect(self.pia.locator(".side")).to_be_hidden()
        assert self.pia.request.get(f"{statement}/pdf").body()[:5] == b"%PDF-"
