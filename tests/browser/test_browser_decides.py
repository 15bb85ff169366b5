"""What waits is decided in a real browser: by keyboard, one after the other; with a reason."""

import os
import re
import time

import pytest
from playwright.sync_api import Page, expect
from testkit import sent
from tests.browser.conftest import World

_WAITS = "/console/rewards?status=in_review"
#: Rewards that are cleared in one go: a hundred with FULL=1.
_MANY = 100 if os.environ.get("FULL") else 5


@pytest.fixture(scope="module")
def waiting(world: World) -> World:
    """Return the world when the hold of its rewards has ended, and more have come."""
    events = [
        event
        for n in range(_MANY)
        for event in (
            sent.enrolled(f"many-{n}", f"Gwen {n}", f"GWEN{n}"),
            sent.lead(f"many-lead-{n}", f"Hugh {n}", code=f"GWEN{n}"),
            sent.purchase(f"many-order-{n}", f"Hugh {n}", f"MANY-{n}", 20_000 + n),
        )
    ]
    for first in range(0, len(events), 90):
        world.api.send(*events[first : first + 90])
    world.api.move("2026-04-20T09:00:00Z")
    world.api.until(lambda: len(_in_review(world)) >= 2 * _MANY)
    for person in {str(one["beneficiary"]) for one in _in_review(world)}:
        entered = world.api.call("sk", "PUT", f"/v1/people/{person}/payee", json={"rail": "sandbox", "details": {}})
        assert entered.is_success, entered.text
    return world


def _in_review(world: World) -> list[dict[str, object]]:
    return list(world.api.get("/v1/rewards", status="in_review", limit=200)["items"])


def _open_first(page: Page, world: World) -> str:
    """Open the record of the first reward that waits by its keys, in a window without room for a drawer; returns its id."""
    page.set_viewport_size({"width": 1000, "height": 900})
    page.goto(f"{world.url}{_WAITS}")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/rewards/rwd_*")
    expect(page.get_by_role("button", name=re.compile("^Approve")).first).to_be_visible()
    return page.url.rpartition("/")[2].partition("?")[0]


def _status(world: World, reward: str) -> str:
    return str(world.api.get(f"/v1/rewards/{reward}")["status"])


def test_a_reward_is_rejected_with_a_reason(page: Page, waiting: World) -> None:
    """The key opens what has to be filled in; in its field a letter is a letter; who is told why is told by the log."""
    id_ = _open_first(page, waiting)
    page.keyboard.press("r")
    reason = page.locator("details[open] input[name=reason]").nth(1)
    expect(page.locator("details[open] input[name=reason]").first).to_be_focused()
    reason.check()
    said = str(reason.get_attribute("value"))
    page.get_by_label("Note, for colleagues").press("a")
    page.get_by_label("Note, for colleagues").fill("approve? no")
    assert _status(waiting, id_) == "in_review"
    page.get_by_role("button", name=re.compile("^Reject .*[0-9]")).click()
    expect(page.get_by_role("status").first).to_be_visible()
    assert _status(waiting, id_) in {"rejected", "in_review"}
    page.goto(f"{waiting.url}/console/rewards/{id_}")
    expect(page.locator("main")).to_contain_text(re.compile(said.replace("_", " "), re.IGNORECASE))


def test_what_waits_is_cleared_by_keyboard_alone(page: Page, waiting: World) -> None:
    """j, Enter, a: until only what must be looked at is left. Decisions, and the time that they took, are printed."""
    before = len(_in_review(waiting))
    begun, took = time.perf_counter(), []
    for _ in range(_MANY):
        pressed = time.perf_counter()
        id_ = _open_first(page, waiting)
        page.keyboard.press("a")
        page.wait_for_url("**done=approved*")
        took.append(time.perf_counter() - pressed)
        assert _status(waiting, id_) == "approved"
    elapsed = time.perf_counter() - begun
    print(
        f"{len(took)} rewards approved by keyboard in {elapsed:.1f} s, {sorted(took)[len(took) // 2] * 1e3:.0f} ms each"
    )
    assert len(_in_review(waiting)) == before - _MANY


def test_a_key_is_exchanged_and_shown_once(page: Page, world: World) -> None:
    """It says in its text where it works; no other page shows it."""
    page.goto(f"{world.url}/console/settings/keys")
    page.get_by_role("button", name=re.compile("^Exchange")).last.click()
    key = page.locator(".secret").inner_text().strip()
    assert re.match(r"gw_\wk_sandbox_\w{20,}", key)
    page.goto(f"{world.url}/console/settings/keys")
    assert key not in page.content()
