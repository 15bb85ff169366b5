"""Many rewards decided as one list in a real browser: while one of them changes, and with one whose evidence nobody opened."""

import re

import pytest
from playwright.sync_api import Page, expect
from testkit import sent
from tests.browser.conftest import World

#: Rewards that are selected at once: a page of the queue.
_FIFTY = 50


@pytest.fixture(scope="module")
def queue(world: World) -> World:
    """Return the world when fifty rewards of one advocate, Gwen, and three of another, Fay, wait for somebody."""
    api = world.api
    api.send(sent.enrolled("enrol-g", "Gwen", "GWEN"), sent.enrolled("enrol-f", "Fay", "FAY"))
    for code, many in (("GWEN", _FIFTY), ("FAY", 3)):
        api.send(*(sent.lead(f"lead-{code}-{n}", f"Hugh {code} {n}", code=code) for n in range(many)))
        api.send(*(sent.purchase(f"order-{code}-{n}", f"Hugh {code} {n}", f"{code}-{n}", 20_000) for n in range(many)))
    api.payee("Gwen")
    api.payee("Fay", name="Fay")
    api.move("2026-04-20T09:00:00Z")
    return world


def _statuses(world: World, person: str) -> list[str]:
    found = world.api.get("/v1/rewards", beneficiary=world.api.person(person), limit=200)["items"]
    return [str(one["status"]) for one in found]


def _reward(world: World, invoice: str) -> str:
    found = world.api.get("/v1/rewards", conversion=f"inv:{invoice}")["items"]
    return next(str(one["id"]) for one in found if one["side"] == "advocate")


def _chosen(page: Page, world: World, payee: str) -> None:
    """Choose all rewards of a payee that stand on the first page, by keys."""
    page.goto(f"{world.url}/console/rewards?payee={payee}")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.locator("a.row-link").last.focus()
    page.keyboard.press("Shift+X")


def test_fifty_are_approved_while_one_of_them_changes(page: Page, queue: World) -> None:
    """A refund stops the list, then a colleague who rejects one: who it is stands there, and nothing is approved; then the rest is."""
    _chosen(page, queue, "Gwen")
    approve = page.locator(".picked button[data-deed=a]")
    expect(approve).to_contain_text(f"Approve {_FIFTY} rewards, 1,000.00 EUR")
    queue.api.send(sent.refund("half", "GWEN-7", "RF-7", 10_000))
    page.keyboard.press("a")
    stopped = page.get_by_role("alert")
    expect(stopped).to_contain_text(f"Gwen, rwd …{_reward(queue, 'GWEN-7')[-6:]}, 20.00 EUR: now 10.00 EUR")
    assert set(_statuses(queue, "Gwen")) == {"in_review"}
    expect(page.get_by_role("button", name=re.compile(f"^Approve {_FIFTY} rewards, 990.00 EUR"))).to_be_enabled()
    gone = _reward(queue, "GWEN-8")
    body = {"items": queue.api.get("/v1/approvals", id=[gone])["items"], "reason": "terms"}
    queue.api.say("second", "/v1/rewards/rejections", body)
    page.keyboard.press("a")
    expect(stopped).to_contain_text(f"Gwen, rwd …{gone[-6:]}, 20.00 EUR")
    assert "approved" not in _statuses(queue, "Gwen")
    expect(page.locator("tr.gone", has_text=f"rwd …{gone[-6:]}")).to_contain_text("Left out")
    page.keyboard.press("a")
    expect(page.locator("main .sum")).to_contain_text(f"{_FIFTY - 1} rewards, 970.00")
    statuses = _statuses(queue, "Gwen")
    assert (statuses.count("approved"), statuses.count("rejected")) == (_FIFTY - 1, 1)


def test_of_a_list_a_flagged_one_is_approved_by_who_opened_its_evidence(page: Page, queue: World) -> None:
    """It is struck out with the reason; once its evidence was opened beside the list it is in it, and approved with the others."""
    queue.api.payee("Fay", name="Fay F.")
    _chosen(page, queue, "Fay")
    bar = page.locator(".picked")
    expect(bar).to_contain_text("3 of 3 left out")
    expect(bar.locator("s")).to_have_count(3)
    expect(bar.locator("button[data-deed=a]")).to_be_disabled()
    for n in range(3):
        page.locator("a.row-link").nth(n).focus()
        page.keyboard.press("Enter")
        expect(page.locator(".drawer .place")).to_have_text(f"{n + 1} of 3")
        page.keyboard.press("e")
        expect(page.locator(".drawer [data-count]")).to_contain_text("1 of 1")
        page.keyboard.press("Escape")
        expect(page.locator(".drawer")).to_be_hidden()
        expect(bar.locator("s")).to_have_count(2 - n)
    page.keyboard.press("a")
    expect(page.locator("main .sum")).to_contain_text("3 rewards, 60.00")
    assert _statuses(queue, "Fay") == ["approved"] * 3
