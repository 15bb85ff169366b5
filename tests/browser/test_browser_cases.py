"""Cases by keyboard alone: one after the other in the record beside the list, several as one list."""

import pytest
from playwright.sync_api import Page, expect
from testkit import browser as real
from testkit import sent
from tests.browser.conftest import World

_LIST = "/console/cases"


@pytest.fixture(scope="module")
def asked_back(world: World) -> World:
    """Return the world with six orders whose money the bank asks back: a case each."""
    for n in range(6):
        world.api.send(
            sent.enrolled(f"case-{n}", f"Cat {n}", f"CAT{n}"),
            sent.lead(f"case-lead-{n}", f"Dan {n}", code=f"CAT{n}"),
            sent.purchase(f"case-order-{n}", f"Dan {n}", f"CASE-{n}", 20_000 + n),
        )
    world.api.send(*(sent.chargeback(f"case-bank-{n}", f"CASE-{n}", f"case-cb-{n}") for n in range(6)))
    world.api.until(lambda: len(_open(world)) >= 6)
    return world


def _open(world: World) -> list[str]:
    return [one["id"] for one in world.api.get("/v1/cases", status="open", limit=200)["items"]]


def _case(world: World, id_: str) -> dict[str, object]:
    found: dict[str, object] = world.api.get(f"/v1/cases/{id_}")
    return found


def test_one_after_the_other_is_decided_beside_the_list(page: Page, asked_back: World) -> None:
    """J, Enter, read the evidence, a number: it asks why; why and the number again: the next one comes, and the row stays, gone."""
    first, second = _open(asked_back)[:2]
    page.goto(f"{asked_back.url}{_LIST}")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    drawer = page.locator(".drawer")
    expect(drawer.locator(".title")).to_be_focused()
    expect(drawer.get_by_role("heading", name="What was seen")).to_be_visible()
    expect(drawer.locator("table.held tbody tr").first).to_contain_text("Dan")
    for key in "eths12":
        expect(drawer.locator(f"[data-deed='{key}']").first).to_be_visible()
    assert drawer.evaluate("it => it.querySelector('.body').scrollWidth <= it.clientWidth")
    assert real.axe(page) == []
    page.keyboard.press("2")
    why = drawer.locator("form.deciding select[name=reason]")
    expect(why).to_be_focused()
    assert _case(asked_back, first)["status"] == "open"
    page.keyboard.type("Looked")
    page.keyboard.press("Tab")
    drawer.locator(".title").focus()  # a letter in a field stays a letter
    page.keyboard.press("2")
    expect(drawer.locator("[data-record]")).to_have_attribute("data-record", second)
    assert (_case(asked_back, first)["status"], _case(asked_back, first)["outcome"]) == ("decided", "confirmed")
    expect(page.locator(f"tr.gone a[href*='{first}']")).to_be_visible()
    page.keyboard.press("t")
    expect(drawer.locator(".notice.good")).to_contain_text("new owner")
    expect(drawer.locator("[data-record]")).to_have_attribute("data-record", second)
    assert _case(asked_back, second)["assignee"]
    page.keyboard.press("j")
    expect(drawer.locator("[data-record]")).not_to_have_attribute("data-record", second)
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_several_are_handled_as_one_list(page: Page, asked_back: World) -> None:
    """X and shift-x select, the bar says what waits and what each key does; t takes them, 1 leads to the list that clears them."""
    ids = _open(asked_back)[-3:]
    page.goto(f"{asked_back.url}{_LIST}")
    page.locator(f"a.row-link[href*='{ids[0]}']").focus()
    page.keyboard.press("x")
    for _ in range(2):
        page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    bar = page.locator(".picked .money-bar")
    expect(bar).to_contain_text("3 cases")
    for key in "ths12":
        expect(bar.locator(f"[data-deed='{key}'] kbd")).to_have_text(key)
    assert real.axe(page) == []
    page.keyboard.press("t")
    page.wait_for_url("**/list/take*")
    expect(page.locator("main")).to_contain_text("Each of them is yours.")
    assert all(_case(asked_back, id_)["assignee"] for id_ in ids)
    page.goto(f"{asked_back.url}{_LIST}?status=mine")
    page.locator(f"a.row-link[href*='{ids[0]}']").focus()
    page.keyboard.press("h")
    expect(bar).to_contain_text("1 case")
    page.keyboard.press("1")
    page.wait_for_url("**deed=cleared*")
    page.locator("select[name=reason]").focus()
    page.keyboard.type("Looked")
    page.locator("main a.row-link").first.focus()
    page.keyboard.press("1")
    page.wait_for_url("**/list/cleared*")
    expect(page.locator("main")).to_contain_text("Each of them is closed.")
    assert [_case(asked_back, id_)["status"] for id_ in ids] == ["decided", "open", "open"]
