"""A finance month in real browsers, each member in their own: from the first reward to what the bank said of its payout."""

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
_ROUTING = "routes:\n  - {name: all, role: approver, fallback: fred@shop.example, days: 5}\n"
_IBANS = {"Una": "DE02120300000000202051", "Val": "FR1420041010050500013M02606"}
_FROM = {"name": "Shop GmbH", "iban": banking.OURS, "town": "Berlin", "country": "DE"}
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
        "ola": "owner",
    }
    for name, role in roles.items():
        api.keys[name] = world.seen.member(f"{name}@shop.example", api, role)
    for rules in (_RULES, _GIFT):
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
    """Two grant what is instant, a promise is missed and its fallback decides, goodwill is approved by a second, the bank answers."""
    api, url = staffed.api, f"{staffed.url}/console"
    ana, fred, pia, pat, ola = (inside(name) for name in ("ana", "fred", "pia", "pat", "ola"))

    # A standing approval, asked for by one and confirmed by another.
    ana.goto(f"{url}/settings/standing")
    ana.get_by_label("Program").select_option("gift")
    ana.get_by_label("Currency of the credit").fill("EUR")
    for label, value in (("for a reward", "25.00"), ("for one beneficiary", "40"), ("in all", "60.00")):
        ana.get_by_label(f"At most {label}").fill(value)
    ana.get_by_label("Until the beginning of this day").fill("2026-12-01")
    ana.get_by_role("button", name="Ask for it").click()
    ola.goto(f"{url}/settings/standing")
    ola.get_by_role("button", name="Approve it beforehand").click()
    expect(ola.get_by_text("(0 %)")).to_be_visible()

    # The first reward is approved; the second is left until its promised day is over, and then its fallback decides it.
    (first,), (second,) = (_rewards(staffed, name) for name in _IBANS)
    api.move("2026-03-17T09:00:00Z")
    ana.goto(f"{url}/rewards/{first['id']}")
    ana.get_by_role("button", name=re.compile("^Approve 100.00")).click()
    expect(ana.get_by_role("status").first).to_be_visible()
    fred.goto(f"{url}/rewards/{second['id']}")
    fred.get_by_role("button", name=re.compile("^Approve 100.00")).wait_for()
    api.move("2026-03-23T09:00:00Z")
    ana.goto(url)
    expect(ana.locator("main")).to_contain_text("promised")

    # Goodwill, entered by one with what would come of it, approved by another.
    pam = inside("ana")
    pam.goto(f"{url}/corrections/new?person=Una&program=partners&origin=goodwill&kind=cash&amount=25.00&currency=EUR")
    pam.get_by_label("Why, for colleagues and the record").fill("Waited for two weeks at our counter.")
    pam.get_by_role("button", name="Enter 25.00 EUR").click()
    (goodwill,) = [it for it in _rewards(staffed, "Una") if it["origin"] == "goodwill"]
    fred.goto(f"{url}/rewards/{goodwill['id']}")
    fred.get_by_role("button", name=re.compile("^Open the evidence")).first.click()
    fred.get_by_role("button", name=re.compile("^Approve 25.00")).click()
    expect(fred.get_by_role("status").first).to_be_visible()
    fred.goto(f"{url}/rewards/{second['id']}")
    fred.get_by_role("button", name=re.compile("^Approve 100.00")).click()
    expect(fred.get_by_role("status").first).to_be_visible()
    assert {it["status"] for name in _IBANS for it in _rewards(staffed, name)} == {"approved"}

    # Drafted by one, released by another; the account that is paid from is confirmed by another owner.
    assert api.call("owner", "PUT", "/v1/debtor", json={"details": _FROM}).is_success
    ola.goto(f"{url}/payouts/bank-file")
    ola.get_by_role("button", name="Confirm the account").click()
    api.move("2026-05-20T09:00:00Z")
    pia.goto(f"{url}/payouts/draft")
    pia.get_by_label("Rail").select_option("bank_file")
    pia.get_by_label("Unit").select_option("EUR")
    pia.get_by_role("button", name="Show what is due").click()
    pia.get_by_role("button", name="Draft 2 payouts, 225.00 EUR").click()
    expect(pia.get_by_role("status")).to_contain_text("Nothing leaves until another member releases them.")
    pat.goto(f"{url}/payouts?status=awaiting_release")
    pat.get_by_role("button", name="Look at the list to release").click()
    pat.get_by_role("button", name="Release 2 payouts, 225.00 EUR").click()
    expect(pat.get_by_role("status")).to_be_visible()
    payouts = {str(it["beneficiary"]): it for it in api.get("/v1/payouts", rail="bank_file")["items"]}
    api.until(lambda: all(api.get(f"/v1/payouts/{it['id']}")["status"] == "processing" for it in payouts.values()))
    una, val = (payouts[api.person(name)] for name in _IBANS)

    # The file for the bank, and the bank's answer: one arrived, one came back, one line names no payout of ours.
    pia.goto(f"{url}/payouts/bank-file?format=pain.001")
    with pia.expect_download() as download:
        pia.get_by_role("button", name=re.compile("^Download the file, 2 payouts")).click()
    file = tmp_path / "pain.xml"
    download.value.save_as(file)
    text = file.read_text()
    assert ("<NbOfTxs>2</NbOfTxs>" in text, "<CtrlSum>225.00</CtrlSum>" in text) == (True, True)
    lines = [
        Booked(named=una["id"], amount=-12_500, other=_IBANS["Una"]),
        Booked(named=val["id"], amount=-10_000, other=_IBANS["Val"]),
        Booked(named=val["id"], amount=10_000, reason="AC04", other=_IBANS["Val"]),
        Booked(named="pay_01AAAAAAAAAAAAAAAAAAAAAAAA", amount=-4_200),
    ]
    answer = tmp_path / "camt.xml"
    answer.write_bytes(banking.camt(lines))
    pia.goto(f"{url}/payouts/reconcile")
    pia.get_by_label(re.compile("^File:")).set_input_files(answer)
    pia.get_by_role("button", name="Show what would become of it").click()
    pia.get_by_role("button", name="Take 4 lines").click()
    expect(pia.get_by_role("link", name="Cases to decide")).to_be_visible()
    became = {it["id"]: it["status"] for it in api.get("/v1/payouts", rail="bank_file")["items"]}
    assert (became[una["id"]], became[val["id"]]) == ("completed", "returned")
    (case,) = [it for it in api.get("/v1/cases", status="open")["items"] if it["kind"] == "bank_line"]
    fred.goto(f"{url}/cases/{case['id']}")
    assert real.axe(fred) == []
    assert api.get(f"/v1/rewards/{second['id']}")["status"] == "in_review", "what came back is approved anew"
