"""The record of a flagged reward in a browser: by keys alone it is opened and approved, and that it was opened is said once."""

from typing import Any

from playwright.sync_api import Page, expect
from tests.browser.conftest import World


def _flagged(world: World) -> dict[str, Any]:
    """A reward in review whose payee changed their account while it was open."""
    for name in ("Ann", "Ann B."):
        world.api.payee("Ann", name=name)
    world.api.move("2026-04-01T00:00:00Z")
    ann = world.api.person("Ann")
    found = world.api.get("/v1/rewards", status="in_review", beneficiary=ann)["items"]
    return next(it for it in found if it["unit"] == "EUR")


def test_a_flagged_reward_is_opened_and_approved_by_keys(page: Page, world: World) -> None:
    """Its button is dead until e opened what is doubtful; a approves it then; one look stands on the record."""
    reward = _flagged(world)
    page.goto(f"{world.url}/console/rewards?status=in_review")
    row = page.locator(f"a.row-link[href*='{reward['id']}']")
    row.focus()
    page.keyboard.press("Enter")
    approve = page.locator(".drawer button[data-deed=a]")
    expect(approve).to_be_disabled()
    page.keyboard.press("a")
    assert world.api.get(f"/v1/rewards/{reward['id']}")["status"] == "in_review"
    page.keyboard.press("e")
    expect(approve).to_be_enabled()
    expect(page.locator(".drawer [data-count]")).to_have_text("1 of 1 open checks opened")
    page.keyboard.press("r")
    page.locator(".drawer textarea").first.press("a")  # dead in a field
    page.locator(".drawer .title").focus()
    with page.expect_navigation():
        page.keyboard.press("a")
    assert world.api.get(f"/v1/rewards/{reward['id']}")["status"] == "approved"
    page.goto(f"{world.url}/console/rewards/{reward['id']}")
    expect(page.locator(".lookers li", has_text="opened")).to_have_count(1)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
