"""What takes two people, done by two in browsers of their own: a payout that another drafted, a claim that another decided."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Page, expect
from testkit import browser as real
from testkit import sent
from testkit.database import rows
from tests.browser.conftest import World

from goodword.core import calendar

_PASSWORD = "four odd words apart"
#: Opens the console as a member, in a browser in which nobody was yet.
Inside = Callable[[str], Page]


@pytest.fixture
def inside(browser: Browser, world: World) -> Iterator[Inside]:
    """Yield what signs somebody in by a link."""
    opened = []

    def enter(mail: str) -> Page:
        opened.append(browser.new_context(viewport={"width": 1440, "height": 900}))
        real.enter(opened[-1], world.link(mail))
        return opened[-1].new_page()

    yield enter
    for context in opened:
        context.close()


def _left_open(world: World) -> None:
    """Let everybody have proved who they are twenty minutes ago."""
    earlier = "update session set sure_at = sure_at - $1 returning 1"
    with ThreadPoolExecutor(1) as apart:  # from the loop that drives the browser
        assert apart.submit(rows, world.seen.it.dsn, earlier, 20 * calendar.MINUTE).result()


@pytest.fixture(scope="module")
def owed(world: World) -> World:
    """Return the world when Gwen is owed what an owner approved, and it is due; Pia and Pat are payers."""
    api = world.api
    for name in ("pia", "pat"):
        world.seen.member(f"{name}@shop.example", api, "payer")
    api.send(
        sent.enrolled("enrol-g", "Gwen", "GWEN"),
        sent.lead("lead-g", "Hugh", code="GWEN"),
        sent.purchase("order-g", "Hugh", "INV-G", 20_000),
    )
    api.payee("Gwen")
    api.move("2026-04-20T09:00:00Z")
    [reward] = api.get("/v1/rewards", beneficiary=api.person("Gwen"))["items"]
    assert api.agree("/v1/approvals", reward["id"])["verdicts"][0]["outcome"] == "approved"
    api.move("2026-08-01T09:00:00Z")
    return world


def test_a_second_member_releases_what_another_drafted(inside: Inside, owed: World) -> None:
    """Who drafted it cannot alone; another, whose browser was left open, is asked who they are; a wrong answer sends nothing."""
    pia = inside("pia@shop.example")
    pia.goto(f"{owed.url}/console/payouts")
    pia.get_by_role("link", name="Draft payouts").click()
    pia.get_by_label("Rail").select_option("sandbox")
    pia.get_by_label("Unit").select_option("EUR")
    pia.get_by_role("button", name="Show what is due").click()
    expect(pia.locator("tr", has_text="Gwen")).to_contain_text("Gathered")
    pia.get_by_role("button", name="Draft 1 payout, 20.00 EUR").click()
    expect(pia.get_by_role("status")).to_contain_text("Nothing leaves until another member releases them.")
    [payout] = owed.api.get("/v1/payouts", status="awaiting_release")["items"]
    pia.get_by_role("button", name="Look at the list to release").click()
    expect(pia.locator("tr", has_text="Gwen")).to_contain_text("You drafted it")
    pia.get_by_role("button", name="Release 1 payout, 20.00 EUR").click()
    expect(pia.get_by_role("status")).to_contain_text("as the first of two")
    pia.get_by_role("button", name="Look at the list to release").click()
    pia.get_by_role("button", name="Release 1 payout, 20.00 EUR").click()
    expect(pia.get_by_role("alert")).to_be_visible()
    assert owed.api.get(f"/v1/payouts/{payout['id']}")["status"] == "awaiting_release"

    pat = inside("pat@shop.example")
    pat.goto(f"{owed.url}/console/settings")
    pat.get_by_label("New password").fill(_PASSWORD)
    pat.get_by_role("button", name="Set a password").click()
    expect(pat.get_by_role("status")).to_be_visible()
    _left_open(owed)
    pat.goto(f"{owed.url}/console/payouts?status=awaiting_release")
    pat.get_by_role("button", name="Look at the list to release").click()
    expect(pat.locator("tr", has_text="Gwen")).to_contain_text("1 of 2")
    pat.get_by_role("button", name="Release 1 payout, 20.00 EUR").click()
    expect(pat.get_by_role("heading", name="Is it you?")).to_be_visible()
    pat.get_by_label("Password").fill("somebody else's password")
    pat.get_by_role("button", name="Go on").click()
    expect(pat.get_by_role("alert")).to_be_visible()
    assert owed.api.get(f"/v1/payouts/{payout['id']}")["status"] == "awaiting_release"
    pat.get_by_label("Password").fill(_PASSWORD)
    pat.get_by_role("button", name="Go on").click()
    expect(pat.get_by_role("status")).to_be_visible()
    owed.api.until(lambda: owed.api.get(f"/v1/payouts/{payout['id']}")["status"] == "completed")
    pat.goto(f"{owed.url}/console/payouts/{payout['id']}")
    expect(pat.locator("main")).to_contain_text("pat@shop.example")


def test_a_case_of_two_claimants_is_decided_and_appealed(inside: Inside, world: World) -> None:
    """Support enters that another brought a customer; an approver sees both sides and decides; it is appealed, and a second decides."""
    for name, role in (("sue", "support"), ("anna", "approver"), ("ben", "approver")):
        world.seen.member(f"{name}@shop.example", world.api, role)
    world.api.send(
        sent.enrolled("enrol-i", "Ida", "IDA"),
        sent.enrolled("enrol-r", "Rob", "ROB"),
        sent.lead("lead-c", "Carl", code="IDA"),
        sent.purchase("order-c", "Carl", "INV-C", 20_000),
    )
    event = world.api.get("/v1/events/lead-c")["evt"]
    sue = inside("sue@shop.example")
    sue.goto(f"{world.url}/console/claims")
    sue.get_by_role("link", name="Enter a claim").click()
    sue.get_by_label("The friend who was brought").fill("Carl")
    sue.get_by_label("Advocate 1").fill("Rob")
    sue.get_by_label("When they were brought").fill("2026-03-02T09:00")
    sue.get_by_label("Why, in a word").fill("phone")
    sue.get_by_label("Evidence").fill(event)
    sue.get_by_role("button", name="Enter the claim").click()
    expect(sue.get_by_role("status")).to_be_visible()
    address = sue.url.partition("?")[0]
    expect(sue.locator("button[name=outcome]")).to_have_count(0)

    anna = inside("anna@shop.example")
    anna.goto(address)
    expect(anna.get_by_role("heading", name="Carl is claimed twice")).to_be_visible()
    sides = anna.locator("table.versus")
    expect(sides.get_by_role("columnheader")).to_have_text([re.compile("Rob.*claims it"), re.compile("Ida.*holds it")])
    for row in ("How sure", "First touch", "Terms"):
        expect(sides.locator("tr", has_text=row).locator("td")).to_have_count(2)
    anna.get_by_label("Why").first.select_option(index=1)
    anna.get_by_role("button", name="Give 20.00 EUR to Rob").click()
    expect(anna.get_by_role("status")).to_be_visible()
    assert _earned(world, "Rob") == 2_000
    assert _earned(world, "Ida") == 0

    anna.locator("summary", has_text="Appeal").click()
    anna.get_by_label("Why").first.select_option(index=1)
    anna.get_by_role("button", name="Have it decided again").click()
    expect(anna.locator("button[name=outcome]:disabled")).to_have_count(4)

    ben = inside("ben@shop.example")
    ben.goto(address)
    ben.get_by_label("Why").first.select_option(index=1)
    ben.keyboard.press("1")
    expect(ben.get_by_role("status")).to_be_visible()
    assert _earned(world, "Ida") == 2_000
    assert _earned(world, "Rob") == 0


def _earned(world: World, person: str) -> int:
    found = world.api.get("/v1/rewards", beneficiary=world.api.person(person))["items"]
    return sum(int(one["amount"]) for one in found)
